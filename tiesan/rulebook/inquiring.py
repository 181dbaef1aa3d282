"""Why there is a flag on somebody on a day, or none: asked of the rules as they judge there.

Source: the page on the rule book, "Try it", (2). Nothing is stored. The session sees everything;
who may ask, and what is shown of the answer, is settled before and after.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.facts.kinds import Fact
from tiesan.flags.catalog import Catalog
from tiesan.flags.collect import Scope
from tiesan.flags.covering import Covering, may_be_covered
from tiesan.flags.days import live_days
from tiesan.flags.duties import flag_facts
from tiesan.flags.halts import HELD, halts_of
from tiesan.flags.installed import InstalledRules, plugins_off, with_parameters
from tiesan.flags.models import DistrictState, StoredEvaluation
from tiesan.flags.worlds import read_world
from tiesan.records.kinds import table_of
from tiesan.rules import (
    Counted,
    Duty,
    Excused,
    Inquiry,
    Level,
    Looked,
    Outcome,
    Rule,
    RuleSet,
    Tally,
    World,
    is_local,
)

# Takes from the facts of a world what whoever asks may not see.
Narrowed: TypeAlias = Callable[[Mapping[str, Sequence[Fact]]], Mapping[str, Sequence[Fact]]]


class Answer(StrEnum):
    """What can be said of a rule, a subject and a day."""

    FLAGGED = "flagged"
    WAIVED = "waived"
    FALSE = "false"
    NOTHING = "nothing"
    NOT_OWED = "not_owed"
    EXCUSED = "excused"
    NOT_YET = "not_yet"
    BEFORE_TRACKING = "before_tracking"
    NOT_IN_FORCE = "not_in_force"
    OFF = "off"
    HELD = "held"
    NOT_EVALUATED = "not_evaluated"


# Of several facts the first of these speaks.
_OUTCOMES: Mapping[Outcome, Answer] = {
    Outcome.HIT: Answer.FLAGGED,
    Outcome.NOT_YET: Answer.NOT_YET,
    Outcome.MISS: Answer.FALSE,
    Outcome.BEFORE_TRACKING: Answer.BEFORE_TRACKING,
    Outcome.NOT_IN_FORCE: Answer.NOT_IN_FORCE,
}


@dataclass(frozen=True, slots=True)
class Question:
    """Which rule is asked about, whom (kind, code) in which district, and which day."""

    district_id: int
    district: str
    rule_id: str
    subject_kind: str
    subject: str
    day: date

    @property
    def scope(self) -> Scope:
        """The scope of the subject alone."""
        one, nobody = frozenset({self.subject}), frozenset[str]()
        of_cadre = self.subject_kind == "cadre"
        return Scope(
            self.district_id,
            self.district,
            one if of_cadre else nobody,
            nobody if of_cadre else one,
        )


@dataclass(frozen=True, slots=True)
class Told:
    """The answer, and what it rests on.

    ``looked`` are the facts, each with the inquiry that found it; ``beside`` records that would
    count but make no fact. ``error`` is why something is not evaluated, ``tracked_from`` the day
    from which the subject is judged. ``exact`` says that the facts are of the day asked about.
    """

    answer: Answer
    inquiry: Inquiry | None = None
    looked: Sequence[Looked] = ()
    beside: Sequence[Counted] = ()
    error: str = ""
    tracked_from: date | None = None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one version of the rule answered."""

    inquiry: Inquiry
    looked: list[Looked] = field(default_factory=list)

    @property
    def exact(self) -> bool:
        return any(each.away == 0 for each in self.looked)


def inquire(
    session: Session,
    catalog: Catalog,
    question: Question,
    today: date,
    narrowed: Narrowed,
    *,
    tried: Rule | None = None,
) -> Told:
    """Return what the rule says of the subject on the day, as it is known today.

    Of several versions of a rule that one answers which judges what counts on the day; or the one
    that is ``tried``, as if it had always been in force alone, whatever is stored of the rule.
    """
    installed = _installed(session, catalog, question.rule_id, tried)
    error = _error(session, catalog, question, installed, tried=tried is not None)
    if error is not None:
        return Told(Answer.NOT_EVALUATED, error=error)
    rules = list(installed.rules)
    if not rules:
        return Told(Answer.OFF)
    world, flags = _world(session, catalog, question, installed, today)
    world = replace(world, facts=narrowed(world.facts))
    told = told_by(_inquiries(rules, installed, world, flags), question, world)
    if tried is not None:
        return told
    return _as_stored(session, catalog, question, told, today)


def _installed(
    session: Session, catalog: Catalog, rule_id: str, tried: Rule | None
) -> InstalledRules:
    if tried is not None:
        others = [each for each in catalog.rules.values() if each.id != rule_id]
        return with_parameters(session, RuleSet([tried], outside=others))
    rules = [each for each in catalog.rule_set(plugins_off(session)) if each.id == rule_id]
    return with_parameters(session, RuleSet(rules, outside=catalog.rules.values()))


def _error(
    session: Session,
    catalog: Catalog,
    question: Question,
    installed: InstalledRules,
    *,
    tried: bool,
) -> str | None:
    """Why the rule is not evaluated, for everybody or in the latest run of the district."""
    if tried:
        return next((each.error for each in installed.refused), None)
    table = table_of(StoredEvaluation)
    statement = (
        select(table.c.not_evaluated)
        .where(table.c.district_id == question.district_id)
        .order_by(table.c.id.desc())
        .limit(1)
    )
    stored = ((e["rule"], e["error"]) for e in session.scalar(statement) or ())
    refused = ((each.rule, each.error) for each in (*catalog.unread, *installed.refused))
    errors = (error for rule, error in (*refused, *stored) if rule == question.rule_id)
    return next(errors, None)


