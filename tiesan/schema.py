"""Whether a database has the schema that the program expects.

Every command asks that, and most do nothing else with the schema: Alembic, which changes it, is
left to `tiesan.migrate`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, column, inspect, select, table

from tiesan.discovery import Plugins
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.paths import shipped
from tiesan.plugin import Plugin

CORE = "core"
# What a file of a history says of itself, as Alembic's template writes it.
_SAID = re.compile(
    r"""^(revision|down_revision)\b[^=\n]*=\s*(None|"[^"\n]*"|'[^'\n]*')""", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Part:
    """The core or a plugin, and the folder whose ``versions`` are its history."""

    name: str
    folder: Path

    @property
    def version_table(self) -> str:
        """The table that says which revision of this part a database has."""
        return f"alembic_version_{self.name}"


def core_part() -> Part:
    """The part that comes first."""
    return Part(CORE, shipped("migrations") / CORE)


def plugin_part(plugin: Plugin) -> Part | None:
    """The part of a plugin; None for a plugin that has no tables."""
    return None if plugin.migrations is None else Part(plugin.name, plugin.migrations)


def parts(plugins: Plugins) -> list[Part]:
    """All parts in the order in which they are migrated: the core, then the plugins by name."""
    found = (plugin_part(each) for each in sorted(plugins, key=lambda plugin: plugin.name))
    return [core_part(), *(part for part in found if part is not None)]


def pending(engine: Engine, plugins: Plugins) -> list[str]:
    """The names of the parts that are not at their newest revision; writes nothing."""
    with engine.connect() as connection:
        return [
            part.name
            for part in parts(plugins)
            if current_revision(connection, part) != newest_revision(part)
        ]


def require_current(engine: Engine, plugins: Plugins) -> None:
    """Raise UserError when the database has not been created, or not been migrated."""
    # To connect would create the file, and whoever only reads leaves nothing behind.
    missing = _is_missing_file(engine)
    waiting = [] if missing else pending(engine, plugins)
    if missing or (CORE in waiting and len(waiting) == len(parts(plugins))):
        raise UserError(_("The database is not initialised: run `tiesan init-db` first."))
    if waiting:
        message = _("The database is not at the newest schema (%(parts)s): run `tiesan init-db`.")
        raise UserError(message % {"parts": ", ".join(waiting)})


def _is_missing_file(engine: Engine) -> bool:
    name = engine.url.database
    on_disk = engine.dialect.name == "sqlite" and name not in {None, "", ":memory:"}
    return on_disk and not Path(str(name)).exists()


def current_revision(connection: Connection, part: Part) -> str | None:
    """The revision of a part that a database has; None before the first."""
    if not inspect(connection).has_table(part.version_table):
        return None
    version = table(part.version_table, column("version_num"))
    found: str | None = connection.scalar(select(version.c.version_num))
    return found


def newest_revision(part: Part) -> str | None:
    """The last revision of a part's history, which is linear; None where there is none."""
    files = sorted((part.folder / "versions").glob("*.py"))
    steps = [dict(_SAID.findall(path.read_text(encoding="utf-8"))) for path in files]
    before = {step.get("down_revision") for step in steps}
    newest = (step["revision"] for step in steps if "revision" in step)
    found = next((revision for revision in newest if revision not in before), None)
    return None if found is None else found.strip("\"'")
