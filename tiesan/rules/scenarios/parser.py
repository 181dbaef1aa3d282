"""Scenario tests of a rule file, parsed and checked against the fact kinds.

Source: rules-language.md, "Scenario tests".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from unicodedata import normalize

from tiesan.calendar.working_days import FIRST_YEAR, LAST_YEAR
from tiesan.facts.kinds import FactKind, FactKinds, Field, FieldType, Value
from tiesan.i18n import _, _l
from tiesan.rules.choices import Severity
from tiesan.rules.flag_kind import FLAG
from tiesan.rules.literals import parse_date, parse_literal
from tiesan.rules.positions import Position, Problems, Refused
from tiesan.rules.reading.nodes import Mapping as MappingNode
from tiesan.rules.reading.nodes import Node, Scalar
from tiesan.rules.reading.parameter_parser import parse_value
from tiesan.rules.reading.structure import keys, mapping, one_of, scalar, sequence
from tiesan.rules.scenarios.slips import check_known, check_named, check_once
from tiesan.rules.scenarios.standing_world import Row
from tiesan.rules.spelling import listing
from tiesan.rules.tree import Rule

CALENDAR_EXCEPTION = FactKind(
    "calendar_exception",
    _l("Calendar exception"),
    (
        Field("day", FieldType.DATE, _l("Day"), required=True),
        Field(
            "kind",
            FieldType.CHOICE,
            _l("Kind"),
            required=True,
            choices={"working": _l("Working day"), "off": _l("Day off")},
        ),
        Field("name", FieldType.TEXT, _l("Name")),
    ),
    ("day",),
)
PARAMETER_VALUE = FactKind(
    "parameter",
    _l("Parameter"),
    (
        Field("rule", FieldType.TEXT, _l("Rule")),
        Field("name", FieldType.TEXT, _l("Name"), required=True),
        Field("from", FieldType.DATE, _l("Valid from"), required=True),
        Field("value", FieldType.TEXT, _l("Value"), required=True),
    ),
    ("rule", "name", "from"),
)
# The kinds of which a scenario's world has rows before anything is given.
_WORLD_KINDS = ("organization", "cadre")
Given: TypeAlias = Mapping[str, tuple[Row, ...]]
_FLAG_FIELDS = ("subject", "key", "occurred_on", "severity", "message")


@dataclass(frozen=True)
class ExpectedFlag:
    """A flag that a scenario expects; what is None is not compared."""

    subject: str
    key: str
    occurred_on: date | None
    severity: str | None
    message: str | None


@dataclass(frozen=True)
class Scenario:
    """One scenario: a small world, a day, and all the flags of the tested rule.

    ``given_rules`` are the rules whose flags are given, each with the place where it is named.
    """

    name: str
    rule: Rule
    given: Given
    as_of: date
    live: bool
    flags: tuple[ExpectedFlag, ...]
    position: Position
    given_rules: tuple[tuple[str, Position], ...] = ()


def parse_scenarios(
    node: Node | None, rule: Rule, kinds: FactKinds, problems: Problems
) -> list[Scenario]:
    """The scenarios of a rule; those that are refused are remembered and left out.

    Raises Refused when the tests are no list.
    """
    if node is None:
        return []
    scenarios: list[Scenario] = []
    for item in sequence(node, "tests"):
        try:
            scenario = _scenario(item, rule, kinds)
            _check_new(scenario, scenarios)
            scenarios.append(scenario)
        except Refused as refused:
            problems.add(refused)
    return scenarios


def _check_new(scenario: Scenario, known: Iterable[Scenario]) -> None:
    if any(each.name == scenario.name for each in known):
        raise Refused(scenario.position, _("two tests are named '%s'") % scenario.name)


def _scenario(node: Node, rule: Rule, kinds: FactKinds) -> Scenario:
    entries = keys(node, _("a test"), ("name", "as_of", "flags"), ("given", "live"))
    given = _given(entries.get("given"), rule, kinds)
    live = entries.get("live")
    return Scenario(
        name=scalar(entries["name"], "name").text,
        rule=rule,
        given=given,
        as_of=_as_of(entries["as_of"]),
        live=live is not None and bool(_read(scalar(live, "live"), FieldType.BOOLEAN)),
        flags=_flags(entries["flags"], rule, given),
        position=node.position,
        given_rules=_given_rules(entries.get("given")),
    )


def _given(node: Node | None, rule: Rule, kinds: FactKinds) -> Given:
    if node is None:
        return {}
    given: dict[str, tuple[Row, ...]] = {}
    items: dict[str, tuple[FactKind, tuple[Node, ...]]] = {}
    for name, rows in mapping(node, "given").entries.items():
        kind, nodes = _kind(name, node, kinds), sequence(rows, name)
        items[name] = kind, nodes
        given[name] = tuple(_row(row, kind, rule) for row in nodes)
        check_once(kind, nodes, given[name])
    for name, (kind, nodes) in items.items():
        check_named(kind, nodes, given[name], given)
    return given


def _given_rules(node: Node | None) -> tuple[tuple[str, Position], ...]:
    """The rules whose flags are given, each with its place; ``node`` was found sound."""
    if not isinstance(node, MappingNode) or FLAG.name not in node.entries:
        return ()
    rows = (mapping(row, FLAG.name).entries for row in sequence(node.entries[FLAG.name], FLAG.name))
    named = (scalar(row["rule"], "rule") for row in rows)
    return tuple((each.text, each.position) for each in named)


def _as_of(node: Node) -> date:
    day = _date(node, "as_of")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        # Periods are gone through one by one, so that a slip of the pen would take for ever.
        text = _("as_of is %(day)s; allowed: a day from %(first)d to %(last)d")
        values = {"day": day.isoformat(), "first": FIRST_YEAR, "last": LAST_YEAR}
        raise Refused(node.position, text % values)
    return day


def _flags(node: Node, rule: Rule, given: Given) -> tuple[ExpectedFlag, ...]:
    flags: list[ExpectedFlag] = []
    for item in sequence(node, "flags"):
        flag = _flag(item)
        place = mapping(item, _("a flag")).entries["subject"].position
        check_known(rule.subject_kind, flag.subject, place, given)
        if any((each.subject, each.key) == (flag.subject, flag.key) for each in flags):
            text = _("the flag %s is expected twice")
            raise Refused(item.position, text % f"{flag.subject} {flag.key}")
        flags.append(flag)
    return tuple(flags)


def _kind(name: str, given: Node, kinds: FactKinds) -> FactKind:
    extra = {each.name: each for each in (CALENDAR_EXCEPTION, PARAMETER_VALUE)}
    if name in extra:
        return extra[name]
    if name not in kinds:
        text = _("unknown fact '%(name)s'; allowed: %(allowed)s")
        values = {"name": name, "allowed": listing((*kinds, *extra), name)}
        place = given.keys[name] if isinstance(given, MappingNode) else given.position
        raise Refused(place, text % values)
    return kinds[name]


def _row(node: Node, kind: FactKind, rule: Rule) -> Row:
    found = mapping(node, kind.name)
    if kind in (CALENDAR_EXCEPTION, PARAMETER_VALUE):
        # These are no facts: a blank in them would mean nothing.
        _check_given(found, kind, [each.name for each in kind.fields if each.required])
    elif kind is FLAG:
        # Nothing counts a flag of no rule.
        _check_given(found, kind, ("rule",))
    elif kind.name in _WORLD_KINDS:
        # Without its code nobody could tell whether a row of the standing world is meant.
        _check_given(found, kind, kind.identity)
    fields = {each.name: each for each in kind.fields if not each.derived}
    row: dict[str, Value] = {}
    for name, entry in found.entries.items():
        if name not in fields:
            text = _("unknown field '%(field)s' of %(kind)s; allowed: %(allowed)s")
            values = {"field": name, "kind": kind.name, "allowed": listing(fields, name)}
            raise Refused(found.keys[name], text % values)
        row[name] = _cell(entry, fields[name])
    if kind is PARAMETER_VALUE and row.setdefault("rule", rule.id) == rule.id:
        _check_parameter(found, rule)
    return row


def _check_given(row: MappingNode, kind: FactKind, names: Iterable[str]) -> None:
    for name in names:
        if name not in row.entries:
            text = _("%(what)s lacks the key '%(key)s'")
            raise Refused(row.position, text % {"what": kind.name, "key": name})
        scalar(row.entries[name], name)


def _check_parameter(row: MappingNode, rule: Rule) -> None:
    name, value = (scalar(row.entries[each], each) for each in ("name", "value"))
    if name.text not in rule.parameters:
        text = _("the parameter '%(name)s' is not declared; declared: %(allowed)s")
        allowed = listing(rule.parameters, name.text) or _("none")
        raise Refused(name.position, text % {"name": name.text, "allowed": allowed})
    parameter = rule.parameters[name.text]
    try:
        parse_value(value.text, parameter)
    except ValueError as error:
        raise Refused(value.position, str(error)) from error


def _cell(node: Node, field: Field) -> Value:
    if isinstance(node, Scalar) and (node.blank or not node.text):
        return None
    return _read(scalar(node, field.name), field.type, tuple(field.choices))


def _read(node: Scalar, kind: FieldType, choices: tuple[str, ...] = ()) -> Value:
    try:
        return parse_literal(node.text, kind, choices)
    except ValueError as error:
        raise Refused(node.position, str(error)) from error


def _date(node: Node, what: str) -> date:
    found = scalar(node, what)
    try:
        return parse_date(found.text)
    except ValueError as error:
        raise Refused(found.position, str(error)) from error


def _flag(node: Node) -> ExpectedFlag:
    entries = keys(node, _("a flag"), _FLAG_FIELDS[:2], _FLAG_FIELDS[2:])
    texts = {name: normalize("NFC", scalar(entries[name], name).text) for name in entries}
    if "severity" in entries:
        one_of(entries["severity"], "severity", Severity)
    return ExpectedFlag(
        subject=texts["subject"],
        key=texts["key"],
        occurred_on=_date(entries["occurred_on"], "occurred_on")
        if "occurred_on" in entries
        else None,
        severity=texts.get("severity"),
        message=texts.get("message"),
    )
