"""Section ``bulk``: one reviewer confirms at once as many flags as may be.

What follows from it, the rules over flags, is waited for as well: it is judged once for all whom it
concerns, however many of their flags were confirmed.
"""

import time
from statistics import median

from tests.bench.databases import Store, sqlite_url
from tests.bench.inbox import SMALL, close, have_flags, reviewer_of
from tests.bench.tables import Table, verdict
from tiesan.app import create_app
from tiesan.config import read_database_url
from tiesan.courses.many import MOST
from tiesan.testing.browsing import Person

MOST_SECONDS = 10.0
# Of what is there the supervisor does not review all.
BESIDE = 100
ALL = "assigned=all"
JSON = {"Accept": "application/json"}


def bulk(store: Store, runs: int, *, quick: bool) -> list[Table]:
    """Measure confirming many at once, evaluated; how many there were, and how long it took."""
    found = [_measured(store, MOST // 10 if quick else MOST) for _each in range(runs)]
    number, seconds = found[0][0], median(each for _number, each in found)
    table = Table("Bulk: flags confirmed at once", ("flags", "seconds", "a flag", ""))
    each = f"{seconds / number * 1_000:.1f} ms"
    table.rows.append([str(number), f"{seconds:.2f}", each, verdict(seconds <= MOST_SECONDS)])
    table.note(f"With what follows evaluated; at most {MOST_SECONDS:.0f} s.")
    return [table]


def _measured(store: Store, number: int) -> tuple[int, float]:
    file = store.evaluated(SMALL)
    app = create_app(url=read_database_url(sqlite_url(file)), instance=store.folder / "instance")
    # Nothing is left to the background, which nobody would wait for.
    app.config["SAVE_SECONDS"] = 600
    with app.app_context():
        have_flags(number + BESIDE)
    found = _confirmed(reviewer_of(app))
    close(app)
    file.unlink()
    return found


def _confirmed(reviewer: Person) -> tuple[int, float]:
    """Confirm all that waits, and return how many there were and the seconds until the answer."""
    waiting = reviewer.client.get(f"/inbox?{ALL}", headers=JSON).get_json()
    given = {"filter": ALL, "seen_at": waiting["seen_at"], "text": "经核实，情况属实"}
    form = reviewer.filled("/inbox", given)
    before = time.perf_counter()
    answer = reviewer.client.post("/flags/bulk/confirm", data=form, headers=JSON).get_json()
    seconds = time.perf_counter() - before
    if answer["refused"] or len(answer["done"]) != len(waiting["flags"]):
        raise RuntimeError(f"not all were confirmed: {answer['refused']}")
    return len(answer["done"]), seconds
