"""Codes given by the system: letters, year, number; by district; never the same one twice."""

import re
from collections.abc import Iterator
from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from plugins.discipline.models import ConductReport, Expense, ExpenseApproval, Leave
from tests.records.conftest import World
from tests.records.writing import ACTOR, AT
from tiesan.config import read_database_url
from tiesan.database import begin_writing, make_engine
from tiesan.flags.catalog import installed_catalog
from tiesan.people.models import Cadre
from tiesan.records.codes import CodeCounter
from tiesan.records.organizations import create_cadre, create_organization
from tiesan.records.services import create_record, void_record

NEXT_YEAR = AT.replace(year=2027)


def expense(session: Session, cadre: Cadre, *, at: Any = AT, **changed: object) -> Expense:
    """A stored expense, by default without a code of its own."""
    values = {"cadre": cadre, "payee": "打印店", "amount": 100, "spent_on": date(2026, 3, 1)}
    return create_record(ACTOR, session, Expense, values | changed, at=at)


def leave(world: World) -> Leave:
    """A stored leave without a code of its own."""
    day = date(2026, 3, 2)
    values = {"cadre": world.cadre, "kind": "annual", "first_day": day, "last_day": day}
    return create_record(ACTOR, world.session, Leave, values, at=AT)


def report(world: World) -> ConductReport:
    """A stored conduct report without a code of its own."""
    values = {"cadre": world.cadre, "kind": "conduct", "reported_on": date(2026, 3, 1)}
    return create_record(ACTOR, world.session, ConductReport, values, at=AT)


def elsewhere(world: World) -> Cadre:
    """A cadre of the other district."""
    values = {"code": "X1", "name": "X1", "organization": world.other, "professional": True}
    return create_cadre(ACTOR, world.session, values | {"joined_on": date(2010, 1, 1)}, at=AT)


def test_numbers_run_by_kind_district_and_year(world: World) -> None:
    session, other = world.session, elsewhere(world)
    made: list[Any] = [
        expense(session, world.cadre),
        expense(session, world.chair, code="  "),
        leave(world),
        expense(session, other),
        expense(session, world.cadre, at=NEXT_YEAR),
        expense(session, world.cadre),
    ]
    assert [each.code for each in made] == [
        "Q1-BX2026-0001",
        "Q1-BX2026-0002",
        "Q1-QJ2026-0001",
        "Q2-BX2026-0001",
        "Q1-BX2027-0001",
        "Q1-BX2026-0003",
    ]


def test_the_year_is_that_of_shanghai(world: World) -> None:
    new_year = AT.replace(month=12, day=31, hour=17)
    assert expense(world.session, world.cadre, at=new_year).code == "Q1-BX2027-0001"


@pytest.fixture
def alone(database_url: str) -> Iterator[tuple[Session, Cadre]]:
    """A cadre of the only district of an installation."""
    engine = make_engine(read_database_url(database_url))
    with Session(engine) as session:
        day = date(2026, 1, 1)
        values = {"code": "区", "name": "区总工会", "kind": "district", "parent": None}
        days = {"founded_on": day, "tracked_from": day}
        place = create_organization(ACTOR, session, values | days, at=AT)
        person = {"code": "C1", "name": "陈", "organization": place, "professional": True}
        cadre = create_cadre(ACTOR, session, person | {"joined_on": day}, at=AT)
        session.commit()
        yield session, cadre
    engine.dispose()


def test_one_district_needs_no_name_and_goes_on_counting_beside_a_second(
    alone: tuple[Session, Cadre],
) -> None:
    session, cadre = alone
    assert expense(session, cadre).code == "BX2026-0001"
    day = date(2026, 1, 1)
    values = {"code": "Q2", "name": "Q2", "kind": "district", "parent": None}
    days = {"founded_on": day, "tracked_from": day}
    create_organization(ACTOR, session, values | days, at=AT)
    assert expense(session, cadre).code == "区-BX2026-0002"


