"""A trail of two districts and the installation, in a database of each kind."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entries, record_entry
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.people.models import Account, Organization
from tiesan.records.organizations import create_organization

AT = datetime(2026, 3, 2, 1, 2, 3, 45, UTC)
ACTOR = Actor(None, "李敏")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a database with all tables and no rows."""
    engine = make_engine(read_database_url(database_url))
    yield engine
    engine.dispose()


@pytest.fixture
def districts(engine: Engine) -> list[int]:
    """The ids of two districts, each of which has five entries; the installation has three."""
    with Session(engine) as session:
        ids = [_district(session, code).id for code in ("Q1", "Q2")]
        session.add(Account(username="li", password="!", active=True, fs_uniquifier="1",
                            created_at=AT))  # fmt: skip
        session.commit()
        for day in range(4):
            at = AT + timedelta(days=day, microseconds=day)
            told = [
                ("update", Subject("expense", 7, f"B{day}", each), {"changed": {"额": [day, 1.5]}})
                for each in ids
            ]
            record_entries(session, ACTOR, told, at=at)
            if day:
                record_entry(session, ACTOR, "test way", Subject("way"), at=at)
            session.commit()
    return ids


def _district(session: Session, code: str) -> Organization:
    values = {"code": code, "name": code, "kind": "district", "parent": None}
    founded = {"founded_on": date(2000, 1, 1), "tracked_from": date(2026, 1, 1)}
    return create_organization(ACTOR, session, values | founded, at=AT)
