"""What a plugin keeps to, so that it disturbs neither the core nor another plugin.

Checked whenever plugins are loaded; each promise that is broken is one line. What a plugin only
names is checked when it is loaded (``tiesan.plugin.load_named`` and whoever calls it); here it is
seen whether there is such a module at all.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from tiesan.columns import RecordKind, field_of
from tiesan.facts.derived import Derivation, Excuse
from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import LazyText, _, _l
from tiesan.people.models import Cadre, Organization
from tiesan.plugin import CONTRACT, FAULTS, NAMED, Plugin, split_name
from tiesan.records.answers import SUBJECT, Answer, Filled
from tiesan.records.base import Record
from tiesan.records.escalation import Escalation
from tiesan.records.figures import Figure, broken_figures
from tiesan.records.grids import Grid, broken_grids
from tiesan.records.policy import FILES
from tiesan.records.settings import CalendarException, RuleParameterValue
from tiesan.rules import FLAG

# No underscore: what stands before the first one of a table is the name of its plugin.
_NAME = re.compile(r"[a-z][a-z0-9]{0,39}")
_RESERVED = "core"
# What a class might state of who may do what, and would state in vain: the policy alone counts.
POLICY_ALONE = frozenset({"access", "confidential", "roles"})
# Two letters as a rule; more where a plugin from elsewhere finds its two taken.
_LETTERS = re.compile("[A-Z]{2,4}")
_IDENTIFIER = r"[^\W\d]\w*"
_NAMED = re.compile(rf"{_IDENTIFIER}(\.{_IDENTIFIER})*(:{_IDENTIFIER})?")
_CORE_KINDS: tuple[RecordKind, ...] = (
    Organization.record_kind,
    Cadre.record_kind,
    CalendarException.record_kind,
    RuleParameterValue.record_kind,
)


def broken_promises(plugins: Sequence[Plugin]) -> list[str]:
    """One line for each promise that a plugin breaks, by plugin."""
    unreadable = [(plugin, list(_of_values(plugin))) for plugin in plugins]
    readable = [plugin for plugin, wrong in unreadable if not wrong]
    return [
        _("Plugin %(name)s: %(problem)s") % {"name": plugin.name, "problem": problem}
        for plugin, wrong in unreadable
        for problem in wrong or _of_contents(plugin, readable)
    ]


def _of_contents(plugin: Plugin, plugins: Sequence[Plugin]) -> Iterator[str]:
    """What is wrong with a plugin beside others whose fields are what they should be."""
    before = plugins[: next(at for at, each in enumerate(plugins) if each is plugin)]
    yield from _of_names(plugin, before)
    yield from _of_places(plugin)
    yield from _of_modules(plugin)
    yield from _of_kinds(plugin, before)
    yield from _of_letters(plugin, before)
    yield from _of_policies(plugin)
    yield from _of_references(plugin, plugins)
    if plugin.excuse is not None and any(each.excuse is not None for each in before):
        yield _("what excuses from duties is settled by another plugin already")
    yield from _of_escalation(plugin, before)
    yield from broken_grids(plugin.grids, plugin.records)
    yield from _of_answers(plugin)
    yield from broken_figures(plugin.figures, plugin.records)


def _of_values(plugin: Plugin) -> Iterator[str]:
    """The fields that hold something else than they should; none of them can be relied on then."""
    if plugin.contract != CONTRACT:
        # What its fields mean is not known, so nothing else can be said of it.
        text = _("written for contract %(its)s; this program has %(ours)d")
        yield text % {"its": plugin.contract, "ours": CONTRACT}
        return
    for fields, is_right, what in _TYPES:
        for field in fields:
            if not is_right(getattr(plugin, field)):
                yield _("its %(field)s has to be %(what)s") % {"field": field, "what": what}


def _is_path(value: object) -> bool:
    return value is None or isinstance(value, Path)


def _is_named(value: object) -> bool:
    return value is None or (isinstance(value, str) and _NAMED.fullmatch(value) is not None)


def _is_escalation(value: object) -> bool:
    return value is None or isinstance(value, Escalation)


def _are_records(value: object) -> bool:
    return isinstance(value, tuple) and all(
        isinstance(each, type) and issubclass(each, Record) for each in value
    )


def _are_answers(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, Answer) for each in value)


def _are_derivations(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, Derivation) for each in value)


def _are_grids(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, Grid) for each in value)


def _are_figures(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, Figure) for each in value)


_TYPES: tuple[tuple[Sequence[str], Callable[[object], bool], str], ...] = (
    (("title",), lambda value: isinstance(value, str | LazyText), _l("a text")),
    (("records",), _are_records, _l("a tuple of subclasses of Record")),
    (("derivations",), _are_derivations, _l("a tuple of Derivation")),
    (("excuse",), lambda value: value is None or isinstance(value, Excuse), _l("an Excuse")),
    (("escalation",), _is_escalation, _l("an Escalation")),
    (("grids",), _are_grids, _l("a tuple of Grid")),
    (("answers",), _are_answers, _l("a tuple of Answer")),
    (("figures",), _are_figures, _l("a tuple of Figure")),
    (("rules", "migrations", "translations"), _is_path, _l("a Path")),
    (NAMED, _is_named, _l("a name such as package.module or package.module:name")),
)


def _of_names(plugin: Plugin, before: Iterable[Plugin]) -> Iterator[str]:
    if not _NAME.fullmatch(plugin.name) or plugin.name == _RESERVED:
        yield _("a name has up to 40 small letters and digits, and is not “core”")
    if any(each.name == plugin.name for each in before):
        yield _("there are two of that name")
    for record in plugin.records:
        if not record.__tablename__.startswith(f"{plugin.name}_"):
            text = _("the name of the table %(table)s has to begin with %(prefix)s")
            yield text % {"table": record.__tablename__, "prefix": f"{plugin.name}_"}


def _of_places(plugin: Plugin) -> Iterator[str]:
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


def _of_modules(plugin: Plugin) -> Iterator[str]:
    """The names whose module is not there; it is looked for and not loaded."""
    for field in NAMED:
        name: str | None = getattr(plugin, field)
        module = None if name is None else split_name(field, name)[0]
        if module is not None and not _is_there(module):
            text = _("there is no module %(module)s, which its %(field)s names")
            yield text % {"module": module, "field": field}


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except FAULTS:
        # A package above it is not there, or fails while it is imported.
        return False


def _of_kinds(plugin: Plugin, before: Iterable[Plugin]) -> Iterator[str]:
    kinds = [*_CORE_KINDS, *(record.record_kind for each in before for record in each.records)]
    names, files = {FLAG.name, *(kind.name for kind in kinds)}, {kind.file for kind in kinds}
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


def _of_letters(plugin: Plugin, before: Iterable[Plugin]) -> Iterator[str]:
    """What is wrong with the letters that begin the codes of its kinds: each kind has its own."""
    others = (record.record_kind for each in before for record in each.records)
    taken = {kind.letters: kind.name for kind in others}
    for kind in (record.record_kind for record in plugin.records):
        if not kind.is_coded:
            continue
        if not _LETTERS.fullmatch(kind.letters):
            text = _("the codes of “%(kind)s” need two to four capital letters to begin with")
            yield text % {"kind": kind.name}
        elif kind.letters in taken:
            text = _("the codes of “%(kind)s” begin with %(letters)s, as those of “%(other)s” do")
            other = taken[kind.letters]
            yield text % {"kind": kind.name, "letters": kind.letters, "other": other}
        taken[kind.letters] = kind.name


def _of_escalation(plugin: Plugin, before: Iterable[Plugin]) -> Iterator[str]:
    escalation = plugin.escalation
    if escalation is None:
        return
    if any(each.escalation is not None for each in before):
        yield _("what a flag is escalated to is settled by another plugin already")
    if escalation.case not in plugin.records:
        text = _("it escalates to %(kind)s, which is none of its own records")
        yield text % {"kind": getattr(escalation.case, "__name__", escalation.case)}
        return
    fields, kind = _fields(escalation.case), escalation.case.record_kind.name
    dated, written = (escalation.decided_on, FieldType.DATE), (escalation.decision, FieldType.TEXT)
    for name, type_ in (dated, written):
        if name not in fields or fields[name].type is not type_:
            text = _("its escalation reads “%(field)s” of %(kind)s, which is no %(type)s of it")
            yield text % {"field": name, "kind": kind, "type": type_.value}


def _of_answers(plugin: Plugin) -> Iterator[str]:
    """What is wrong with its answers; their verbs are checked where courses are."""
    records = {record.record_kind.name: record for record in plugin.records}
    seen: set[tuple[str, str | None]] = set()
    for answer in plugin.answers:
        named = f"{answer.kind}.{answer.field}" if answer.field else answer.kind
        if (answer.kind, answer.field) in seen:
            yield _("there are two answers for “%(what)s”") % {"what": named}
        seen.add((answer.kind, answer.field))
        if answer.kind not in records:
            yield _("it answers by “%(kind)s”, which is no kind of its own records") % {
                "kind": answer.kind
            }
            continue
        fields = _fields(records[answer.kind])
        yield from _of_answered(answer, fields, named)


def _of_answered(answer: Answer, fields: Mapping[str, Field], named: str) -> Iterator[str]:
    """What of an answer does not fit the fields of its kind."""
    said = {"what": named}
    if answer.field is None and answer.verb is not None:
        yield _("its answer for “%(what)s” has a verb and no field that the verb fills") % said
    if answer.field is not None and answer.prefill:
        yield _("its answer for “%(what)s” fills in a form and names a field") % said
    dated = answer.field is None or (
        answer.field in fields and fields[answer.field].type is FieldType.DATE
    )
    if not dated:
        yield _("its answer for “%(what)s” names no date of that kind") % said
    for name, value in answer.prefill.items():
        if name not in fields or not _fits(fields[name], value):
            text = _("its answer for “%(what)s” fills in “%(field)s”, which cannot be")
            yield text % {**said, "field": name}


def _fits(field: Field, value: object) -> bool:
    """Whether a field can be filled with a value of an answer."""
    if value is SUBJECT:
        return field.to in (Organization.record_kind.name, Cadre.record_kind.name)
    if isinstance(value, Filled):
        return field.type is FieldType.DATE
    if field.type is FieldType.CHOICE:
        return value in field.choices
    # What is true or false is no number, though Python takes it for one.
    return type(value) is _CONSTANTS.get(field.type)


_CONSTANTS = {
    FieldType.BOOLEAN: bool,
    FieldType.INTEGER: int,
    FieldType.AMOUNT: int,
    FieldType.TEXT: str,
}


def _of_policies(plugin: Plugin) -> Iterator[str]:
    for record in plugin.records:
        kind, policy = record.record_kind.name, record.policy
        fields = _fields(record)
        for name in sorted(vars(record).keys() & POLICY_ALONE - fields.keys()):
            text = _("%(kind)s states its “%(field)s” beside the policy, which alone says that")
            yield text % {"kind": kind, "field": name}
        for name in sorted(policy.fields - fields.keys()):
            text = _("the policy of %(kind)s names “%(field)s”, which is no field of it")
            yield text % {"kind": kind, "field": name}
        if policy.days_back is not None and not (policy.days_done and policy.days_back > 0):
            text = _("the policy of %(kind)s looks back no number of days on a day done")
            yield text % {"kind": kind}
        if policy.day_owed is not None and policy.day_owed not in policy.days_done:
            text = _("the policy of %(kind)s has “%(field)s” owed by the day, which is no day done")
            yield text % {"kind": kind, "field": policy.day_owed}
        for name in sorted(policy.fills - {"cadre", "organization"}):
            text = _(
                "the policy of %(kind)s fills in “%(field)s”, which is no cadre or organization"
            )
            yield text % {"kind": kind, "field": name}
        yield from _of_files(record, fields)
        yield from _of_types(record, fields)


def _of_files(record: type[Record], fields: Mapping[str, Field]) -> Iterator[str]:
    """What is wrong with what a kind says of files."""
    kind, policy = record.record_kind.name, record.policy
    if (policy.or_files or FILES in (policy.asked or ())) and not record.takes_files:
        text = _("the policy of %(kind)s asks for files, and it says no takes_files")
        yield text % {"kind": kind}
    if record.files_are_private and not (record.takes_files and "cadre" in fields):
        text = _("the files of %(kind)s are private, and it takes none or has no “cadre”")
        yield text % {"kind": kind}


def _of_types(record: type[Record], fields: Mapping[str, Field]) -> Iterator[str]:
    """Fields that a policy has as dates or as texts, and that are none."""
    policy = record.policy
    dated = _("the policy of %(kind)s has “%(field)s” dated, which is no date")
    written = _("the policy of %(kind)s has “%(field)s” written, which is no text")
    for names, wanted, text in (
        (policy.set_by_system | policy.days_done, FieldType.DATE, dated),
        (policy.written, FieldType.TEXT, written),
    ):
        for name in sorted(names):
            if name in fields and fields[name].type is not wanted:
                yield text % {"kind": record.record_kind.name, "field": name}


def _of_references(plugin: Plugin, plugins: Iterable[Plugin]) -> Iterator[str]:
    known = {Organization.record_kind.name, Cadre.record_kind.name}
    known |= {record.record_kind.name for record in plugin.records}
    others = {each.record_kind.name for one in plugins for each in one.records} - known
    uncoded = {each.record_kind.name for each in plugin.records if not each.record_kind.is_coded}
    for record, name, kind in _references(plugin.records):
        if kind in others:
            text = _("%(kind)s.%(field)s refers to records of another plugin")
            yield text % {"kind": record.record_kind.name, "field": name}
        elif kind in uncoded:
            text = _("%(kind)s.%(field)s refers to “%(to)s”, whose rows have no code")
            yield text % {"kind": record.record_kind.name, "field": name, "to": kind}
        elif kind not in known:
            text = _("%(kind)s.%(field)s refers to “%(to)s”, which is no kind of records")
            yield text % {"kind": record.record_kind.name, "field": name, "to": kind}


def _references(records: Iterable[type[Record]]) -> Iterator[tuple[type[Record], str, str]]:
    """The references of records: the class, the field's name, the kind referred to."""
    for record in records:
        for field in _fields(record).values():
            if field.to is not None:
                yield record, field.name, field.to


def _fields(record: type[Record]) -> Mapping[str, Field]:
    """The fields of a class by name."""
    found = map(field_of, record.metadata.tables[record.__tablename__].columns)
    return {field.name: field for field in found if field is not None}