def _world(
    session: Session,
    catalog: Catalog,
    question: Question,
    installed: InstalledRules,
    today: date,
) -> tuple[World, Sequence[Fact]]:
    """The world of the subject, or of its district where the rule can only be judged there."""
    state = session.get(DistrictState, question.district_id)
    days = live_days(today, None if state is None else state.evaluated_as_of)
    concerns = {name: model.concerns for name, model in catalog.records.items()}
    scope = question.scope
    if not all(is_local(rule, concerns) for rule in installed.rules):
        scope = Scope(question.district_id, question.district)
    world = read_world(session, catalog, scope, installed.rules, days)
    over_flags = any(rule.level > Level.RECORDS for rule in installed.rules)
    return world, flag_facts(session, scope) if over_flags else []


def _inquiries(
    rules: Iterable[Rule], installed: InstalledRules, world: World, flags: Sequence[Fact]
) -> Iterator[Inquiry]:
    for rule in rules:
        parameters = installed.parameters.get(rule.name, rule.parameters)
        yield Inquiry(rule, parameters, world, flags)


def told_by(inquiries: Iterable[Inquiry], question: Question, world: World) -> Told:
    """The answer of that of a rule's versions which judges the day, whatever is stored of it."""
    since = world.tracked_from(question.subject_kind, question.subject)
    asked = (_Asked(each, each.looked_at(question.subject, question.day)) for each in inquiries)
    return replace(_told(asked, question, world), tracked_from=since)


def _told(asked: Iterable[_Asked], question: Question, world: World) -> Told:
    """The answer of the version that judges the day."""
    found = sorted(asked, key=lambda each: not _judges(each, question.day))
    first = found[0]
    inquiry, rule = first.inquiry, first.inquiry.rule
    if not _in_force(rule, question.day) and not first.exact:
        return Told(Answer.NOT_IN_FORCE, inquiry)
    if not rule.enabled:
        return Told(Answer.OFF, inquiry)
    if first.exact:
        outcomes = [each.outcome for each in first.looked]
        answer = next(_OUTCOMES[each] for each in _OUTCOMES if each in outcomes)
        return Told(answer, inquiry, first.looked)
    return _nothing(first, question, world)


def _nothing(asked: _Asked, question: Question, world: World) -> Told:
    """The answer where no fact is of the day."""
    inquiry, day = asked.inquiry, question.day
    since = world.tracked_from(question.subject_kind, question.subject)
    if since is None or day < since:
        return Told(Answer.BEFORE_TRACKING, inquiry)
    form = inquiry.rule.form
    if isinstance(form, Duty) or (isinstance(form, Tally) and form.owed_by is not None):
        return _not_owed(inquiry, question)
    beside = inquiry.beside(question.subject, day)
    if beside:
        return Told(Answer.FALSE, inquiry, beside=beside)
    if day > world.as_of:
        return Told(Answer.NOT_YET, inquiry)
    return Told(Answer.NOTHING, inquiry, asked.looked, exact=False)


def _not_owed(inquiry: Inquiry, question: Question) -> Told:
    """Why nothing is owed: on approved leave, not among those who owe it, or not there."""
    owner = inquiry.owner(question.subject)
    form = inquiry.rule.form
    if isinstance(form, Duty | Tally):
        never = replace(inquiry.rule, form=replace(form, excused=Excused.NEVER))
        asked = Inquiry(never, inquiry.parameters, inquiry.world, inquiry.flags)
        if any(each.away == 0 for each in asked.looked_at(question.subject, question.day)):
            return Told(Answer.EXCUSED, inquiry)
    if owner is not None and not inquiry.owes(owner):
        return Told(Answer.FALSE, inquiry, [owner])
    return Told(Answer.NOT_OWED, inquiry)


def _judges(asked: _Asked, day: date) -> bool:
    """Whether a version judges what there is on a day."""
    if asked.exact:
        return any(each.outcome is not Outcome.NOT_IN_FORCE for each in asked.looked)
    return _in_force(asked.inquiry.rule, day)


def _in_force(rule: Rule, day: date) -> bool:
    first, last = rule.in_force_from or date.min, rule.in_force_until or date.max
    return first <= day <= last


def _as_stored(
    session: Session, catalog: Catalog, question: Question, told: Told, today: date
) -> Told:
    """The same where the rule is halted in the district, or a standing waiver covers the flag."""
    halt = halts_of(session, question.district_id).get(question.rule_id)
    if halt is not None and halt.halts:
        return replace(told, answer=Answer.HELD if halt.kind == HELD else Answer.OFF)
    if told.answer is not Answer.FLAGGED or told.inquiry is None:
        return told
    secret = question.rule_id in catalog.confidential_rules
    if not may_be_covered(told.inquiry.rule.severity, secret):
        return told
    covering = Covering.read(session, question.district_id, today)
    subject = question.subject_kind, question.subject
    hits = [each for each in told.looked if each.outcome is Outcome.HIT and each.occurred_on]
    covered = [
        each.occurred_on is not None
        and covering.cover(question.rule_id, subject, each.occurred_on) is not None
        for each in hits
    ]
    return replace(told, answer=Answer.WAIVED) if all(covered) else told
