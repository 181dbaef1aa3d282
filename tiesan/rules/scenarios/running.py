"""Running the scenario tests of rule files: a small world, a fixed day, the flags expected.

Source: rules-language.md, "Scenario tests". A scenario runs the same code as a live evaluation;
only its tested rule is evaluated, and flags that other rules would have raised are given.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tiesan.facts.kinds import Fact, FactKind, Field, Value
from tiesan.i18n import _
from tiesan.rules.choices import Level, Severity
from tiesan.rules.flag_kind import FLAG, Review
from tiesan.rules.judging.hits import Hit
from tiesan.rules.judging.levels import Decide, Evaluation, FlagFacts, evaluate
from tiesan.rules.judging.world import Sources, World, build_world
from tiesan.rules.parameters import Parameter
from tiesan.rules.reading.parameter_parser import parse_value
from tiesan.rules.rule_set import RuleSet
from tiesan.rules.scenarios.parser import ExpectedFlag, Scenario
from tiesan.rules.scenarios.standing_world import WORLD, Row
from tiesan.rules.tree import Rule


@dataclass(frozen=True)
class Failure:
    """A scenario that did not come out as expected, with one line per difference."""

    scenario: Scenario
    differences: tuple[str, ...]


def run_scenarios(
    scenarios: Iterable[Scenario],
    sources: Sources,
    decide: Decide,
    levels: Mapping[str, Level] | None = None,
) -> tuple[int, list[Failure]]:
    """Run scenarios; gives how many there were and which failed.

    ``levels`` are those of all known rules by id: given flags of a level that the tested rule does
    not read count as little as in life.
    """
    number, failures = 0, []
    for scenario in scenarios:
        number += 1
        differences = run_scenario(scenario, sources, decide, levels or {})
        if differences:
            failures.append(Failure(scenario, tuple(differences)))
    return number, failures


def run_scenario(
    scenario: Scenario, sources: Sources, decide: Decide, levels: Mapping[str, Level]
) -> list[str]:
    """The differences between what a scenario expects and what its rule found; none: it passed."""
    result = judge_scenario(scenario, sources, decide, levels)
    if result.not_evaluated:
        text = _("not evaluated: %s")
        return [text % each.error for each in result.not_evaluated]
    return list(_differences(scenario, result))


def judge_scenario(
    scenario: Scenario, sources: Sources, decide: Decide, levels: Mapping[str, Level]
) -> Evaluation:
    """What the rule of a scenario finds in its world, whatever is expected."""
    known = {**levels, scenario.rule.id: scenario.rule.level}
    return evaluate(
        scenario_world(scenario, sources),
        RuleSet([_enabled(scenario)], outside=_outside(scenario)),
        decide,
        parameters={scenario.rule.id: scenario_parameters(scenario)},
        flags=FlagFacts(
            others=flag_facts(scenario),
            level_of=lambda rule_id: known.get(rule_id, Level.RECORDS),
        ),
    )


def _enabled(scenario: Scenario) -> Rule:
    return replace(scenario.rule, enabled=True)


def _outside(scenario: Scenario) -> list[Rule]:
    """Stand-ins for the rules whose flags the tested rule names: only their ids matter here."""
    return [
        replace(scenario.rule, id=name, level=Level.RECORDS, reads_rules=())
        for name in scenario.rule.reads_rules
    ]


def scenario_world(scenario: Scenario, sources: Sources) -> World:
    """The default world with what the scenario gives on top of it."""
    rows: dict[str, list[Fact]] = {}
    for name, kind in sources.kinds.items():
        if name != FLAG.name:
            given = _rows(WORLD.get(name, ()), scenario.given.get(name, ()))
            rows[name] = [_fact(kind, row) for row in given]
    exceptions = {
        row["day"]: row["kind"] == "working"
        for row in scenario.given.get("calendar_exception", ())
        if isinstance(row["day"], date)
    }
    # A live evaluation judges what was not done only up to the end of yesterday.
    judged_until = scenario.as_of - timedelta(days=1) if scenario.live else scenario.as_of
    return build_world(
        sources,
        rows,
        as_of=scenario.as_of,
        judged_until=judged_until,
        exceptions=exceptions,
    )


def _rows(standing: Iterable[Row], given: Iterable[Row]) -> list[Row]:
    """Given rows override the standing rows of the same code field by field; others are added."""
    by_code = {row["code"]: row for row in standing}
    added: list[Row] = []
    for row in given:
        code = row.get("code")
        if code in by_code:
            by_code[code] = {**by_code[code], **row}
        else:
            added.append(row)
    return [*by_code.values(), *added]


def _fact(kind: FactKind, row: Row) -> Fact:
    return tuple(_value(row, field) for field in kind.fields if not field.derived)


def _value(row: Row, field: Field) -> Value:
    """What is stored of a field: of a boolean that may be left out never a blank."""
    value = row.get(field.name)
    return field.empty if value is None else value


def scenario_parameters(scenario: Scenario) -> Mapping[str, Parameter]:
    """The tested rule's parameters with the values that the scenario gives."""
    parameters = dict(scenario.rule.parameters)
    for row in scenario.given.get("parameter", ()):
        name, start, text = row["name"], row["from"], row["value"]
        if row.get("rule", scenario.rule.id) == scenario.rule.id and isinstance(start, date):
            parameter = parameters[str(name)]
            value = parse_value(str(text), parameter)
            parameters[str(name)] = parameter.changed({start: value})
    return parameters


def flag_facts(scenario: Scenario) -> list[Fact]:
    """The flags that a scenario gives, as facts."""
    return [_fact(FLAG, _flag_row(row)) for row in scenario.given.get(FLAG.name, ())]


def _flag_row(row: Row) -> Row:
    kind = "cadre" if row.get("cadre") is not None else "organization"
    defaults = {
        "review": Review.OPEN.value,
        "subject_kind": kind,
        "severity": Severity.NOTICE.value,
    }
    return {**defaults, **row}


def _differences(scenario: Scenario, result: Evaluation) -> Iterable[str]:
    found = {(hit.subject, hit.key): hit for hit in result.hits}
    expected = {(flag.subject, flag.key): flag for flag in scenario.flags}
    for identity in sorted(expected.keys() - found.keys()):
        yield _("missing: %s") % " ".join(identity)
    for identity in sorted(found.keys() - expected.keys()):
        occurred_on = found[identity].occurred_on.isoformat()
        yield _("not expected: %s") % " ".join((*identity, occurred_on))
    for identity in sorted(expected.keys() & found.keys()):
        yield from _unlike(expected[identity], found[identity])


def _unlike(flag: ExpectedFlag, hit: Hit) -> Iterable[str]:
    compared = (
        ("occurred_on", flag.occurred_on, hit.occurred_on),
        ("severity", flag.severity, str(hit.severity)),
        ("message", flag.message, hit.message["zh"]),
    )
    for name, expected, found in compared:
        if expected is not None and expected != found:
            text = _("%(identity)s: %(name)s is %(found)s, expected %(expected)s")
            identity = f"{hit.subject} {hit.key}"
            yield text % {"identity": identity, "name": name, "found": found, "expected": expected}
