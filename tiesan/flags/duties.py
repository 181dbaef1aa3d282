"""What somebody owes, as the database has it: for a scope, by the rules that are judged there.

Source: the page on the working day, "What I owe": rules that are off, held or not evaluated give
none; scope, leave, postings, parameters and waivers are those of judging.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.facts.kinds import Fact
from tiesan.flags.catalog import Catalog
from tiesan.flags.collect import Scope, Wanted
from tiesan.flags.covering import Covering, may_be_covered
from tiesan.flags.days import Days, live_days
from tiesan.flags.installed import InstalledRules, plugins_off, with_parameters
from tiesan.flags.models import DistrictState, StoredEvaluation
from tiesan.flags.narrowing import wanted_rows
from tiesan.flags.stored import latest_episodes, stored_flags
from tiesan.flags.worlds import read_world
from tiesan.records.answers import Answer
from tiesan.records.kinds import table_of
from tiesan.rules import (
    Dated,
    Deadline,
    Duty,
    Level,
    Owed,
    Path,
    Rule,
    RuleSet,
    World,
    counted_since,
    is_local,
    owed,
)


def read_owed(
    session: Session,
    catalog: Catalog,
    scope: Scope,
    day: date,
    horizon: int,
    asked: Callable[[Rule], bool],
) -> list[Owed]:
    """Return what those in a scope owe on a day and within ``horizon`` days, by due date.

    Of the rules only those ``asked`` for are looked at. The session sees everything, whoever asks.
    What was judged already is a flag and is left out, and so is what a standing waiver covers.
    """
    state = session.get(DistrictState, scope.district_id)
    days = live_days(day, None if state is None else state.evaluated_as_of)
    rules = _rules(session, catalog, scope.district_id, asked)
    installed = with_parameters(session, RuleSet(rules, outside=catalog.rules.values()))
    found = [
        each
        for part, of_part in _parts(catalog, scope, installed)
        for each in _owed(session, catalog, part, of_part, days, horizon)
    ]
    mine = _without_waived(session, scope, day, _of_scope(scope, found))
    return sorted(mine, key=lambda each: (each.due_on, each.rule.id, each.subject, each.key))


def answer_in(catalog: Catalog, rule: Rule) -> Answer | None:
    """Return how what a rule asks for is done; None where no plugin says so."""
    asked: tuple[str, str | None] | None = None
    match rule.form:
        case Duty(counts=counts):
            asked = counts.kind, None
        case Deadline(again=Dated(kind=kind)) | Deadline(done=Dated(kind=kind)):
            asked = kind, None
        case Deadline(anchor=anchor, done=Path(field=field, through=(), part=None)):
            asked = anchor.kind, field.name
    return None if asked is None else catalog.plugins.answers.get(asked)


def _rules(
    session: Session, catalog: Catalog, district_id: int, asked: Callable[[Rule], bool]
) -> list[Rule]:
    """The rules that are judged in a district and say what is to be done.

    What rests on confidential records is not listed: a list is read over somebody's shoulder.
    """
    unknown = _not_evaluated(session, district_id) | catalog.confidential_rules
    return [
        rule
        for rule in catalog.rule_set(plugins_off(session))
        if rule.enabled and isinstance(rule.form, Duty | Deadline)
        if rule.id not in unknown and asked(rule)
    ]


def _not_evaluated(session: Session, district_id: int) -> frozenset[str]:
    """The rules that the latest evaluation of a whole district could not evaluate."""
    table = table_of(StoredEvaluation)
    statement = (
        select(table.c.not_evaluated)
        .where(table.c.district_id == district_id)
        .order_by(table.c.id.desc())
        .limit(1)
    )
    return frozenset(entry["rule"] for entry in session.scalar(statement) or ())


def _parts(
    catalog: Catalog, scope: Scope, installed: InstalledRules
) -> Iterator[tuple[Scope, InstalledRules]]:
    """The rules by what has to be read for them: the subjects alone, or their whole district."""
    concerns = {name: model.concerns for name, model in catalog.records.items()}
    local: list[Rule] = []
    others: list[Rule] = []
    for rule in installed.rules:
        (local if scope.whole or is_local(rule, concerns) else others).append(rule)
    for part, rules in ((scope, local), (Scope(scope.district_id, scope.district), others)):
        if rules:
            chosen = RuleSet(rules, outside=installed.rules.outside)
            yield part, InstalledRules(chosen, installed.parameters)


def _owed(
    session: Session,
    catalog: Catalog,
    scope: Scope,
    installed: InstalledRules,
    days: Days,
    horizon: int,
) -> list[Owed]:
    rules = list(installed.rules)

    def wanted(people: World) -> Mapping[str, Wanted]:
        since = counted_since(people, rules, horizon, parameters=installed.parameters)
        return wanted_rows(catalog, rules, since, days.as_of)

    world = read_world(
        session,
        catalog,
        scope,
        rules,
        days,
        # Of a few subjects there are few rows anyway.
        wanted if scope.whole else None,
    )
    flags = flag_facts(session, scope) if any(rule.level > Level.RECORDS for rule in rules) else []
    found = owed(world, rules, horizon, parameters=installed.parameters, flags=flags)
    # Facts of others may lie in the world, but not all of theirs.
    owners = world.owners or {}
    return [each for each in found if each.subject in owners[each.subject_kind]]


def flag_facts(session: Session, scope: Scope) -> list[Fact]:
    """The flags that are stored, as facts for rules over flags."""
    return [
        (
            flag.rule,
            flag.severity,
            flag.identity[1],
            flag.cadre,
            flag.organization,
            flag.key,
            flag.occurred_on,
            flag.review,
        )
        for flag in latest_episodes(
            stored_flags(session, scope.district_id, scope.subjects)
        ).values()
        if flag.active
    ]


def _without_waived(
    session: Session, scope: Scope, day: date, found: Iterable[Owed]
) -> Iterator[Owed]:
    """What becomes a flag that somebody has to answer for."""
    covering = Covering.read(session, scope.district_id, day)
    for each in found:
        rule, subject = each.rule, (each.subject_kind, each.subject)
        if not may_be_covered(rule.severity, confidential=False) or (
            covering.cover(rule.id, subject, each.occurred_on) is None
        ):
            yield each


def _of_scope(scope: Scope, found: Iterable[Owed]) -> list[Owed]:
    """Those of the subjects of a scope, where a whole district had to be read for them."""
    subjects = scope.subjects
    if subjects is None:
        return list(found)
    return [each for each in found if each.subject in subjects[each.subject_kind]]
