"""Section ``grids``: a study session with sixty rows in one save, beside the save of one record."""

from collections.abc import Callable, Mapping
from datetime import date
from statistics import median

from flask import Flask
from sqlalchemy.orm import Session

from tests.bench.databases import Store
from tests.bench.evaluating import SMALL
from tests.bench.pages import (
    FORM,
    SUPERVISOR,
    cadres_of,
    expense_form,
    in_turns,
    sent_and_stored,
    serving,
    session_id,
)
from tests.bench.tables import Table, verdict
from tests.web.filling import SESSION, cell, opened
from tiesan.audit import COMMAND_LINE
from tiesan.clock import now
from tiesan.extensions import db
from tiesan.people.models import Organization
from tiesan.records.organizations import create_cadre
from tiesan.testing.browsing import Person, person

ROWS, TIMES, MOST_RATIO = 60, 20, 3


def grids(store: Store, runs: int, *, quick: bool) -> list[Table]:
    """Measure both in turns, in processor time of this process."""
    times = 2 if quick else TIMES * max(1, runs // 3)
    file = store.evaluated(SMALL)
    table = Table("Grids: processor time of a save", ["save", "median", "least", "ratio", ""])
    with serving(file, store.folder) as app:
        place = _filled(app)
        somebody = person(app, session_id(app, SUPERVISOR))
        whole, one = in_turns(
            _of_rows(somebody, place), _of_one(somebody, cadres_of(app)), times, prepared=True
        )
    ratio = median(whole) / median(one)
    title = f"study session with {ROWS} rows"
    table.rows.append([title, *_cells(whole), f"{ratio:.1f}", verdict(ratio <= MOST_RATIO)])
    table.rows.append(["an expense", *_cells(one), "1", ""])
    table.note(f"{times} of each, with what follows; no more than {MOST_RATIO} times one save.")
    return [table]


def _cells(found: list[float]) -> tuple[str, str]:
    return f"{median(found):.1f} ms", f"{min(found):.1f} ms"


def _filled(app: Flask) -> int:
    """An organization with so many cadres; returns its id."""
    with app.app_context(), Session(db.engine) as session:
        place = session.query(Organization).filter_by(kind="enterprise").first()
        assert place is not None
        for number in range(ROWS):
            values: Mapping[str, object] = {
                "code": f"BENCH{number:02d}",
                "name": f"测试{number:02d}",
                "organization": place,
                "professional": False,
                "joined_on": date(2020, 1, 1),
            }
            create_cadre(COMMAND_LINE, session, values, at=now())
        session.commit()
        return place.id


def _of_rows(somebody: Person, place: int) -> Callable[[], Callable[[], None]]:
    address = f"{SESSION}?organization={place}"

    def entered() -> Callable[[], None]:
        sheet = opened(somebody, address)
        for number in sheet.getlist("row")[:ROWS]:
            sheet[cell(int(number))] = "present"
        return lambda: sent_and_stored(somebody, address, sheet)

    return entered


def _of_one(somebody: Person, cadres: list[int]) -> Callable[[], Callable[[], None]]:
    numbers = iter(range(1_000_000))

    def entered() -> Callable[[], None]:
        number = next(numbers)
        form = somebody.filled(FORM, expense_form(cadres[number % len(cadres)], number))
        return lambda: sent_and_stored(somebody, FORM, form)

    return entered
