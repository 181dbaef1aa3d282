"""Section ``notifying``: notifications made and listed, 10,000 beside a hundredth of that.

Made are those of flags that are raised: all of one cadre, by the statements of an evaluation. Then
the page of notifications is opened by who was told them, with nothing remembered, and so is another
page, whose bell counts what is unread.
"""

import time
from collections.abc import Callable
from datetime import date, timedelta
from statistics import median

import sqlalchemy as sa
from flask import Flask, current_app

from tests.bench.databases import Size, Store, sqlite_url
from tests.bench.inbox import close
from tests.bench.tables import Table, verdict
from tiesan.admin.notifications.bell import current_seeing
from tiesan.admin.shell.remembered import KEPT
from tiesan.app import create_app
from tiesan.clock import now
from tiesan.config import read_database_url
from tiesan.extensions import db
from tiesan.flags.models import RANKS, Flag
from tiesan.flags.telling import tell_of_flags
from tiesan.notifications.leaving import pass_on
from tiesan.people.models import Account, Cadre
from tiesan.people.notifications import Notification
from tiesan.records.kinds import table_of
from tiesan.testing.browsing import Person, person

FEW, MANY = 100, 10_000
MOST_RATIO = 1.5
SMALL = Size(0)
READER = "cadre"
PAGES = ("/notifications/", "/notifications/?unread=1", "/my/profile")
MAKING, SETTLING = "made, for 100", "settled by which way, for 100"


def notifying(kept: Store, runs: int, *, quick: bool) -> list[Table]:
    """Measure making, settling and listing, in processor time."""
    sizes = (FEW // 5, FEW) if quick else (FEW, MANY)
    few, many = (_measured(kept, number, runs) for number in sizes)
    table = Table("Notifying: processor time", ["what", "few", "many", "ratio", ""])
    for name in few:
        ratio = many[name] / few[name]
        cells = (f"{few[name] * 1000:.1f} ms", f"{many[name] * 1000:.1f} ms", f"{ratio:.2f}")
        table.rows.append([f"`{name}`", *cells, verdict(ratio <= MOST_RATIO)])
    table.note(f"{sizes[0]} notifications of one reader, and {sizes[1]:,}; no more than "
               f"{MOST_RATIO} times as long, for making so many of each 100.")  # fmt: skip
    return [table]


def _measured(kept: Store, number: int, runs: int) -> dict[str, float]:
    file = kept.evaluated(SMALL)
    app = create_app(url=read_database_url(sqlite_url(file)), instance=kept.folder / "instance")
    with app.app_context():
        found = _made(number)
        reader = _reader(app)
    with app.app_context():
        current_app.extensions.pop(KEPT, None)
    for address in PAGES:
        found[address] = _median(app, reader, address, max(runs, 3))
    close(app)
    file.unlink()
    return found


def _made(number: int) -> dict[str, float]:
    """Raise so many flags on the reader, alone in the table; tell of them, and settle them."""
    session = db.session()
    session.execute(sa.delete(Notification))
    ids = _flags(number)
    begun = time.process_time()
    tell_of_flags(session, ids, [], now())
    made = time.process_time() - begun
    session.commit()
    begun = time.process_time()
    pass_on(session, current_seeing(), at=now())
    settled = time.process_time() - begun
    session.commit()
    told = session.scalar(sa.select(sa.func.count()).select_from(Notification))
    if told != number:
        message = f"{told} of {number} were told"
        raise RuntimeError(message)
    return {MAKING: made * 100 / number, SETTLING: settled * 100 / number}


def _flags(number: int) -> list[int]:
    """Flags that are done with: the menu counts those that are not, which is not measured here."""
    session, moment = db.session(), now()
    cadre = session.scalars(
        sa.select(Cadre).join(Account, Account.cadre_id == Cadre.id).filter_by(username=READER)
    ).one()
    first = date(2025, 1, 1)
    rows = [
        {
            "rule": "discipline.late", "severity": "minor", "rank": RANKS["minor"],
            "cadre_id": cadre.id, "key": f"told-{each}", "episode": 1,
            "district_id": cadre.organization.district_id,
            "occurred_on": first + timedelta(days=each % 600), "message_zh": "迟到",
            "message_en": "late", "confidential": False, "active": True, "raised_at": moment,
            "raised_as_of": first, "known_as_of": first, "revision": 1, "evidence_digest": "0",
            "rule_digest": "0", "changed_since_decision": False, "review": "closed",
            "remedy_reported": False,
        }
        for each in range(number)
    ]  # fmt: skip
    table = table_of(Flag)
    session.execute(sa.insert(table), rows)
    ids = sa.select(table.c.id).where(table.c.key.like("told-%")).order_by(table.c.id)
    return list(session.scalars(ids))


def _reader(app: Flask) -> Person:
    signed_in = sa.select(Account.fs_uniquifier).where(Account.username == READER)
    return person(app, db.session.scalar(signed_in))


def _median(app: Flask, reader: Person, address: str, runs: int) -> float:
    """The middle of some runs, each with nothing remembered, after a first one."""
    _open(reader, address)
    return median(_seconds(lambda: _anew(app, reader, address)) for _each in range(runs))


def _anew(app: Flask, reader: Person, address: str) -> None:
    app.extensions.pop(KEPT, None)
    _open(reader, address)


def _open(reader: Person, address: str) -> None:
    answer = reader.get(address)
    if answer.status_code != 200:
        message = f"{address} answers {answer.status_code}"
        raise RuntimeError(message)


def _seconds(act: Callable[[], None]) -> float:
    begun = time.process_time()
    act()
    return time.process_time() - begun
