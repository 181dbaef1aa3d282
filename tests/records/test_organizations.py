"""Organizations and cadres one by one: the tree, the districts and the postings."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from plugins.discipline.models import Expense, ExpenseApproval
from tests.records.conftest import World
from tests.records.writing import ACTOR, AT, LATER
from tiesan.audit import AuditEntry
from tiesan.discovery import load_plugins
from tiesan.people.models import Posting
from tiesan.records.organizations import (
    NewPost,
    create_cadre,
    create_organization,
    end_service,
    move_cadre,
    resume_service,
    update_cadre,
    update_organization,
)
from tiesan.records.services import create_record
from tiesan.records.validation import RecordRefused

RECORDS = load_plugins().records


def postings(world: World) -> list[tuple[str, date, date | None]]:
    """The postings of the cadre, in order."""
    statement = select(Posting).filter_by(cadre_id=world.cadre.id).order_by(Posting.from_on)
    return [
        (each.organization.code, each.from_on, each.until_on)
        for each in world.session.scalars(statement)
    ]


def with_records(world: World) -> tuple[Expense, ExpenseApproval]:
    """An expense of the cadre and its approval."""
    values = {"code": "B1", "cadre": world.cadre, "payee": "甲", "amount": 1}
    expense = create_record(
        ACTOR, world.session, Expense, values | {"spent_on": date(2026, 3, 1)}, at=AT
    )
    decided = {"code": "A1", "expense": expense, "body": "chair", "decision": "approved"}
    approval = create_record(
        ACTOR, world.session, ExpenseApproval, decided | {"decided_on": date(2026, 3, 1)}, at=AT
    )
    return expense, approval


def refused(world: World, change: dict[str, Any], organization: str = "federation") -> str:
    """The field for which a change of an organization is refused."""
    with pytest.raises(RecordRefused) as error:
        update_organization(
            ACTOR, world.session, getattr(world, organization), change, records=RECORDS, at=AT
        )
    world.session.rollback()
    return error.value.problems[0][0]


def test_every_organization_knows_its_district(world: World) -> None:
    found = {
        each.code: each.district for each in (world.district, world.federation, world.enterprise)
    }
    assert found == dict.fromkeys(("Q1", "F1", "E1"), world.district)


def test_a_district_tree_has_three_levels(world: World) -> None:
    assert refused(world, {"parent": None}) == "parent"
    assert refused(world, {"parent": world.enterprise}) == "parent"
    assert refused(world, {"parent": world.federation}) == "parent"
    assert refused(world, {"kind": "enterprise"}) == "kind"
    assert refused(world, {"parent": world.enterprise}, "enterprise") == "parent"
    assert refused(world, {"code": "Q1"}) == "code"
    assert refused(world, {"dissolved_on": date(2000, 1, 1)}) == "dissolved_on"
    assert refused(world, {"tracked_from": None}, "district") == "tracked_from"
    values = {"code": "X1", "name": "x", "kind": "federation", "founded_on": date(2000, 1, 1)}
    with pytest.raises(RecordRefused):
        create_organization(ACTOR, world.session, values | {"parent": world.federation}, at=AT)


def test_a_moved_federation_takes_everything_along(world: World) -> None:
    expense, approval = with_records(world)
    assert update_organization(
        ACTOR, world.session, world.federation, {"parent": world.other}, records=RECORDS, at=LATER
    )
    world.session.commit()
    assert world.enterprise.district is world.other
    assert (expense.district, approval.district) == (world.other, world.other)
    entry = world.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert entry.details == {"changed": {"parent": ["Q1", "Q2"]}}


def test_a_cadre_moves_inside_the_district(world: World) -> None:
    expense, _approval = with_records(world)
    assert move_cadre(
        ACTOR, world.session, world.cadre, NewPost(world.enterprise), records=RECORDS, at=LATER
    )
    assert postings(world) == [
        ("F1", date(2010, 1, 1), date(2026, 11, 19)),
        ("E1", date(2026, 11, 20), None),
    ]
    assert expense.district is world.district


def test_a_cadre_who_leaves_the_district_takes_the_records_along(world: World) -> None:
    expense, approval = with_records(world)
    move_cadre(ACTOR, world.session, world.cadre, NewPost(world.other), records=RECORDS, at=LATER)
    world.session.commit()
    assert (expense.district, approval.district) == (world.other, world.other)


def test_a_move_that_is_taken_back_on_the_same_day_leaves_no_trace_of_a_day(world: World) -> None:
    for place in (world.enterprise, world.district):
        move_cadre(ACTOR, world.session, world.cadre, NewPost(place), records=RECORDS, at=LATER)
    assert [code for code, _from, _until in postings(world)] == ["F1", "Q1"]


def test_a_cadre_changes_without_moving(world: World) -> None:
    assert update_cadre(
        ACTOR, world.session, world.cadre, {"post": "干事"}, records=RECORDS, at=LATER
    )
    assert not update_cadre(
        ACTOR, world.session, world.cadre, {"post": "干事"}, records=RECORDS, at=LATER
    )
    assert len(postings(world)) == 1


def test_cadres_are_refused_like_records(world: World) -> None:
    values = {"code": "C1", "name": "x", "organization": world.district, "professional": False}
    with pytest.raises(RecordRefused) as error:
        create_cadre(ACTOR, world.session, values | {"joined_on": date(2020, 1, 1)}, at=AT)
    assert error.value.problems[0][0] == "code"
    left = {"left_on": date(2009, 12, 31)}
    with pytest.raises(RecordRefused) as error:
        update_cadre(ACTOR, world.session, world.cadre, left, records=RECORDS, at=AT)
    assert error.value.problems[0][0] == "left_on"


def last_entry(world: World) -> AuditEntry:
    """The newest entry of the audit trail."""
    return world.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).all()[0]


def test_leaving_and_coming_back_leaves_the_earlier_posting_as_it_was(world: World) -> None:
    left, back = date(2026, 3, 1), date(2026, 6, 1)
    entries = len(world.session.scalars(select(AuditEntry)).all())
    assert end_service(ACTOR, world.session, world.cadre, left, records=RECORDS, at=LATER)
    assert (world.cadre.left_on, last_entry(world).verb) == (left, "leave")
    assert last_entry(world).details == {"changed": {"left_on": [None, "2026-03-01"]}}
    post = NewPost(world.enterprise, back)
    assert resume_service(ACTOR, world.session, world.cadre, post, records=RECORDS, at=LATER)
    assert postings(world) == [
        ("F1", date(2010, 1, 1), date(2026, 2, 28)),
        ("E1", back, None),
    ]
    assert (world.cadre.organization, world.cadre.left_on) == (world.enterprise, None)
    assert world.cadre.joined_on == date(2010, 1, 1)
    assert last_entry(world).verb == "come back"
    assert len(world.session.scalars(select(AuditEntry)).all()) == entries + 2


def test_moving_from_a_day_on(world: World) -> None:
    post = NewPost(world.enterprise, date(2026, 12, 1))
    assert move_cadre(ACTOR, world.session, world.cadre, post, records=RECORDS, at=LATER)
    assert postings(world) == [
        ("F1", date(2010, 1, 1), date(2026, 11, 30)),
        ("E1", date(2026, 12, 1), None),
    ]
    assert last_entry(world).verb == "move"
    assert not move_cadre(ACTOR, world.session, world.cadre, post, records=RECORDS, at=LATER)


def test_service_that_cannot_be_is_refused_and_changes_nothing(world: World) -> None:
    session, cadre = world.session, world.cadre
    with pytest.raises(RecordRefused) as error:
        resume_service(ACTOR, session, cadre, NewPost(world.enterprise), records=RECORDS, at=LATER)
    assert error.value.problems[0][0] == "joined_on"
    with pytest.raises(RecordRefused) as error:
        end_service(ACTOR, session, cadre, date(2010, 1, 1), records=RECORDS, at=LATER)
    assert error.value.problems[0][0] == "left_on"
    assert postings(world) == [("F1", date(2010, 1, 1), None)]


def test_the_form_of_a_cadre_begins_anew_after_the_end(world: World) -> None:
    def change(**values: Any) -> None:
        update_cadre(ACTOR, world.session, world.cadre, values, records=RECORDS, at=LATER)

    change(left_on=date(2026, 3, 1))
    change(joined_on=date(2026, 6, 1), left_on=None, organization=world.other)
    assert postings(world) == [
        ("F1", date(2010, 1, 1), date(2026, 2, 28)),
        ("Q2", date(2026, 6, 1), None),
    ]
    change(joined_on=date(2011, 1, 1))
    assert postings(world)[0] == ("F1", date(2011, 1, 1), date(2026, 2, 28))
    with pytest.raises(RecordRefused) as error:
        change(joined_on=date(2026, 3, 1))
    assert error.value.problems[0][0] == "joined_on"
