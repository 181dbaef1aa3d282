"""Section ``inbox``: the first page of a reviewer for whom many flags wait, beside few."""

import time
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from statistics import median

import sqlalchemy as sa
from flask import Flask

from tests.bench.databases import Size, Store, sqlite_url
from tests.bench.tables import Table, verdict
from tiesan.app import create_app
from tiesan.config import read_database_url
from tiesan.extensions import db
from tiesan.flags.models import RANKS, Flag, FlagEvent, FlagRevision
from tiesan.people.models import Account
from tiesan.records.kinds import table_of
from tiesan.testing.browsing import Person, person

FEW, MANY = 100, 10_000
MOST_RATIO = 1.5
SMALL = Size(0)
REVIEWER = "supervisor"
QUERIES = (
    "",
    "severity=major",
    "rule=discipline.late",
    "institution=discipline",
    "since=2025-02-01",
    "assigned=all",
    "group=organization",
)


def inbox(kept: Store, runs: int, *, quick: bool) -> list[Table]:
    """Measure the first page and each change of filters, in processor time."""
    sizes = (FEW // 5, FEW) if quick else (FEW, MANY)
    few, many = (_measured(kept, number, runs) for number in sizes)
    table = Table("Inbox: processor time of a page", ["address", "few", "many", "ratio", ""])
    for query in QUERIES:
        ratio = many[query] / few[query]
        cells = (f"{few[query] * 1000:.0f} ms", f"{many[query] * 1000:.0f} ms", f"{ratio:.2f}")
        table.rows.append([f"`/inbox?{query}`", *cells, verdict(ratio <= MOST_RATIO)])
    table.note(f"{sizes[0]} flags wait, and {sizes[1]:,}; no more than {MOST_RATIO} times as long.")
    return [table]


def _measured(kept: Store, number: int, runs: int) -> dict[str, float]:
    file = kept.evaluated(SMALL)
    app = create_app(url=read_database_url(sqlite_url(file)), instance=kept.folder / "instance")
    with app.app_context():
        have_flags(number)
    found = _times(app, runs)
    close(app)
    file.unlink()
    return found


def close(app: Flask) -> None:
    """End what an application has begun."""
    with app.app_context():
        db.engine.dispose()
    app.extensions["runner"].close()
    app.extensions["engine"].close()


def _times(app: Flask, runs: int) -> dict[str, float]:
    reviewer = reviewer_of(app)
    return {query: _median(reviewer, query, max(runs, 3)) for query in QUERIES}


def reviewer_of(app: Flask) -> Person:
    """The supervisor of the demonstration, signed in."""
    with app.app_context():
        signed_in = sa.select(Account.fs_uniquifier).where(Account.username == REVIEWER)
        return person(app, db.session.scalar(signed_in))


def _median(reviewer: Person, query: str, runs: int) -> float:
    """The middle of some runs after a first one, which makes the statements."""
    _open(reviewer, query)
    return median(_seconds(lambda: _open(reviewer, query)) for _each in range(runs))


def _open(reviewer: Person, query: str) -> None:
    answer = reviewer.get(f"/inbox?{query}")
    if answer.status_code != 200:
        raise RuntimeError(f"/inbox?{query} answers {answer.status_code}")


def _seconds(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def have_flags(number: int) -> None:
    """Copy flags of cadres until so many are open, or take away what is too much."""
    flag, session = table_of(Flag), db.session
    rows = session.execute(sa.select(flag).where(flag.c.cadre_id.is_not(None))).mappings().all()
    there = session.scalar(sa.select(sa.func.count()).select_from(flag)) or 0
    dice, new = Random(1), []
    for position in range(number - there):
        row = dict(dice.choice(rows))
        severity = dice.choice(list(RANKS))
        day = date(2026, 1, 1) + timedelta(days=dice.randrange(300))
        row |= {"key": f"copy {position}", "severity": severity, "rank": RANKS[severity]}
        row |= {"occurred_on": day, "previous_id": None}
        del row["id"]
        new.append(row)
    if new:
        session.execute(sa.insert(flag), new)
        _give_evidence()
    _finish(there - number)
    session.commit()


def _give_evidence() -> None:
    """Every flag has its revision and its first event."""
    flag, revision, event = table_of(Flag), table_of(FlagRevision), table_of(FlagEvent)
    bare = sa.select(flag).where(flag.c.id.not_in(sa.select(revision.c.flag_id)))
    rows = db.session.execute(bare).mappings().all()
    same = ("rule_digest", "severity", "occurred_on", "message_zh", "message_en")
    revisions = [
        {"flag_id": row["id"], "number": 1, "at": row["raised_at"], "as_of": row["raised_as_of"],
         "evidence": [], **{name: row[name] for name in same}}
        for row in rows
    ]  # fmt: skip
    events = [
        {"flag_id": row["id"], "at": row["raised_at"], "on": row["raised_as_of"],
         "verb": "raised", "actor_name": "", "revision": 1, "attachments": []}
        for row in rows
    ]  # fmt: skip
    db.session.execute(sa.insert(revision), revisions)
    db.session.execute(sa.insert(event), events)


def _finish(number: int) -> None:
    """Close what is too much, so that it waits for nobody."""
    if number > 0:
        flag = table_of(Flag)
        ids = sa.select(flag.c.id).order_by(flag.c.id.desc()).limit(number)
        closed = sa.update(flag).where(flag.c.id.in_(ids)).values(review="dismissed")
        db.session.execute(closed)
