"""Section ``trail``: its page among many entries beside few, its chain verified, a save with it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.bench.databases import Size, Store, sqlite_url
from tests.bench.pages import (
    FORM,
    SUPERVISOR,
    WARMING,
    cadres_of,
    expense_form,
    in_turns,
    sent_and_stored,
    serving,
    session_id,
)
from tests.bench.tables import Table, verdict
from tiesan.audit import AuditEntry
from tiesan.audit.chain import link_entries, link_waiting
from tiesan.audit.verifying import chains, verify_chain
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.people.models import Account, Grant, Organization
from tiesan.records.kinds import table_of
from tiesan.testing.browsing import Person, person

FEW, MANY = 1_000, 1_000_000
MOST_RATIO, MOST_FOR_SAVING, MOST_SECONDS = 1.5, 1.1, 30
SMALL = Size(0)
ADMINISTRATOR = "admin"
RARE = "switch plugin off"
# How many of the rarest there are, and over which time all entries are spread.
MOST_RARE, SPAN = 200, timedelta(days=1000)
OF_DISTRICT = "(of a district)"
VERBS = ("create", "update", "void", "approve", "look", "evaluate", "acknowledge", "grant role")
KINDS = ("expense", "work_log", "attendance", "leave", "evaluation", "account", "study_session")
QUERIES = (
    "",
    "flt_verb=update",
    "flt_verb=switch+plugin+off",
    "flt_verb=grant+role&flt_kind=leave",
    "flt_kind=attendance",
    "flt_person={cadre}",
    "flt_person={cadre}&flt_verb=switch+plugin+off",
    "flt_at_from=2024-03-01&flt_at_to=2024-03-31",
    "search=B77",
    "search={name}",
    "search=nobody",
    "before={middle}",
)
_AT_ONCE = 20_000
_ENTRY = table_of(AuditEntry)


def trail(kept: Store, runs: int, *, quick: bool) -> list[Table]:
    """Measure the page and each way to search, the whole chain, and a save with and without it."""
    sizes = (FEW // 5, FEW) if quick else (FEW, MANY)
    few, _none = _measured(kept, sizes[0], runs)
    many, verified = _measured(kept, sizes[1], runs)
    table = Table("Trail: processor time", ["what", "few", "many", "ratio", ""])
    for query in many:
        ratio = many[query] / few[query]
        cells = (f"{few[query] * 1000:.0f} ms", f"{many[query] * 1000:.0f} ms", f"{ratio:.2f}")
        table.rows.append([f"`/audit/?{query}`", *cells, verdict(ratio <= MOST_RATIO)])
    seconds = f"{verified:.1f} s"
    table.rows.append(["verified", "", seconds, "", verdict(verified <= MOST_SECONDS)])
    table.rows.append(_saving(kept, 2 if quick else 20 * max(1, runs // 3)))
    table.note(
        f"{sizes[0]:,} entries, and {sizes[1]:,}; no more than {MOST_RATIO} times as long. A save ",
        f"is that of an expense, without and with the chain: at most {MOST_FOR_SAVING} times.",
    )
    return [table]


def _measured(kept: Store, number: int, runs: int) -> tuple[dict[str, float], float]:
    file = kept.evaluated(SMALL)
    engine = make_engine(read_database_url(sqlite_url(file)))
    with engine.connect() as connection:
        fill(connection, number)
        begun = time.process_time()
        wrong = [found for chain in chains(connection) for found in verify_chain(connection, chain)]
        verified = time.process_time() - begun
        asked = _asked(connection)
    engine.dispose()
    if wrong:
        raise RuntimeError(str(wrong[0]))
    found = _times(kept, file, asked, runs)
    _only_of_district(file)
    of_district = _times(kept, file, asked, runs)
    file.unlink()
    return found | {f"{query} {OF_DISTRICT}": of_district[query] for query in QUERIES}, verified


def _times(kept: Store, file: Path, asked: dict[str, object], runs: int) -> dict[str, float]:
    with serving(file, kept.folder) as app:
        somebody = person(app, session_id(app, ADMINISTRATOR))
        return {query: _median(somebody, query.format(**asked), runs) for query in QUERIES}


def _only_of_district(file: Path) -> None:
    """Have the administrator administer one district and no more."""
    engine = make_engine(read_database_url(sqlite_url(file)))
    account, grant, place = map(table_of, (Account, Grant, Organization))
    own = sa.select(account.c.id).where(account.c.username == ADMINISTRATOR).scalar_subquery()
    first = sa.select(sa.func.min(place.c.id)).where(place.c.kind == "district").scalar_subquery()
    with engine.begin() as connection:
        moved = sa.update(grant).where(grant.c.account_id == own)
        connection.execute(moved.values(organization_id=first))
    engine.dispose()


def _asked(connection: sa.Connection) -> dict[str, object]:
    """What the addresses name."""
    account = table_of(Account)
    named = sa.select(account.c.cadre_id, account.c.username).where(account.c.cadre_id.is_not(None))
    cadre, name = connection.execute(named.order_by(account.c.id)).first() or (0, "")
    middle = (connection.scalar(sa.select(sa.func.max(_ENTRY.c.id))) or 0) // 2
    return {"cadre": cadre, "name": name, "middle": middle}


def _median(somebody: Person, query: str, runs: int) -> float:
    """The middle of some runs after the first ones, which make statements and read the file."""
    found = []
    for turn in range(WARMING + max(runs, 5)):
        begun = time.process_time()
        if somebody.get(f"/audit/?{query}").status_code != 200:
            raise RuntimeError(query)
        if turn >= WARMING:
            found.append(time.process_time() - begun)
    return median(found)


def fill(connection: sa.Connection, number: int) -> None:
    """Have so many entries, all of them chained, of some years, districts and persons."""
    there = connection.scalar(sa.select(sa.func.count()).select_from(_ENTRY)) or 0
    newest = connection.scalar(sa.select(sa.func.max(_ENTRY.c.id))) or 0
    district = sa.select(table_of(Organization).c.id).where(
        table_of(Organization).c.kind == "district"
    )
    districts = [*connection.scalars(district), None]
    accounts = [*connection.scalars(sa.select(table_of(Account).c.id)), None]
    dice = Random(1)
    for start in range(0, max(0, number - there), _AT_ONCE):
        ids = range(newest + start + 1, newest + 1 + min(start + _AT_ONCE, number - there))
        rows = [_entry(dice, id_, number, districts, accounts) for id_ in ids]
        connection.execute(sa.insert(_ENTRY), rows)
        link_entries(connection, ids)
        connection.commit()


def _entry(
    dice: Random,
    id_: int,
    number: int,
    districts: list[int | None],
    accounts: list[int | None],
) -> dict[str, object]:
    """An entry of one of many; whatever is asked for fills a page, be they few or many."""
    rare = dice.random() < MOST_RARE / number
    return {
        "id": id_,
        "at": datetime(2023, 1, 1, tzinfo=UTC) + id_ * SPAN / number,
        "actor_id": dice.choice(accounts),
        "actor_name": "somebody",
        "verb": RARE if rare else dice.choice(VERBS),
        "object_kind": "plugin" if rare else dice.choice(KINDS),
        "object_id": dice.randrange(100_000),
        "object_code": f"B{dice.randrange(100_000)}",
        "district_id": dice.choice(districts),
        "details": {"changed": {"amount": [id_, id_ + 1], "payee": ["红旗饭店", "东方饭店"]}},
    }


def _saving(kept: Store, times: int) -> list[str]:
    """The row of a save, with and without the chain, in turns."""
    file = kept.evaluated(SMALL)
    with serving(file, kept.folder) as app:
        somebody = person(app, session_id(app, SUPERVISOR))
        cadres, numbers = cadres_of(app), iter(range(1_000_000))

        def entered() -> Callable[[], None]:
            number = next(numbers)
            form = somebody.filled(FORM, expense_form(cadres[number % len(cadres)], number))
            return lambda: sent_and_stored(somebody, FORM, form)

        def entered_without() -> Callable[[], None]:
            send = entered()

            def sent() -> None:
                with _without_chain():
                    send()

            return sent

        chained, without = in_turns(entered, entered_without, times, prepared=True)
    file.unlink()
    ratio = median(chained) / median(without)
    cells = (f"{median(without):.1f} ms", f"{median(chained):.1f} ms", f"{ratio:.2f}")
    return ["a save, without and with the chain", *cells, verdict(ratio <= MOST_FOR_SAVING)]


@contextmanager
def _without_chain() -> Iterator[None]:
    event.remove(Session, "before_commit", link_waiting)
    try:
        yield
    finally:
        event.listen(Session, "before_commit", link_waiting)
