"""What is owed in random districts: the same however it is read, and flagged when it is judged."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.oracle.test_oracle import (
    CATALOG,
    ON_SQLITE,
    bring,
    district,
    engine,
    judged,
    session,
)
from tiesan.engine.deciding import Engine
from tiesan.flags import duties
from tiesan.flags.collect import Scope
from tiesan.flags.duties import read_owed
from tiesan.people.models import Cadre, Organization
from tiesan.rules import Owed, Rule

__all__ = ["engine", "session"]

HORIZON = 40
Name = tuple[str, str, str]


def every(_rule: Rule) -> bool:
    """All rules are looked at."""
    return True


def named(found: list[Owed]) -> dict[Name, tuple[date, int, int]]:
    """What is owed, by the flag that it would become."""
    return {
        (each.rule.id, each.subject, each.key): (each.due_on, each.done, each.required)
        for each in found
    }


def by_subject(session: Session, place: Organization, day: date) -> dict[Name, object]:
    """What each cadre and organization of a district owes, read one by one."""
    found: dict[Name, object] = {}
    here = select(Organization).where(Organization.district_id == place.id)
    for each in session.scalars(here).all():
        cadres = session.scalars(select(Cadre.code).where(Cadre.organization_id == each.id)).all()
        for cadre in cadres:
            scope = Scope(place.id, place.code, frozenset({cadre}), frozenset())
            found |= named(read_owed(session, CATALOG, scope, day, HORIZON, every))
        scope = Scope(place.id, place.code, frozenset(), frozenset({each.code}))
        found |= named(read_owed(session, CATALOG, scope, day, HORIZON, every))
    return found


def check(session: Session, engine: Engine, seed: int, folder: Path) -> int:
    """Judge a random district as of a day, and look what is owed then; gives how much it was."""
    _tables, days, place = district(seed, folder)
    bring(session, place)
    number = 0
    for day in days[:2]:
        judged(session, engine, day)
        roots = select(Organization).where(Organization.kind == "district")
        for root in session.scalars(roots).all():
            whole = Scope(root.id, root.code)
            found = named(read_owed(session, CATALOG, whole, day, HORIZON, every))
            assert by_subject(session, root, day) == found
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(duties, "wanted_rows", lambda *_given: {})
                assert named(read_owed(session, CATALOG, whole, day, HORIZON, every)) == found
            number += len(found)
    return number


@ON_SQLITE
@pytest.mark.parametrize("seed", range(400, 403))
def test_what_is_owed_is_the_same_however_it_is_read(
    seed: int, session: Session, engine: Engine, tmp_path: Path
) -> None:
    assert check(session, engine, seed, tmp_path) > 0


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_so_it_is_on_postgresql(session: Session, engine: Engine, tmp_path: Path) -> None:
    assert check(session, engine, 403, tmp_path) > 0
