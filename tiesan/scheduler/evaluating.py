"""The jobs that evaluate: the only place of the scheduler that knows how it is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from sqlalchemy.orm import Session

from tiesan.clock import SHANGHAI
from tiesan.engine.deciding import Engine
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.evaluation import Task, districts, evaluate_installation
from tiesan.rules import Decide
from tiesan.scheduler.work import FAILED, Outcome, Work

LATER_DAY_STORED = "later_day_stored"
_ONE_DAY = timedelta(days=1)


def district_ids(session: Session) -> list[int]:
    """The ids of all districts, by code."""
    return [district_id for district_id, _code in districts(session)]


def evaluate_yesterday(work: Work) -> Outcome:
    """Evaluate the district of a run as of the day before the run's, and store what is found.

    Where a later day has been evaluated already, a clock was wrong: nothing is stored, and that
    counts as failed.
    """
    with _deciding() as decide:
        return judge_yesterday(work, decide)


def judge_yesterday(work: Work, decide: Decide) -> Outcome:
    """Do the same with something that decides already."""
    as_of = work.day - _ONE_DAY
    task = Task(work.actor, installed_catalog(), decide, as_of, as_of, work.now)
    with Session(work.database) as session:
        only = [] if work.district_id is None else [work.district_id]
        outcome = evaluate_installation(session, task, only=only)
    unknown = len({entry.rule for _district, entry in outcome.not_evaluated})
    return {
        **_described(work, as_of, unknown),
        **({} if outcome.stored else {FAILED: LATER_DAY_STORED}),
    }


def evaluate_now(work: Work) -> Outcome:
    """Evaluate the districts that were asked for up to this moment, one after the other."""
    wanted: list[int] = sorted(work.given["districts"])
    until: str | None = work.given["judged_until"]
    judged_until = None if until is None else date.fromisoformat(until)
    today = work.now.astimezone(SHANGHAI).date()
    unknown: set[str] = set()
    with _deciding() as decide, Session(work.database) as session:
        task = Task(work.actor, installed_catalog(), decide, today, judged_until, work.now)
        for number, district_id in enumerate(wanted):
            work.progress(number, len(wanted))
            outcome = evaluate_installation(session, task, only=[district_id])
            unknown |= {entry.rule for _district, entry in outcome.not_evaluated}
    work.progress(len(wanted), len(wanted))
    return _described(work, today, len(unknown))


def _described(work: Work, as_of: date, unknown: int) -> dict[str, str | int]:
    """What is kept of an evaluation: flags are told by their history, which has its moment."""
    return {"as_of": as_of.isoformat(), "at": work.now.isoformat(), "not_evaluated": unknown}


@contextmanager
def _deciding() -> Iterator[Decide]:
    engine = Engine()
    try:
        yield engine.decide
    finally:
        engine.close()
