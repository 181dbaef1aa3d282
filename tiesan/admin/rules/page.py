"""What the pages of rules show: words, parameters over time, flags, what was not evaluated."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from tiesan.clock import today
from tiesan.extensions import db
from tiesan.flags.catalog import Catalog
from tiesan.flags.halts import HELD, RuleHalt
from tiesan.flags.installed import changed_parameters
from tiesan.flags.leftovers import Leftover, leftover_values
from tiesan.flags.models import Flag, StoredEvaluation
from tiesan.flags.versions import RuleVersion
from tiesan.i18n import _, _l, current_language
from tiesan.people.models import Organization
from tiesan.records.kinds import table_of
from tiesan.records.settings import RuleParameterValue
from tiesan.rulebook.course import RULE_COURSE
from tiesan.rulebook.texts import source_of
from tiesan.rules import (
    Deadline,
    Duty,
    Line,
    Parameter,
    ParameterValue,
    Rule,
    Tally,
    When,
    explain,
)
from tiesan.words.flags import severity_badge
from tiesan.words.values import day

FORMS: Mapping[type, str] = {
    When: _l("a record is wrong"),
    Deadline: _l("a deadline is missed"),
    Duty: _l("a duty is not fulfilled"),
    Tally: _l("records add up"),
}


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A value of a parameter, by its items where it is a list, and since when it holds."""

    since: str
    items: list[str]
    reason: str


@dataclass(frozen=True, slots=True)
class ParameterHistory:
    """A parameter with its values, the one in force last."""

    name: str
    label: str
    values: list[DatedValue]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that the latest evaluation of a district could not decide."""

    rule: str
    district: str
    scope: str
    error: str
    as_of: date


def final_parameters(rule: Rule) -> Mapping[str, Parameter]:
    """Return a rule's parameters with the values in the database; as shipped if one is refused."""
    changes: dict[str, dict[date, str]] = {}
    for row in _stored_values(rule.id):
        changes.setdefault(row.name, {})[row.valid_from] = row.value
    try:
        return changed_parameters(rule, changes)
    except ValueError:
        return rule.parameters


def _stored_values(rule_id: str) -> Sequence[RuleParameterValue]:
    statement = (
        select(RuleParameterValue)
        .where(RuleParameterValue.rule == rule_id)
        .order_by(RuleParameterValue.name, RuleParameterValue.valid_from)
    )
    return db.session.scalars(statement).all()


def parameter_histories(rule: Rule) -> list[ParameterHistory]:
    """Return the parameters of a rule with all their values."""
    language = current_language()
    reasons = {(row.name, row.valid_from): row.reason or "" for row in _stored_values(rule.id)}
    return [
        ParameterHistory(
            name,
            parameter.label.in_language(language),
            [
                DatedValue(
                    _("as shipped") if since == date.min else _("from %(day)s", day=day(since)),
                    _value(parameter, value),
                    reasons.get((name, since), ""),
                )
                for since, value in parameter.values
            ],
        )
        for name, parameter in final_parameters(rule).items()
    ]


def leftovers(rule: Rule, catalog: Catalog) -> list[Leftover]:
    """Return the stored values under the rule's name that have no effect."""
    found = leftover_values(db.session(), catalog.rules)
    return [each for each in found if each.rule == rule.id]


def _value(parameter: Parameter, value: ParameterValue) -> list[str]:
    return parameter.in_words(value, current_language())


def active_flags() -> Mapping[str, int]:
    """Return how many active flags the viewer may see, by rule."""
    statement = select(Flag.rule, func.count(Flag.id)).where(Flag.active).group_by(Flag.rule)
    return dict(db.session.execute(statement).all())


def latest_evaluations() -> Sequence[tuple[StoredEvaluation, str]]:
    """Return the latest stored evaluation of each of the viewer's districts, with its name."""
    return [(evaluation, name) for evaluation, name in db.session.execute(_LATEST)]


