"""Section ``queue``: the pages of who decides requests, where few wait and where many do."""

import time
from datetime import date, timedelta
from statistics import median

import sqlalchemy as sa

from plugins.discipline.models import Leave
from tests.bench.databases import Store
from tests.bench.inbox import REVIEWER, SMALL
from tests.bench.pages import serving, session_id
from tests.bench.tables import Table, verdict
from tiesan.clock import now, today
from tiesan.extensions import db
from tiesan.people.models import Account, Cadre, Organization
from tiesan.records.kinds import table_of
from tiesan.testing.browsing import Person, person

FEW, MANY = 50, 5_000
MOST_RATIO = 1.5
PAGES = ("/requests/queue", "/requests/")
_LEAST_RUNS = 5


def queue(kept: Store, runs: int, *, quick: bool) -> list[Table]:
    """Measure both pages in processor time, the same application with few and with many."""
    sizes = (FEW // 5, FEW) if quick else (FEW, MANY)
    few, many = (_measured(kept, number, max(runs, _LEAST_RUNS)) for number in sizes)
    table = Table("Queue: processor time of a page", ["address", "few", "many", "ratio", ""])
    for page in PAGES:
        ratio = many[page] / few[page]
        cells = (f"{few[page] * 1000:.0f} ms", f"{many[page] * 1000:.0f} ms", f"{ratio:.2f}")
        table.rows.append([f"`{page}`", *cells, verdict(ratio <= MOST_RATIO)])
    table.note(f"{sizes[0]} requests wait, and {sizes[1]:,}; at most {MOST_RATIO} times as long.")
    return [table]


def _measured(kept: Store, number: int, runs: int) -> dict[str, float]:
    file = kept.copy(SMALL)
    with serving(file, kept.folder) as app:
        with app.app_context():
            have_requests(number)
        decider = person(app, session_id(app, REVIEWER))
        found = {page: _median(decider, page, runs) for page in PAGES}
    file.unlink()
    return found


def _median(somebody: Person, page: str, runs: int) -> float:
    """The middle of some runs after a first one, which makes the statements."""
    _open(somebody, page)
    seconds = []
    for _each in range(runs):
        before = time.process_time()
        _open(somebody, page)
        seconds.append(time.process_time() - before)
    return median(seconds)


def _open(somebody: Person, page: str) -> None:
    answer = somebody.get(page)
    if answer.status_code != 200:
        raise RuntimeError(f"{page} answers {answer.status_code}")


def have_requests(number: int) -> None:
    """Have so many leaves wait, of the cadres of the reviewer's district but for the reviewer."""
    session = db.session
    own = sa.select(Account.cadre_id).where(Account.username == REVIEWER).scalar_subquery()
    district: int | None = session.scalars(
        sa.select(Organization.district_id)
        .join(Cadre, Cadre.organization_id == Organization.id)
        .where(Cadre.id == own)
    ).one()
    posted = (
        sa.select(Cadre.id)
        .join(Organization, Organization.id == Cadre.organization_id)
        .where(Organization.district_id == district, Cadre.id != own)
    )
    cadres = list(session.scalars(posted))
    first = today() + timedelta(days=10)
    session.execute(
        sa.insert(table_of(Leave)),
        [_request(position, cadres, first, district) for position in range(number)],
    )
    session.commit()


def _request(
    position: int, cadres: list[int], first: date, district: int | None
) -> dict[str, object]:
    """A leave of a day that nobody else asked for there."""
    day = first + timedelta(days=position // len(cadres))
    return {
        "code": f"WAITS{position}",
        "cadre_id": cadres[position % len(cadres)],
        "kind": "annual",
        "first_day": day,
        "last_day": day,
        "requested_on": today() - timedelta(days=position % 30),
        "recorded_at": now(),
        "source": "import",
        "district_id": district,
    }
