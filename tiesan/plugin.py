"""The plugin contract: one value that says what an institution adds.

A plugin is a package that offers a ``Plugin`` under the entry point group ``tiesan.plugins``.
Importing it changes nothing; the loader (``tiesan.discovery``) reads the value, and
``tiesan.contract`` says what it must keep to. Built-in and third-party plugins are found the same
way. ``tiesan`` knows no plugin by name.

What only some need – pages, demo records, courses, imports, pieces of the first page – is not held
but named, and loaded by those who need it, so that a command that evaluates loads nothing of the
web.
"""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from tiesan.errors import UserError
from tiesan.facts.derived import Derivation, Excuse
from tiesan.i18n import _
from tiesan.records.answers import Answer
from tiesan.records.base import Record
from tiesan.records.escalation import Escalation
from tiesan.records.figures import Figure
from tiesan.records.grids import Grid

# The number of this contract. It goes up when a plugin that was written for it would not do any
# more, or would do something else; a new field that may be left out does not change it.
CONTRACT = 1

# What code from elsewhere may raise while it is imported.
FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    SQLAlchemyError,
    SyntaxError,
    TypeError,
    ValueError,
)

# The fields whose values are names, see ``load_named``.
NAMED = ("views", "demo", "courses", "home", "imports")


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """What one institution adds to the application.

    ``contract``: the number of the contract that it was written for. ``records``: its record
    classes, in the order in which rows are imported. ``derivations``: derived fields of its fact
    kinds. ``excuse``: the record that excuses from duties; ``escalation``: what a confirmed flag
    can be escalated to; one plugin at most has each. ``answers``: by which form or verb what its
    records are asked for is done; ``grids``: the forms that store many rows at once; ``figures``:
    what is counted of its records in bulletins and overviews. ``rules``: its rule file;
    ``migrations``: the folder above its Alembic ``versions``; ``translations``: the
    folder of its catalogues, laid out as ``<language>/LC_MESSAGES/messages.mo``; each may be None
    for a plugin without (the texts of built-in plugins are among the application's).

    Five are names, of a module (``plugins.study.views``) or of something in it
    (``plugins.study.demo:write_demo``), see ``load_named``. ``views``: its admin views, in
    navigation order. ``demo``: the function that writes its demo records. ``courses``: the courses
    that its records go through. ``home``: what it puts on a person's home page. ``imports``: the
    kinds of imports in the browser that bring in its records.
    """

    name: str
    title: str
    contract: int
    records: tuple[type[Record], ...] = ()
    derivations: tuple[Derivation, ...] = ()
    excuse: Excuse | None = None
    escalation: Escalation | None = None
    grids: tuple[Grid, ...] = ()
    answers: tuple[Answer, ...] = ()
    figures: tuple[Figure, ...] = ()
    views: str | None = None
    rules: Path | None = None
    migrations: Path | None = None
    translations: Path | None = None
    demo: str | None = None
    courses: str | None = None
    home: str | None = None
    imports: str | None = None


def split_name(field: str, name: str) -> tuple[str, str]:
    """Return the module that a name means and what is asked of it.

    Without a colon that is what the field is called: the ``views`` of ``plugins.study.views``.
    """
    module, _colon, offered = name.partition(":")
    return module, offered or field


def load_named(plugin: Plugin, field: str) -> object | None:
    """Return what a plugin names in one of the fields ``NAMED``; None where it names nothing.

    Its module is imported now. Raises UserError with one line when that fails, or when the module
    does not offer it.
    """
    name: str | None = getattr(plugin, field)
    if name is None:
        return None
    module, offered = split_name(field, name)
    try:
        found: object = getattr(import_module(module), offered)
    except FAULTS as error:
        text = _("Plugin %(name)s: its %(field)s (%(where)s) cannot be loaded: %(error)s")
        named = {"name": plugin.name, "field": field, "where": name, "error": said(error)}
        raise UserError(text % named) from error
    return found


def said(error: BaseException) -> str:
    """Return what code from elsewhere raised, in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