_PLACE = table_of(Organization)
# Made once: the first page asks it.
_LATEST = (
    select(StoredEvaluation, _PLACE.c.name)
    .join(_PLACE, _PLACE.c.id == StoredEvaluation.district_id)
    .where(
        StoredEvaluation.id.in_(
            select(func.max(StoredEvaluation.id)).group_by(StoredEvaluation.district_id)
        )
    )
    .order_by(_PLACE.c.code)
)


def unknowns(
    evaluations: Iterable[tuple[StoredEvaluation, str]], rule_id: str | None = None
) -> list[Unknown]:
    """Return what those evaluations could not decide, of one rule or of all."""
    return [
        Unknown(entry["rule"], district, entry["scope"], entry["error"], evaluation.as_of)
        for evaluation, district in evaluations
        for entry in evaluation.not_evaluated
        if rule_id in (None, entry["rule"])
    ]


def states_of_rules() -> Mapping[str, str]:
    """Return what there is to say of rules besides that they are in force, by rule."""
    open_ones = RuleVersion.state.in_(("draft", "checked"))
    found = {
        rule: str(RULE_COURSE.state(state).word)
        for rule, state in db.session.execute(
            select(RuleVersion.rule, RuleVersion.state).where(open_ones).order_by(RuleVersion.id)
        )
    }
    for halt in db.session.scalars(select(RuleHalt)):
        if halt.halts:
            found[halt.rule] = _("Held") if halt.kind == HELD else _("Switched off")
    return found


def unpublished() -> list[RuleVersion]:
    """Return the versions that are to come into force as rules of their own for the first time."""
    statement = select(RuleVersion).where(RuleVersion.state.in_(("draft", "checked")))
    return list(db.session.scalars(statement.order_by(RuleVersion.rule, RuleVersion.number)))


def is_found(rule: Rule, catalog: Catalog, asked: str) -> bool:
    """Whether a text is in the id, the title, the clause or the plain words of a rule."""
    language, wanted = current_language(), asked.casefold()
    said = [rule.id, rule.title.in_language(language), rule.clause.in_language(language)]
    lines = (line.text for line in explain(rule, catalog.kinds, rules=catalog.rules))
    return any(wanted in each.casefold() for each in (*said, *lines))


def rule_page(rule: Rule, catalog: Catalog) -> Mapping[str, Any]:
    """Return what the template of a rule's page is given."""
    language = current_language()
    lines: list[Line] = explain(rule, catalog.kinds, final_parameters(rule), rules=catalog.rules)
    return {
        "rule": rule,
        "title": rule.title.in_language(language),
        "clause": rule.clause.in_language(language),
        "institution": catalog.plugins.by_name[rule.plugin].title,
        "severity": severity_badge(rule.severity),
        "form_words": FORMS[type(rule.form)],
        "lines": lines,
        "parameters": parameter_histories(rule),
        "leftovers": [each.in_words() for each in leftovers(rule, catalog)],
        "tests": sum(each.tests.get(rule.id, 0) for each in catalog.files),
        "active_flags": active_flags().get(rule.id, 0),
        "unknowns": unknowns(latest_evaluations(), rule.id),
        "source": source_of(catalog, rule.id),
        **versions_of(rule, catalog),
    }


def versions_of(rule: Rule, catalog: Catalog) -> Mapping[str, Any]:
    """Return the versions of a rule, the latest first, and in which districts it is halted."""
    statement = select(RuleVersion).where(RuleVersion.rule == rule.id)
    versions = db.session.scalars(statement.order_by(RuleVersion.number.desc())).all()
    in_force = catalog.on(rule.id, today())
    halts = (
        select(RuleHalt, table_of(Organization).c.name)
        .join(table_of(Organization), table_of(Organization).c.id == RuleHalt.district_id)
        .where(RuleHalt.rule == rule.id)
        .order_by(table_of(Organization).c.code)
    )
    return {
        "versions": versions,
        "states_of_versions": {each.name: str(each.word) for each in RULE_COURSE.states},
        "in_force": None if in_force is None else in_force.number,
        "shipped": rule.id in catalog.shipped,
        "halts": [(halt, name) for halt, name in db.session.execute(halts) if halt.halts],
        "changed_beneath": rule.id in {each.id for each in catalog.changed_beneath},
    }
