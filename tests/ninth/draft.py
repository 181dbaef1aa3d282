"""Drafts the first revision of a plugin's history, as its author would."""

from tiesan_hardship import plugin

from tiesan.config import database_url
from tiesan.database import make_engine
from tiesan.migrate import draft_revision
from tiesan.schema import plugin_part

part = plugin_part(plugin)
if part is not None:
    draft_revision(make_engine(database_url()), part, "0001", "Create the tables of hardship")
