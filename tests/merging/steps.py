"""Merging and separating entries, and everything that is stored, for the tests of it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.database import begin_writing
from tiesan.discovery import load_plugins
from tiesan.extensions import Base
from tiesan.merging.services import Merging, merge_cadres
from tiesan.merging.undoing import undo_merge
from tiesan.people.merges import CadreMerge
from tiesan.people.models import Cadre, Organization
from tiesan.testing.world import ACTOR, AT

RECORDS = load_plugins().records
LATER = AT + timedelta(hours=1)
# What merging itself writes, and what says what was done.
WRITTEN = {"audit_entry", "audit_link", "audit_head"}
WRITTEN |= {"cadre_merge", "cadre_alias", "merge_step", "pending_evaluation"}


def cadre(session: Session, code: str) -> Cadre:
    return session.scalars(select(Cadre).where(Cadre.code == code)).one()


def place(session: Session, code: str) -> Organization:
    return session.scalars(select(Organization).where(Organization.code == code)).one()


def merged(session: Session, kept: str, other: str) -> CadreMerge:
    """Merge two entries by code; the caller commits."""
    begin_writing(session)
    what = Merging(cadre(session, kept), cadre(session, other), "同一个人", RECORDS)
    return merge_cadres(ACTOR, session, what, at=LATER)


def undone(session: Session, merge: CadreMerge) -> None:
    undo_merge(ACTOR, session, merge, records=RECORDS, at=LATER, reason="合并有误")


def stored(session: Session) -> dict[str, list[Any]]:
    """Everything in the database but what merging writes of its own."""
    session.expire_all()
    return {
        name: sorted(repr(tuple(row)) for row in session.execute(select(table)))
        for name, table in Base.metadata.tables.items()
        if name not in WRITTEN
    }
