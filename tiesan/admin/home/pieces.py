"""What plugins put on a person's home page, loaded and checked when the pages are made.

The first section, *Today*, is the institutions' own: the core knows none of them. A plugin names a
tuple of pieces in the field ``home`` of its contract; each says what it shows on a day, and by
which of the templates that lie beside its module.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib import import_module
from pathlib import Path

from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, TemplateNotFound
from jinja2.exceptions import TemplateSyntaxError
from sqlalchemy.orm import Session

from tiesan.access.viewer import Viewer
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.plugin import Plugin, load_named, split_name
from tiesan.records.settings import read_exceptions

# The folder beside the module that a plugin names, in which its templates lie.
_TEMPLATES = "templates"
# A plugin's name before it tells its templates from those of the application.
_OF_PLUGIN = ":"


@dataclass(frozen=True)
class Today:
    """Whose first page it is, on which day, and what is asked of them for that day.

    ``session`` sees what the viewer may see. ``asked`` are the kinds of records that the rules in
    force ask of the viewer for this very day and that are not there yet, as the evaluator says.
    """

    session: Session
    viewer: Viewer
    day: date
    asked: frozenset[str]

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """The working days of the installation."""
        return WorkingCalendar(read_exceptions(self.session))


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the section *Today* of everybody who stands for a cadre in post.

    ``shown`` gives what the template is given as ``piece``, or None where there is nothing to show.
    ``template`` is the name of a file in the folder ``templates`` beside the module. What the
    piece ``answers``, the kinds of records that are entered in it, is not listed once more below.
    """

    template: str
    shown: Callable[[Today], object | None]
    answers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Offered:
    """A piece with the plugin whose it is, and its template as the application knows it."""

    plugin: str
    piece: Piece
    template: str


def pieces_of(plugin: Plugin) -> tuple[Piece, ...]:
    """Return the pieces that a plugin names, in their order.

    Raises UserError with one line when they cannot be loaded or are something else.
    """
    offered = load_named(plugin, "home")
    if offered is None:
        return ()
    if not isinstance(offered, tuple) or not all(isinstance(each, Piece) for each in offered):
        raise UserError(_refusal(plugin, _("it is no tuple of Piece")))
    return offered


def add_pieces(app: Flask, plugins: Iterable[Plugin]) -> list[Offered]:
    """Make the templates of pieces known to an application; return all pieces.

    Raises UserError with one line for a template that is not there or cannot be read.
    """
    named = [plugin for plugin in plugins if plugin.home is not None]
    pieces = {plugin.name: pieces_of(plugin) for plugin in named}
    folders = {plugin.name: FileSystemLoader(_folder(plugin)) for plugin in named}
    known = app.jinja_env.loader
    own = PrefixLoader(folders, delimiter=_OF_PLUGIN)
    app.jinja_env.loader = own if known is None else ChoiceLoader([known, own])
    return [_offered(app, plugin, piece) for plugin in named for piece in pieces[plugin.name]]


def _offered(app: Flask, plugin: Plugin, piece: Piece) -> Offered:
    template = f"{plugin.name}{_OF_PLUGIN}{piece.template}"
    try:
        app.jinja_env.get_template(template)
    except TemplateNotFound as error:
        text = _("there is no template %(file)s")
        file = _folder(plugin) / piece.template
        raise UserError(_refusal(plugin, text % {"file": file})) from error
    except TemplateSyntaxError as error:
        text = _("its template %(file)s is wrong: %(error)s")
        named = {"file": piece.template, "error": error.message}
        raise UserError(_refusal(plugin, text % named)) from error
    return Offered(plugin.name, piece, template)


def _folder(plugin: Plugin) -> Path:
    """The folder beside the module that a plugin names."""
    module = import_module(split_name("home", plugin.home or "")[0])
    return Path(module.__file__ or "").parent / _TEMPLATES


def _refusal(plugin: Plugin, problem: str) -> str:
    text = _("Plugin %(name)s: its home (%(where)s): %(problem)s")
    return text % {"name": plugin.name, "where": plugin.home, "problem": problem}
