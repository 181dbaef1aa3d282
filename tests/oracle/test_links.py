"""The links of flags say what a search through all their evidence would find, on random districts.

The search is written here once more, plainly: it reads the evidence of every active flag and asks
of every record whether it is named, or referred to by its code.
"""

import random
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.oracle.test_oracle import (
    CATALOG,
    NOW,
    ON_SQLITE,
    bring,
    district,
    engine,
    judged,
    session,
)
from tiesan.audit import COMMAND_LINE
from tiesan.engine.deciding import Engine
from tiesan.flags.evaluation import Task, evaluate_pending
from tiesan.flags.linking import fill_links
from tiesan.flags.models import EvidenceLink, Flag, FlagRevision
from tiesan.records.base import Record
from tiesan.records.pending import Touched, await_record, take_awaited
from tiesan.records.services import plain_values

__all__ = ["engine", "session"]

Pairs = set[tuple[int, str, int]]


def searched(session: Session) -> Pairs:
    """Which active flag names which record that is not voided, read from all evidence."""
    rows = {kind: rows_of(session, kind) for kind in CATALOG.records}
    evidence = session.execute(
        select(FlagRevision.flag_id, FlagRevision.evidence)
        .join(Flag, (Flag.id == FlagRevision.flag_id) & (Flag.revision == FlagRevision.number))
        .where(Flag.active)
    ).all()
    return {
        (flag_id, kind, rows[kind][name])
        for flag_id, facts in evidence
        for fact in facts
        for kind, name in named(fact)
        if name in rows.get(kind, {})
    }


def rows_of(session: Session, kind: str) -> Mapping[tuple[str, ...], int]:
    """The records of a kind that are not voided, by what identifies them."""
    model, identity = CATALOG.records[kind], CATALOG.kinds[kind].identity
    found = session.scalars(select(model).where(model.voided_at.is_(None)))
    return {tuple(str(plain_values(row)[name]) for name in identity): row.id for row in found}


def named(fact: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The record that a fact is, and those to which it refers by code."""
    kind = CATALOG.kinds.get(str(fact["fact"]))
    if kind is None or "more" in fact:
        return
    yield kind.name, tuple(str(fact.get(name)) for name in kind.identity)
    for field in kind.fields:
        if field.to is not None:
            yield field.to, (str(fact.get(field.name)),)


def linked(session: Session) -> Pairs:
    """Which active flag is linked to which record."""
    statement = (
        select(EvidenceLink.flag_id, EvidenceLink.kind, EvidenceLink.row_id)
        .join(Flag, Flag.id == EvidenceLink.flag_id)
        .where(Flag.active, EvidenceLink.present, EvidenceLink.kind != "cadre")
    )
    return {(flag_id, kind, row_id) for flag_id, kind, row_id in session.execute(statement)}


def change(session: Session, die: random.Random) -> list[Record]:
    """Correct or void some records of every kind, as a supervisor would; gives those changed."""
    changed: list[Record] = []
    for model in CATALOG.records.values():
        rows = list(session.scalars(select(model).where(model.voided_at.is_(None))))
        for row in die.sample(rows, min(len(rows), 1)):
            if hasattr(row, "amount") and row.amount is not None and die.random() < 0.5:
                row.amount += die.choice((1, 10_000))
            else:
                row.voided_at, row.void_reason = NOW, "录错"
            changed.append(row)
    session.commit()
    return changed


def check(session: Session, engine: Engine, seed: int, folder: Path) -> None:
    """Links equal the search: after whole evaluations, live ones, and filled from evidence."""
    _tables, days, place = district(seed, folder)
    bring(session, place)
    for as_of in days:
        judged(session, engine, as_of)
        assert linked(session) == searched(session)
        session.rollback()
    die = random.Random(seed)
    for row in change(session, die):
        touch(session, engine, row, days[-1])
    assert linked(session) == searched(session)
    change(session, die)
    judged(session, engine, days[-1])
    assert linked(session) == searched(session) != set()
    before = linked(session)
    session.execute(delete(EvidenceLink))
    fill_links(session, CATALOG.plugins)
    assert linked(session) == before


def touch(session: Session, engine: Engine, row: Record, today: date) -> None:
    """Evaluate what a row touches, as the web application does."""
    await_record(COMMAND_LINE, session, row, Touched().add(row), at=NOW)
    ids = take_awaited(session)
    session.commit()
    live = Task(COMMAND_LINE, CATALOG, engine.decide, today, None, NOW, ahead=True)
    evaluate_pending(session, live, ids)
    session.rollback()


@ON_SQLITE
@pytest.mark.parametrize("seed", range(300, 303))
def test_links_are_what_a_search_finds(
    seed: int, session: Session, engine: Engine, tmp_path: Path
) -> None:
    check(session, engine, seed, tmp_path)


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_so_they_are_on_postgresql(session: Session, engine: Engine, tmp_path: Path) -> None:
    check(session, engine, 310, tmp_path)
