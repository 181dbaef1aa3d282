"""Section ``owing``: what the first page costs with what is owed, and who is behind.

Measured in this process, without a network: processor time. The first page is taken without either;
what each adds to it is measured by itself, with the words of its lines.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import sqlalchemy as sa
from flask import Flask, current_app, g

from tests.bench.databases import Size, Store
from tests.bench.evaluating import CITY, SMALL
from tests.bench.pages import MILLISECONDS, TIMES, WARMING, serving, session_id
from tests.bench.tables import Table, verdict
from tiesan.access.viewer import read_viewer
from tiesan.admin.owed.at_home import owed_at_home
from tiesan.admin.owed.behind import duties_in_reach
from tiesan.admin.shell.remembered import KEPT
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.people.models import Account
from tiesan.testing.browsing import person

PEOPLE = ("cadre", "chair", "supervisor", "audit")
# The first page with what is owed takes at most so many times what it takes without.
MOST = 2.0
ADDED = ("owed_at_home", "duties_in_reach")


def owing(store: Store, runs: int, *, quick: bool) -> list[Table]:
    """A table for the demonstration district, and one for the city."""
    times = 2 if quick else TIMES * max(1, runs // 3)
    return [_table(store, size, times) for size in ((SMALL,) if quick else (SMALL, CITY))]


def _table(store: Store, size: Size, times: int) -> Table:
    file = store.evaluated(size)
    table = Table(
        f"Owing: {size}",
        ("person", "first page without", "what is owed", "who is behind", "ratio", "target"),
    )
    with serving(file, store.folder) as app:
        for name in PEOPLE:
            table.rows.append(_row(app, name, times))
    table.note(f"Processor ms, medians of {times} after {WARMING} for warming up.")
    return table


def _row(app: Flask, name: str, times: int) -> list[str]:
    somebody = person(app, session_id(app, name))
    with _without_what_is_owed():
        page = _milliseconds(lambda: somebody.get("/"), times)
    with app.test_request_context("/"):
        account = db.session.scalars(sa.select(Account).filter_by(username=name)).one()
        g.viewer = read_viewer(db.session(), account, today())
        own = _milliseconds(lambda: _anew(lambda: owed_at_home(g.viewer)), times)
        others = _milliseconds(lambda: _anew(lambda: duties_in_reach(g.viewer, today())), times)
    ratio = (page + own) / page
    return [
        name,
        f"{page:.1f}",
        f"{own:.1f}",
        f"{others:.1f}",
        f"{ratio:.1f}",
        f"≤ {MOST:.0f} – {verdict(ratio <= MOST)}",
    ]


def _anew(read: Callable[[], object]) -> object:
    """Read as a new request does after something was written: nothing is known yet."""
    g.pop("owed", None)
    current_app.extensions.pop(KEPT, None)
    return read()


@contextmanager
def _without_what_is_owed() -> Iterator[None]:
    """Have the first page leave out what is measured by itself."""
    nothing: dict[str, Callable[..., object]] = {
        "owed_at_home": lambda *_given: None,
        "duties_in_reach": lambda _viewer, _day: [],
    }
    homes = [module for name, module in sys.modules.items() if name.startswith("tiesan.admin.home")]
    kept = [
        (home, name, vars(home)[name]) for home in homes for name in ADDED if name in vars(home)
    ]
    for home, name, _function in kept:
        setattr(home, name, nothing[name])
    try:
        yield
    finally:
        for home, name, function in kept:
            setattr(home, name, function)


def _milliseconds(act: Callable[[], object], times: int) -> float:
    found = []
    for turn in range(WARMING + times):
        begun = time.process_time()
        act()
        if turn >= WARMING:
            found.append((time.process_time() - begun) * MILLISECONDS)
    return median(found)
