"""What a change of people would raise and clear is told before it is saved, and nothing stored."""

from datetime import date

import pytest
from sqlalchemy import select

from plugins.accountability.models import Mistake
from tests.flags.conftest import District
from tests.flags.test_districts import other
from tiesan.flags.preview import Preview, preview
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Concerned

__all__ = ["other"]

TODAY = date(2026, 3, 31)


def concerned(district: District, place: str, *cadres: str) -> dict[int, Concerned]:
    """A place and cadres in their district."""
    row = district.session.scalars(select(Organization).filter_by(code=place)).one()
    assert row.district_id is not None
    return {row.district_id: Concerned(frozenset(cadres), frozenset({place}))}


def told(district: District, cadre: str) -> Preview:
    """What the change that the session holds would do to a cadre of F1."""
    return preview(district.session, district.live(TODAY), concerned(district, "F1", cadre))


def whole(district: District) -> None:
    """Judge the whole district up to yesterday, knowing the running day."""
    district.session.commit()
    district.up_to_now(TODAY)
    district.session.commit()


def test_who_is_added_late_is_told_with_all_that_was_missed(district: District) -> None:
    whole(district)
    before = district.stored()
    federation = district.session.scalars(select(Organization).filter_by(code="F1")).one()
    values = {"code": "C3", "name": "新来", "professional": True, "joined_on": date(2026, 3, 25)}
    district.session.add(Cadre(organization=federation, **values))
    found = told(district, "C3")
    announced = sorted(hit.identity for hit in found.raised)
    assert found.cleared == []
    absences = [key for rule, _k, _c, key in announced if rule == "discipline.absent"]
    # From the day of joining to yesterday, for the running day is not over.
    assert absences == ["2026-03-25", "2026-03-26", "2026-03-27", "2026-03-30"]
    district.session.rollback()
    assert district.stored() == before
    # Saved after all, that is what is raised.
    federation = district.session.scalars(select(Organization).filter_by(code="F1")).one()
    district.session.add(Cadre(organization=federation, **values))
    whole(district)
    raised = [
        (flag.rule, "cadre", "C3", flag.key)
        for prefix in ("discipline.", "research.", "accountability.")
        for flag in district.flags_of(prefix, active=True)
        if flag.cadre is not None and flag.cadre.code == "C3"
    ]
    assert sorted(raised) == announced


def test_who_left_in_the_past_sheds_what_was_due_since(district: District) -> None:
    cadre = district.session.scalars(select(Cadre).filter_by(code="C1")).one()
    cadre.professional = True
    whole(district)
    cadre = district.session.scalars(select(Cadre).filter_by(code="C1")).one()
    cadre.left_on = date(2026, 3, 27)
    found = told(district, "C1")
    cleared = sorted(flag.key for flag in found.cleared if flag.rule == "discipline.absent")
    assert cleared == ["2026-03-27", "2026-03-30"]
    district.session.rollback()


def test_a_transfer_raises_and_clears_nothing_of_what_moves(
    district: District, other: Organization
) -> None:
    days = {"occurred_on": date(2026, 3, 3), "reported_on": date(2026, 3, 3)}
    mistake = district.add(Mistake, code="W1", cadre="C1", level="major", **days)
    whole(district)
    before = district.stored()
    cadre = district.session.scalars(select(Cadre).filter_by(code="C1")).one()
    place = district.session.scalars(select(Organization).filter_by(code="F2")).one()
    cadre.organization, mistake.district_id = place, place.district_id
    districts = concerned(district, "F1") | concerned(district, "F2", "C1")
    found = preview(district.session, district.live(TODAY), districts)
    rules = [hit.rule for hit in found.raised] + [flag.rule for flag in found.cleared]
    assert [rule for rule in rules if rule.startswith("accountability.")] == []
    district.session.rollback()
    assert district.stored() == before


@pytest.mark.parametrize("code", ["C1", "C2"])
def test_a_change_that_no_rule_reads_tells_of_nothing(code: str, district: District) -> None:
    whole(district)
    cadre = district.session.scalars(select(Cadre).filter_by(code=code)).one()
    cadre.name = "改名"
    assert told(district, code) == Preview()
    district.session.rollback()
