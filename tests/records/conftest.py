"""A small district, in a database of each kind, for tests of what writes records."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy.orm import Session

from tests.records.writing import ACTOR, AT
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.people.models import Cadre, Organization
from tiesan.records.organizations import create_cadre, create_organization


@dataclass
class World:
    """Two districts; the first has a federation, an enterprise union and two cadres."""

    session: Session
    district: Organization
    federation: Organization
    enterprise: Organization
    other: Organization
    cadre: Cadre
    chair: Cadre


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """The districts with their people, committed."""
    engine = make_engine(read_database_url(database_url))
    with Session(engine) as session:
        yield _world(session)
    engine.dispose()


def _world(session: Session) -> World:
    def organization(code: str, kind: str, parent: Organization | None) -> Organization:
        tracked = date(2026, 1, 1) if kind == "district" else None
        values = {"code": code, "name": code, "kind": kind, "parent": parent}
        founded = {"founded_on": date(2000, 1, 1), "tracked_from": tracked}
        return create_organization(ACTOR, session, values | founded, at=AT)

    def cadre(code: str, place: Organization) -> Cadre:
        values = {"code": code, "name": code, "organization": place, "professional": True}
        return create_cadre(ACTOR, session, values | {"joined_on": date(2010, 1, 1)}, at=AT)

    district = organization("Q1", "district", None)
    federation = organization("F1", "federation", district)
    enterprise = organization("E1", "enterprise", federation)
    other = organization("Q2", "district", None)
    world = World(
        session,
        district,
        federation,
        enterprise,
        other,
        cadre("C1", federation),
        cadre("C2", district),
    )
    session.commit()
    return world
