"""Two districts in a database of either kind, and runs of jobs in it at any moment."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.clock import SHANGHAI
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.records.organizations import create_organization
from tiesan.scheduler.claims import Claim, Ended, claim_next, settle
from tiesan.scheduler.jobs import Job, Scope, jobs_of
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.planning import plan

# Those that evaluate; what tidies up has nothing to do here.
JOBS: Mapping[str, Job] = {
    name: job for name, job in jobs_of().items() if job.does.startswith("tiesan.scheduler.evaluat")
}
TIDY = Job("tidy", "Tidy", Scope.INSTALLATION, "nobody:nothing", at=time(2, 30))

TESTER = Actor(None, "tester", "web")


def at(day: int, hour: int = 1, minute: int = 15, *, month: int = 4) -> datetime:
    """A moment of a day of April 2026 in Asia/Shanghai; April 4 to 6 are days off."""
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    """The engine on a database with the districts D1 and D2."""
    engine = make_engine(read_database_url(database_url))
    with Session(engine) as session:
        for code in ("D1", "D2"):
            create_organization(TESTER, session, _district(code), at=at(1, 0))
        session.commit()
    yield engine
    engine.dispose()


def _district(code: str) -> Mapping[str, object]:
    return {
        "code": code,
        "name": f"{code}区总工会",
        "kind": "district",
        "parent": None,
        "founded_on": date(2000, 1, 1),
        "tracked_from": date(2026, 3, 2),
    }


class Timetable:
    """What is planned, claimed and settled in a database, each in a session of its own."""

    def __init__(self, database: Engine) -> None:
        self.database = database

    def plan(self, now: datetime, *jobs: Job) -> int:
        """Plan what is due; how many runs are new."""
        with Session(self.database) as session:
            return len(plan(session, jobs or JOBS.values(), now))

    def claim(self, now: datetime, who: str = "one", *, asked_only: bool = False) -> Claim | None:
        """Claim the next run."""
        with Session(self.database) as session:
            return claim_next(session, now, who, asked_only=asked_only)

    def settle(self, claim: Claim, now: datetime, *, well: bool = True) -> bool:
        """Say how an attempt ended."""
        with Session(self.database) as session:
            settled = settle(session, claim, Ended(well), now)
            session.commit()
            return settled

    def done(self, now: datetime, *jobs: Job) -> int:
        """Plan and do everything that is due; how many runs that were."""
        self.plan(now, *jobs)
        number = 0
        while (claim := self.claim(now)) is not None:
            assert self.settle(claim, now)
            number += 1
        return number

    def runs(self, job: str = "evaluate") -> list[JobRun]:
        """The runs of a job by day and district."""
        order = (JobRun.day, JobRun.district_id)
        with Session(self.database) as session:
            return list(session.scalars(select(JobRun).filter_by(job=job).order_by(*order)))

    def days(self, job: str = "evaluate") -> list[tuple[date, date, str]]:
        """The first covered day, the day and the state of the runs of a job, each once."""
        found = ((run.covers_from, run.day, run.state) for run in self.runs(job))
        return list(dict.fromkeys(found))


@pytest.fixture
def timetable(database: Engine) -> Timetable:
    """The timetable of the database."""
    return Timetable(database)
