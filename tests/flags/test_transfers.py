"""A transfer sheds no decision: the flags on a cadre's organization move with the cadre."""

from datetime import date

import pytest
from sqlalchemy import select

from plugins.accountability.models import Mistake
from tests.flags.conftest import District
from tests.flags.test_districts import other
from tiesan.flags.evaluation import districts, evaluate_installation
from tiesan.flags.models import Flag
from tiesan.people.models import Cadre, Organization

__all__ = ["other"]

AS_OF = date(2026, 3, 31)
UNPURSUED = "accountability.mistake_unpursued"


@pytest.fixture
def mistake(district: District) -> Mistake:
    """A major mistake of C1 that nobody pursues; its flag is confirmed."""
    days = {"occurred_on": date(2026, 3, 3), "reported_on": date(2026, 3, 3)}
    row: Mistake = district.add(Mistake, code="W1", cadre="C1", level="major", **days)
    district.evaluate(AS_OF)
    [flag] = district.flags_of(UNPURSUED)
    district.review(flag, "confirmed", AS_OF)
    return row


def post(district: District, cadre: str, place: str) -> None:
    """Post a cadre to an organization; the records about them go along."""
    row = district.session.scalars(select(Cadre).filter_by(code=cadre)).one()
    row.organization = district.session.scalars(select(Organization).filter_by(code=place)).one()
    for each in district.session.scalars(select(Mistake)):
        each.district_id = row.organization.district_id or 0
    district.session.commit()


def evaluate(district: District, *codes: str) -> None:
    """Evaluate districts one after the other."""
    ids = {code: row_id for row_id, code in districts(district.session)}
    district.session.commit()
    for code in codes:
        evaluate_installation(district.session, district.task(AS_OF), only=[ids[code]])


def moved(district: District, place: str) -> Flag:
    """The one flag, on an organization now, with its decision and its history."""
    [flag] = district.flags_of(UNPURSUED)
    assert flag.organization is not None
    assert (flag.organization.code, flag.active, flag.review) == (place, True, "confirmed")
    assert (flag.episode, flag.changed_since_decision) == (1, False)
    assert flag.district_id == flag.organization.district_id
    return flag


@pytest.mark.parametrize("order", [("D1", "D2"), ("D2", "D1"), ("D1",), ("D2",)])
def test_to_another_district_whichever_is_evaluated_first(
    order: tuple[str, ...], district: District, mistake: Mistake, other: Organization
) -> None:
    post(district, "C1", "F2")
    evaluate(district, *order)
    flag = moved(district, "F2")
    assert [event.verb for event in flag.events] == ["raised", "reviewed", "moved"]
    assert flag.events[-1].reason == "F1"
    assert flag.revision == 1
    assert flag.message_zh == flag.revisions[0].message_zh
    evaluate(district, "D1", "D2")
    before = district.stored()
    evaluate(district, "D2", "D1")
    assert district.stored() == before
    moved(district, "F2")


def test_inside_a_district_and_back(district: District, mistake: Mistake) -> None:
    for place in ("D1", "F1"):
        post(district, "C1", place)
        evaluate(district, "D1")
        moved(district, place)
    verbs = [event.verb for event in moved(district, "F1").events]
    assert verbs == ["raised", "reviewed", "moved", "moved"]


def test_by_a_live_evaluation_of_what_else_was_saved(
    district: District, mistake: Mistake, other: Organization
) -> None:
    post(district, "C1", "F2")
    district.session.commit()
    district.touch(mistake, AS_OF)
    moved(district, "F2")


def test_a_record_that_was_about_another_cadre_moves_no_decision(
    district: District, mistake: Mistake, other: Organization
) -> None:
    mistake.cadre = district.session.scalars(select(Cadre).filter_by(code="C9")).one()
    mistake.district_id = other.id
    district.session.commit()
    evaluate(district, "D1", "D2")
    first, second = sorted(district.flags_of(UNPURSUED), key=lambda flag: flag.id)
    assert (first.active, first.review, first.cleared_reason) == (False, "confirmed", "condition")
    assert (second.active, second.review) == (True, "open")
    assert second.organization is not None
    assert second.organization.code == "D2"


def test_a_flag_that_the_new_organization_has_already_stays_there(
    district: District, mistake: Mistake
) -> None:
    [flag] = district.flags_of(UNPURSUED)
    place = district.session.scalars(select(Organization).filter_by(code="D1")).one()
    [revision] = flag.revisions
    same = {"rule": flag.rule, "severity": flag.severity, "key": flag.key, "episode": 1}
    same |= {"message_zh": "", "message_en": "", "active": False, "revision": 1}
    same |= {"district_id": place.id, "occurred_on": flag.occurred_on, "raised_at": flag.raised_at}
    same |= {"raised_as_of": AS_OF, "known_as_of": AS_OF, "evidence_digest": "", "rule_digest": ""}
    cleared = {"cleared_at": flag.raised_at, "cleared_reason": "condition"}
    district.session.add(Flag(organization_id=place.id, **same, **cleared))
    post(district, "C1", "D1")
    evaluate(district, "D1")
    found = {
        (each.organization.code if each.organization else "", each.active)
        for each in district.flags_of(UNPURSUED)
    }
    assert found == {("F1", False), ("D1", True)}
    assert revision.number == 1
