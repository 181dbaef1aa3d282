"""The plugins of an installation: found by their entry points, checked, read once per process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import Distribution, EntryPoint, entry_points
from typing import overload

from tiesan.contract import broken_promises
from tiesan.errors import UserError
from tiesan.facts.derived import Derivation, Excuse
from tiesan.i18n import _, add_translations
from tiesan.plugin import FAULTS, Plugin, said
from tiesan.records.answers import Answer
from tiesan.records.base import Record
from tiesan.records.grids import Grid

ENTRY_POINTS = "tiesan.plugins"
DISTRIBUTION = "tiesan"


@dataclass(frozen=True)
class FoundPlugin:
    """A plugin and where it was found (distribution and version, for ``tiesan plugins list``)."""

    plugin: Plugin
    origin: str


class Plugins(Sequence[Plugin]):
    """The plugins found, in the order of their names; read once per process."""

    def __init__(self, found: Sequence[FoundPlugin]) -> None:
        """Take the plugins found; raises UserError when one breaks the contract."""
        self.found = tuple(found)
        problems = broken_promises([each.plugin for each in found])
        if problems:
            raise UserError(problems)

    @overload
    def __getitem__(self, position: int) -> Plugin: ...

    @overload
    def __getitem__(self, position: slice) -> tuple[Plugin, ...]: ...

    def __getitem__(self, position: int | slice) -> Plugin | tuple[Plugin, ...]:
        """The plugin at a position, or the plugins of a slice."""
        return self._plugins[position]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.found)

    @cached_property
    def _plugins(self) -> tuple[Plugin, ...]:
        return tuple(each.plugin for each in self.found)

    @cached_property
    def by_name(self) -> Mapping[str, Plugin]:
        """The plugins by name."""
        return {each.name: each for each in self._plugins}

    @property
    def records(self) -> tuple[type[Record], ...]:
        """The record classes of all plugins, in import order."""
        return tuple(record for each in self._plugins for record in each.records)

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        """The derived fields of all plugins."""
        return tuple(derivation for each in self._plugins for derivation in each.derivations)

    @property
    def excuses(self) -> tuple[Excuse, ...]:
        """The records that excuse from duties."""
        return tuple(each.excuse for each in self._plugins if each.excuse is not None)

    @property
    def grids(self) -> tuple[Grid, ...]:
        """The grids of all plugins."""
        return tuple(grid for each in self._plugins for grid in each.grids)

    @property
    def answers(self) -> Mapping[tuple[str, str | None], Answer]:
        """The answers of all plugins, by kind and field; None is the form of the kind."""
        return {(each.kind, each.field): each for one in self._plugins for each in one.answers}

    @property
    def escalating(self) -> Plugin | None:
        """The plugin that a confirmed flag can be escalated to, if there is one."""
        return next((each for each in self._plugins if each.escalation is not None), None)

    @property
    def confidential(self) -> frozenset[str]:
        """The confidential fact kinds."""
        confidential = (each for each in self.records if each.policy.confidential)
        return frozenset(each.record_kind.name for each in confidential)


@cache
def load_plugins() -> Plugins:
    """Find and read every installed plugin, once per process.

    Raises UserError with one clear line when one cannot be loaded: the application does not start
    with an institution missing.
    """
    # Built-in ones first: a table that two define is the other one's mistake.
    points = sorted(entry_points(group=ENTRY_POINTS), key=_built_in_first)
    found = [_load(point) for point in points]
    plugins = Plugins(sorted(found, key=lambda each: each.plugin.name))
    for plugin in plugins:
        if plugin.translations is not None:
            add_translations(plugin.translations)
    return plugins


def _built_in_first(point: EntryPoint) -> tuple[bool, str]:
    return point.dist is None or _said_of(point.dist)[0] != DISTRIBUTION, point.name


@cache
def _said_of(distribution: Distribution) -> tuple[str, str]:
    """Name and version of a distribution, whose file is parsed each time that it is asked."""
    said = distribution.metadata
    return said["Name"], said["Version"]


def load_draft(name: str) -> FoundPlugin:
    """Read a plugin that is not installed, by ``MODULE:NAME``.

    Raises UserError with one clear line when there is none.
    """
    value = _value(EntryPoint(name, name, ENTRY_POINTS), name)
    if not isinstance(value, Plugin):
        raise UserError(_("%s is no plugin; allowed: MODULE:NAME of a Plugin value") % name)
    return FoundPlugin(value, name)


def _load(point: EntryPoint) -> FoundPlugin:
    origin = " ".join(_said_of(point.dist)) if point.dist else point.value
    value = _value(point, origin)
    if not isinstance(value, Plugin) or value.name != point.name:
        text = _("Plugin %(name)s (%(origin)s) is no plugin of that name.")
        raise UserError(text % {"name": point.name, "origin": origin})
    return FoundPlugin(value, origin)


def _value(point: EntryPoint, origin: str) -> object:
    """What an entry point names; raises UserError when it cannot be loaded."""
    try:
        return point.load()
    except FAULTS as error:
        text = _("Plugin %(name)s (%(origin)s) cannot be loaded: %(error)s")
        named = {"name": point.name, "origin": origin, "error": said(error)}
        raise UserError(text % named) from error
