"""Of people an evaluation of some subjects reads only those whom it may come upon."""

from datetime import date

import pytest
from sqlalchemy import select

from tests.flags.conftest import SINCE, District
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.collect import Collector, Scope
from tiesan.people.models import Cadre, Organization


@pytest.fixture
def world(district: District) -> District:
    """An expense of C1 that C2 approved, and C9 of a federation of another district."""
    session = district.session
    district.approval("G1", district.expense("X1", 30000), approver="C2")
    second = Organization(code="D2", name="丁", kind="district", founded_on=SINCE)
    second.tracked_from = date(2026, 3, 2)
    session.add(second)
    session.flush()
    second.district_id = second.id
    below = {"kind": "federation", "founded_on": SINCE, "parent_id": second.id}
    federation = Organization(code="F2", name="戊", district_id=second.id, **below)
    session.add(federation)
    session.flush()
    cadre = Cadre(code="C9", name="王九", organization_id=federation.id, joined_on=SINCE)
    cadre.professional = False
    session.add(cadre)
    session.commit()
    return district


def read(world: District, *, everybody: bool) -> dict[str, set[str]]:
    """The codes of those read for an evaluation of C1's expenses."""
    of_district = select(Organization.id).where(Organization.code == "D1")
    district_id = world.session.scalars(of_district).one()
    scope = Scope(district_id, "D1", frozenset({"C1"}), frozenset())
    collector = Collector(world.session, installed_catalog(), scope, everybody=everybody)
    rows = collector.rows(("expense", "expense_approval"))
    return {name: {str(row[0]) for row in rows[name]} for name in ("cadre", "organization")}


def test_whom_rows_name_is_read_and_who_stands_in_the_district(world: District) -> None:
    assert read(world, everybody=False) == {"cadre": {"C1", "C2"}, "organization": {"D1", "F1"}}


def test_an_organization_elsewhere_comes_with_those_above_it(world: District) -> None:
    approval = world.session.execute(select(Cadre).filter_by(code="C9")).scalar_one()
    world.approval("G2", world.expense("X2", 30000), approver=approval)
    found = read(world, everybody=False)
    assert found["cadre"] == {"C1", "C2", "C9"}
    assert found["organization"] == {"D1", "F1", "D2", "F2"}


def test_everybody_is_read_where_rules_look_for_people(world: District) -> None:
    found = read(world, everybody=True)
    assert found == {"cadre": {"C1", "C2", "C9"}, "organization": {"D1", "F1", "D2", "F2"}}
