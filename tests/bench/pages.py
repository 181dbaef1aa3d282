"""Section ``pages``: the pages that everybody opens, and a save with its evaluation.

Measured in this process, without a network: processor time of one request; that of the engine's
child is told below. Beside it Flask-Admin alone does the like, in turns, so that what else the
machine does slows down both.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from statistics import median

import psutil
import sqlalchemy as sa
from flask import Flask

from tests.bench.bare import bare, sent
from tests.bench.databases import Size, Store, sqlite_url
from tests.bench.evaluating import CITY, SMALL
from tests.bench.tables import Table, verdict
from tiesan.app import create_app
from tiesan.clock import today
from tiesan.config import read_database_url
from tiesan.extensions import db
from tiesan.people.models import Account, Cadre, Organization
from tiesan.testing.browsing import Person, person

SUPERVISOR = "supervisor"
TIMES = 30
# The first ones make templates and statements.
WARMING = 5
LISTED = 6_000
MILLISECONDS = 1_000
FORM = "/records/expense/new/"
# What is measured, and the most milliseconds that it may take.
PAGES = (
    ("first page", "/", 20),
    ("list of flags", "/flags/", 12),
    ("list of expenses, 25 rows", "/records/expense/", 12),
    ("list of work logs, 25 rows", "/records/work_log/", 12),
)
MOST_FOR_A_SAVE = 20


@dataclass(frozen=True)
class Timed:
    """Processor milliseconds of ours and of the bare request, run in turns."""

    title: str
    target: int
    ours: list[float]
    beside: list[float]

    @property
    def row(self) -> list[str]:
        """The row of the table."""
        found = median(self.ours)
        ratios = (mine / other for mine, other in zip(self.ours, self.beside, strict=True))
        return [
            self.title,
            f"{found:.1f}",
            f"{min(self.ours):.1f}",
            f"{median(self.beside):.1f}",
            f"{median(ratios):.1f}",
            f"≤ {self.target} ms – {verdict(found <= self.target)}",
        ]


def pages(store: Store, runs: int, *, quick: bool) -> list[Table]:
    """A table for the demonstration district, and one for the city."""
    times = 2 if quick else TIMES * max(1, runs // 3)
    sizes = (SMALL,) if quick else (SMALL, CITY)
    return [_table(store, size, times) for size in sizes]


def _table(store: Store, size: Size, times: int) -> Table:
    file = store.evaluated(size)
    table = Table(
        f"Pages: {size}, a supervisor",
        (
            "request",
            "processor ms, median",
            "least",
            "Flask-Admin alone",
            "ratio",
            "target",
        ),
    )
    with _both(store, file) as (ours, alone):
        beside = alone.get
        for title, address, target in PAGES:
            timed = in_turns(lambda: ours.get(address), lambda: beside("/admin/claim/"), times)  # noqa: B023
            table.rows.append(Timed(title, target, *timed).row)
        table.rows.append(_saving(ours, alone, times).row)
        of_child = _children_seconds() / (WARMING + times) * MILLISECONDS
    table.note(
        f"{times} requests each, after {WARMING} for warming up. A save is the form that is sent ",
        f"and evaluated, the form itself not counted; the engine's child takes {of_child:.1f} ms ",
        "of it besides, its start included.",
    )
    return table


@contextmanager
def _both(store: Store, file: Path) -> Iterator[tuple[Person, Person]]:
    """A supervisor at our application, and somebody at the bare one."""
    with ExitStack() as open_ones:
        app = open_ones.enter_context(serving(file, store.folder))
        alone = open_ones.enter_context(bare(store.new(), LISTED))
        alone.config["WTF_CSRF_ENABLED"] = False
        yield person(app, session_id(app, SUPERVISOR)), Person(alone.test_client())


@contextmanager
def serving(file: Path, folder: Path) -> Iterator[Flask]:
    """The application on a database file."""
    app = create_app(url=read_database_url(sqlite_url(file)), instance=folder / "instance")
    yield app
    app.extensions["runner"].close()
    with app.app_context():
        db.engine.dispose()
    app.extensions["engine"].close()


def session_id(app: Flask, username: str) -> str:
    """What a session keeps of an account."""
    with app.app_context(), db.engine.connect() as connection:
        statement = sa.select(Account.fs_uniquifier).where(Account.username == username)
        return connection.execute(statement).scalar_one()


def cadres_of(app: Flask) -> list[int]:
    """Some cadres of the supervisor's district, not the supervisor."""
    own = sa.select(Account.cadre_id).where(Account.username == SUPERVISOR).scalar_subquery()
    statement = (
        sa.select(Cadre.id)
        .join(Organization, Organization.id == Cadre.organization_id)
        .where(Organization.district_id == 1, Cadre.id != own)
        .limit(40)
    )
    with app.app_context(), db.engine.connect() as connection:
        return list(connection.execute(statement).scalars())


def _saving(ours: Person, alone: Person, times: int) -> Timed:
    cadres = cadres_of(ours.client.application)
    numbers = iter(range(1_000_000))

    def entered() -> Callable[[], None]:
        """A filled form of ours, to be sent."""
        number = next(numbers)
        form = ours.filled(FORM, expense_form(cadres[number % len(cadres)], number))
        return lambda: sent_and_stored(ours, FORM, form)

    def entered_alone() -> Callable[[], None]:
        return lambda: sent_and_stored(alone, "/admin/claim/new/", sent(next(numbers)))

    timed = in_turns(entered, entered_alone, times, prepared=True)
    return Timed("saving an expense, with its evaluation", MOST_FOR_A_SAVE, *timed)


def expense_form(cadre_id: int, number: int) -> dict[str, object]:
    """What the form of an expense sends."""
    day = today() - timedelta(days=20)
    return {
        "cadre": cadre_id,
        "payee": "红旗饭店",
        "amount": f"{100 + number}.00",
        "spent_on": day.isoformat(),
        "requested_on": (day - timedelta(days=1)).isoformat(),
        "reimbursed_on": (day + timedelta(days=5)).isoformat(),
        "receipt": "yes",
        "code": "",
        "late_reason": "补录纸质单据",
    }


def sent_and_stored(somebody: Person, address: str, form: Mapping[str, object]) -> None:
    """Send a form, which must be stored."""
    answer = somebody.client.post(address, data=form)
    if answer.status_code != HTTPStatus.FOUND:
        raise RuntimeError(f"{address} answers {answer.status_code}")


def _children_seconds() -> float:
    """The processor seconds of the children that this process has now."""
    times = [child.cpu_times() for child in psutil.Process().children()]
    return sum(each.user + each.system for each in times)


def in_turns(
    ours: Callable[[], object],
    beside: Callable[[], object],
    times: int,
    *,
    prepared: bool = False,
) -> tuple[list[float], list[float]]:
    """Processor milliseconds of both, in turns; where ``prepared`` they give what is timed."""
    mine: list[float] = []
    others: list[float] = []
    for turn in range(WARMING + times):
        for found, act in ((mine, ours), (others, beside)):
            run = act() if prepared else act
            assert callable(run)
            begun = time.process_time()
            run()
            if turn >= WARMING:
                found.append((time.process_time() - begun) * MILLISECONDS)
    return mine, others
