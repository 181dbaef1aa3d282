"""What a plugin keeps to, so that it disturbs neither the core nor another plugin.

Checked whenever plugins are loaded; each promise that is broken is one line.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from tiesan.columns import RecordKind, field_of
from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import _
from tiesan.people.models import Cadre, Organization
from tiesan.records.settings import CalendarException, RuleParameterValue

if TYPE_CHECKING:
    from tiesan.plugin import Plugin
    from tiesan.records.base import Record

# No underscore: what stands before the first one of a table is the name of its plugin.
_NAME = re.compile(r"[a-z][a-z0-9]{0,39}")
_RESERVED = "core"
_CORE_KINDS: tuple[RecordKind, ...] = (
    Organization.record_kind,
    Cadre.record_kind,
    CalendarException.record_kind,
    RuleParameterValue.record_kind,
)
# A fact kind without rows of its own, see tiesan.rules.flag_kind.
_FLAG = "flag"


def broken_promises(plugins: Sequence["Plugin"]) -> list[str]:
    """One line for each promise that a plugin breaks, by plugin."""
    return [
        _("Plugin %(name)s: %(problem)s") % {"name": plugin.name, "problem": problem}
        for position, plugin in enumerate(plugins)
        for problem in _problems(plugin, plugins[:position], plugins)
    ]


def _problems(
    plugin: "Plugin", before: Sequence["Plugin"], plugins: Iterable["Plugin"]
) -> Iterator[str]:
    yield from _of_names(plugin, before)
    yield from _of_places(plugin)
    yield from _of_kinds(plugin, before)
    yield from _of_policies(plugin)
    yield from _of_references(plugin, plugins)
    if plugin.excuse is not None and any(each.excuse is not None for each in before):
        yield _("what excuses from duties is settled by another plugin already")


def _of_names(plugin: "Plugin", before: Iterable["Plugin"]) -> Iterator[str]:
    if not _NAME.fullmatch(plugin.name) or plugin.name == _RESERVED:
        yield _("a name has up to 40 small letters and digits, and is not “core”")
    if any(each.name == plugin.name for each in before):
        yield _("there are two of that name")
    for record in plugin.records:
        if not record.__tablename__.startswith(f"{plugin.name}_"):
            text = _("the name of the table %(table)s has to begin with %(prefix)s")
            yield text % {"table": record.__tablename__, "prefix": f"{plugin.name}_"}


def _of_places(plugin: "Plugin") -> Iterator[str]:
    versions = plugin.migrations and plugin.migrations / "versions"
    for path, is_there in (
        (plugin.rules, plugin.rules is None or plugin.rules.is_file()),
        (versions, versions is None or versions.is_dir()),
        (plugin.translations, plugin.translations is None or plugin.translations.is_dir()),
    ):
        if not is_there:
            yield _("there is no %(path)s") % {"path": path}
    if plugin.records and versions is None:
        yield _("it has records and no migrations")


def _of_kinds(plugin: "Plugin", before: Iterable["Plugin"]) -> Iterator[str]:
    kinds = [*_CORE_KINDS, *(record.record_kind for each in before for record in each.records)]
    names, files = {_FLAG, *(kind.name for kind in kinds)}, {kind.file for kind in kinds}
    for kind in (record.record_kind for record in plugin.records):
        if kind.name in names or kind.file in files:
            text = _("there is a kind of records “%(kind)s” or a file “%(file)s” already")
            yield text % {"kind": kind.name, "file": kind.file}
        names.add(kind.name)
        files.add(kind.file)
    own = {record.record_kind.name for record in plugin.records}
    named = {each.kind for each in plugin.derivations}
    named |= {plugin.excuse.kind} if plugin.excuse is not None else set()
    for name in sorted(named - own):
        yield _("“%(kind)s” is no kind of its own records") % {"kind": name}


def _of_policies(plugin: "Plugin") -> Iterator[str]:
    for record in plugin.records:
        fields = _fields(record)
        for name in sorted(record.policy.fields - fields.keys()):
            text = _("the policy of %(kind)s names “%(field)s”, which is no field of it")
            yield text % {"kind": record.record_kind.name, "field": name}
        for name in sorted(record.policy.set_by_system | record.policy.days_done):
            if name in fields and fields[name].type is not FieldType.DATE:
                text = _("the policy of %(kind)s has “%(field)s” dated, which is no date")
                yield text % {"kind": record.record_kind.name, "field": name}


def _of_references(plugin: "Plugin", plugins: Iterable["Plugin"]) -> Iterator[str]:
    known = {Organization.record_kind.name, Cadre.record_kind.name}
    known |= {record.record_kind.name for record in plugin.records}
    others = {each.record_kind.name for one in plugins for each in one.records} - known
    for record, name, kind in _references(plugin.records):
        if kind in others:
            text = _("%(kind)s.%(field)s refers to records of another plugin")
            yield text % {"kind": record.record_kind.name, "field": name}
        elif kind not in known:
            text = _("%(kind)s.%(field)s refers to “%(to)s”, which is no kind of records")
            yield text % {"kind": record.record_kind.name, "field": name, "to": kind}


def _references(
    records: Iterable[type["Record"]],
) -> Iterator[tuple[type["Record"], str, str]]:
    """The references of records: the class, the field's name, the kind referred to."""
    for record in records:
        for field in _fields(record).values():
            if field.to is not None:
                yield record, field.name, field.to


def _fields(record: type["Record"]) -> Mapping[str, Field]:
    """The fields of a class by name."""
    found = map(field_of, record.metadata.tables[record.__tablename__].columns)
    return {field.name: field for field in found if field is not None}