def test_what_was_typed_or_imported_is_passed_over(alone: tuple[Session, Cadre]) -> None:
    session, cadre = alone
    for code in ("BX2026-0001", "BX2026-0041", "BX2026-12345678901", "BX2026-草稿", "BX2025-0900"):
        expense(session, cadre, code=code)
    typed = expense(session, cadre, code="BX2026-0042")
    void_record(ACTOR, session, typed, reason="录错", at=AT)
    assert [expense(session, cadre).code for _ in range(2)] == ["BX2026-0043", "BX2026-0044"]


def test_a_number_that_was_not_stored_is_free_again(world: World) -> None:
    world.session.commit()
    expense(world.session, world.cadre)
    world.session.rollback()
    assert expense(world.session, world.cadre).code == "Q1-BX2026-0001"


def test_numbers_beyond_four_digits(world: World) -> None:
    expense(world.session, world.cadre)
    world.session.get_one(CodeCounter, ("expense", world.district.id, 2026)).last = 9999
    assert expense(world.session, world.cadre).code == "Q1-BX2026-10000"


def test_a_district_with_a_long_code_is_left_out_of_it(world: World) -> None:
    world.district.code = "D" * 50
    assert expense(world.session, world.cadre).code == "BX2026-0001"


def test_confidential_codes_tell_nothing_and_cannot_be_guessed(world: World) -> None:
    codes = {report(world).code for _ in range(20)}
    assert len(codes) == 20
    assert all(re.fullmatch("JB-[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}", code) for code in codes)
    assert world.session.scalars(select(CodeCounter)).all() == []


def test_two_at_once_get_different_numbers(world: World) -> None:
    cadre, engine = world.cadre.id, world.session.get_bind()
    assert isinstance(engine, Engine)
    world.session.rollback()
    begin, found, each_makes = Barrier(2), list[str](), 8

    def make() -> None:
        for _ in range(each_makes):
            begin.wait()
            with Session(engine) as session:
                begin_writing(session)
                code = expense(session, session.get_one(Cadre, cadre)).code
                session.commit()
            found.append(code)

    threads = [Thread(target=make) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    numbers = range(1, 2 * each_makes + 1)
    assert sorted(found) == [f"Q1-BX2026-{number:04}" for number in numbers]


def approval(session: Session, of: int) -> str:
    """The code of an approval, stored by itself, of the expense of an id."""
    values = {"expense": session.get_one(Expense, of), "body": "chair", "decision": "approved"}
    values["decided_on"] = date(2026, 3, 1)
    stored = create_record(ACTOR, session, ExpenseApproval, values, at=AT)
    session.commit()
    return stored.code


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_nobody_waits_in_a_circle(world: World) -> None:
    """One holds an expense and wants a number; another has the number and wants the expense."""
    engine = world.session.get_bind()
    assert isinstance(engine, Engine)
    of = expense(world.session, world.cadre).id
    world.session.commit()
    found: list[str] = []

    def decide() -> None:
        with Session(engine) as session:
            found.append(approval(session, of))

    with Session(engine) as holding, engine.connect() as looking:
        holding.execute(select(Expense.id).where(Expense.id == of).with_for_update())
        other = Thread(target=decide)
        other.start()
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND datname = current_database()"
        )
        while not looking.scalar(waiting):
            looking.rollback()
            assert other.is_alive()
        found.append(approval(holding, of))
        other.join()
    assert sorted(found) == ["Q1-SP2026-0001", "Q1-SP2026-0002"]


def test_shipped_kinds_have_two_letters() -> None:
    kinds = [each.record_kind for each in installed_catalog().plugins.records]
    letters = [kind.letters for kind in kinds if kind.is_coded]
    assert all(re.fullmatch("[A-Z]{2}", each) for each in letters)
    assert {"leave": "QJ", "expense": "BX"}.items() <= {k.name: k.letters for k in kinds}.items()
