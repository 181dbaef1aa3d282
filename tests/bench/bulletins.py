"""Section ``bulletins``: a draft, with its numbers counted and frozen, and its two files.

Measured in this process, without a network: seconds on the wall. A draft is the form that is sent;
the files are those that signing writes.
"""

import time
from collections.abc import Callable
from statistics import median

import sqlalchemy as sa
from flask import Flask

from tests.bench.databases import Size, Store
from tests.bench.evaluating import CITY, SMALL
from tests.bench.pages import SUPERVISOR, serving, session_id
from tests.bench.tables import Table, verdict
from tiesan.access.installation import installed
from tiesan.calendar.periods import Every
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.people.models import Organization
from tiesan.reports.numbers import numbers_of
from tiesan.reports.spans import Span
from tiesan.testing.browsing import Person, person

MOST_SECONDS = 3.0
_NEW = "/bulletins/new"


def bulletins(store: Store, runs: int, *, quick: bool) -> list[Table]:
    """A table for the demonstration district, and one for the city."""
    sizes = (SMALL,) if quick else (SMALL, CITY)
    return [_table(store, size, 1 if quick else max(3, runs)) for size in sizes]


def _table(store: Store, size: Size, times: int) -> Table:
    file = store.evaluated(size)
    table = Table(f"Bulletins: {size}", ("what", "seconds, median", "target"))
    with serving(file, store.folder) as app:
        somebody = person(app, session_id(app, SUPERVISOR))
        with app.app_context():
            code = db.session.scalars(
                sa.select(Organization.code).where(Organization.id == 1)
            ).one()
        for every in (Every.MONTH, Every.YEAR):
            span = Span.holding(every, today()).before
            table.rows.append(_counted(app, span, times))
            table.rows.append(_drafted(somebody, code, span, times))
        for kind in ("docx", "pdf"):
            address = f"/bulletins/1/draft.{kind}"
            seconds = _seconds(lambda: somebody.get(address), times)  # noqa: B023 - called at once
            table.rows.append([f"the draft as {kind.upper()}", f"{seconds:.2f}", ""])
    table.note(f"{times} times each.")
    return table


def _counted(app: Flask, span: Span, times: int) -> list[str]:
    def count() -> None:
        numbers_of(db.session(), installed(), 1, span, today()).as_json()

    with app.app_context():
        seconds = _seconds(count, times)
    return [f"numbers of {span.label} alone", f"{seconds:.2f}", ""]


def _drafted(somebody: Person, code: str, span: Span, times: int) -> list[str]:
    form = {"district": code, "period": span.label, "as_of": today().isoformat()}
    seconds = _seconds(lambda: somebody.send(_NEW, form, form=_NEW), times)
    target = f"≤ {MOST_SECONDS:.0f} s – {verdict(seconds <= MOST_SECONDS)}"
    return [f"draft of {span.label}", f"{seconds:.2f}", target]


def _seconds(act: Callable[[], object], times: int) -> float:
    found = []
    for _turn in range(times):
        begun = time.perf_counter()
        act()
        found.append(time.perf_counter() - begun)
    return median(found)
