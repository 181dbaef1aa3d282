"""Of which earlier days a cadre still has to enter a record: it is owed, or was missed.

Source: the page on logging: a log is written for today, or for an earlier day whose log is still
owed or missing. Which days those are say the rules: duties by the working day that count such
records by that date. Rules that are off or cannot be judged say nothing.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from tiesan.calendar.periods import Every
from tiesan.flags.collect import Scope
from tiesan.flags.evaluation import Task, evaluate_district
from tiesan.flags.installed import plugins_off
from tiesan.people.models import Cadre, Organization
from tiesan.records.districts import district_id_of
from tiesan.rules import Duty, Rule, RuleSet, decide_plainly

# What is due later than that is due of no day that has passed.
_AHEAD = timedelta(days=62)


def open_days(
    connection: Connection, task: Task, cadre_id: int, kind: str, field: str
) -> tuple[date, ...]:
    """Return the days before today of which a record of a kind is owed and not there.

    ``field`` is the date by which the rules count it. The session of the evaluation is its own, so
    that it sees everything, whoever asks.
    """
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        found = sorted(_days(session, task, cadre_id, kind, field), reverse=True)
        session.rollback()
    return tuple(found)


def _days(session: Session, task: Task, cadre_id: int, kind: str, field: str) -> set[date]:
    cadre = session.get_one(Cadre, cadre_id)
    installed = task.catalog.rule_set(plugins_off(session))
    rules = [each for each in installed if each.enabled and _counts(each, kind, field)]
    if not rules:
        return set()
    district_id = district_id_of(cadre)
    if district_id is None:
        return set()
    district = session.get_one(Organization, district_id)
    scope = Scope(district.id, district.code, frozenset({cadre.code}), frozenset())
    # What is not there now is missing then; of what is due later than today nobody is told yet.
    then = task.as_of + _AHEAD
    looking = replace(task, decide=decide_plainly, as_of=then, judged_until=then)
    chosen = RuleSet(rules, outside=installed)
    outcome = evaluate_district(session, looking, scope, None, chosen, store=False)
    keys = (hit.key for hit in outcome.evaluation.hits if hit.subject == cadre.code)
    return {day for day in _read(keys) if day < task.as_of}


def _counts(rule: Rule, kind: str, field: str) -> bool:
    """Whether a rule asks a record of a kind of cadres for each working day, by a date of it."""
    form = rule.form
    return (
        isinstance(form, Duty)
        and form.every is Every.WORKING_DAY
        and form.owed_by.kind == "cadre"
        and form.counts.kind == kind
        and form.counts.date is not None
        and form.counts.date.text == field
    )


def _read(keys: Iterator[str]) -> Iterator[date]:
    """The days that are keys; a rule may name its periods otherwise."""
    for key in keys:
        with suppress(ValueError):
            yield date.fromisoformat(key)
