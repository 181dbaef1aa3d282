"""Section ``overviews``: the overview, the year of a cadre, and the numbers of a bulletin.

Measured in this process, without a network: processor time of one request, beside the same with a
hundredth of the records. The first view of an overview takes a second at most with a city's three
years, the numbers of a bulletin three.
"""

import time
from collections.abc import Callable
from statistics import median

import sqlalchemy as sa
from flask import Flask

from tests.bench.databases import Size, Store
from tests.bench.evaluating import SMALL
from tests.bench.pages import MILLISECONDS, TIMES, WARMING, cadres_of, serving, session_id
from tests.bench.tables import Table, verdict
from tiesan.access.installation import installed
from tiesan.calendar.periods import Every
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.people.models import Cadre, Organization
from tiesan.reports.numbers import numbers_of
from tiesan.reports.spans import Span
from tiesan.testing.browsing import person

CITY_OF_THREE_YEARS = Size(10, years=3)
SUPERVISOR = "supervisor"
# What is measured, and the most milliseconds that it may take.
FIRST_VIEW, DRAFT = 1_000, 3_000


def overviews(store: Store, runs: int, *, quick: bool) -> list[Table]:
    """One table: each thing with little and, unless it has to be quick, with much."""
    times = 2 if quick else max(3, TIMES * runs // 9)
    sizes = (SMALL,) if quick else (SMALL, CITY_OF_THREE_YEARS)
    table = Table("Overviews: a supervisor", ("what", *map(str, sizes), "target"))
    measured = [_measured(store, size, times) for size in sizes]
    for title, most in _THINGS:
        found = [each[title] for each in measured]
        judged = f"≤ {most} ms – {verdict(found[-1] <= most)}"
        table.rows.append([title, *(f"{each:.0f} ms" for each in found), judged])
    table.note(f"Processor ms, medians of {times} after {WARMING} for warming up.")
    return [table]


_THINGS = (
    ("overview of a month", FIRST_VIEW),
    ("overview of a year", FIRST_VIEW),
    ("year of a cadre", FIRST_VIEW),
    ("numbers of a month", DRAFT),
    ("numbers of a year", DRAFT),
)


def _measured(store: Store, size: Size, times: int) -> dict[str, float]:
    """How long each thing takes on a database."""
    with serving(store.evaluated(size), store.folder) as app:
        somebody = person(app, session_id(app, SUPERVISOR))
        code = _code(app)
        month, year = (Span.holding(each, today()).label for each in (Every.MONTH, Every.YEAR))
        addresses = (
            f"/overview/?span={month}",
            f"/overview/?span={year}",
            f"/persons/{code}/year/{year}",
        )
        pages = [_milliseconds(lambda: somebody.get(each), times) for each in addresses]  # noqa: B023
        numbers = [_numbers(app, label, times) for label in (month, year)]
    return dict(zip((title for title, _most in _THINGS), [*pages, *numbers], strict=True))


def _code(app: Flask) -> str:
    wanted = cadres_of(app)[0]
    with app.app_context():
        return db.session.scalars(sa.select(Cadre.code).where(Cadre.id == wanted)).one()


def _numbers(app: Flask, label: str, times: int) -> float:
    with app.app_context():
        chosen = sa.select(Organization.id).where(Organization.kind == "district")
        district_id = db.session.scalars(chosen.order_by(Organization.id)).first() or 0
        span = Span.named(label)

        def count() -> object:
            return numbers_of(db.session(), installed(), district_id, span, today()).as_json()

        return _milliseconds(count, times)


def _milliseconds(act: Callable[[], object], times: int) -> float:
    found = []
    for turn in range(WARMING + times):
        begun = time.process_time()
        act()
        if turn >= WARMING:
            found.append((time.process_time() - begun) * MILLISECONDS)
    return median(found)
