"""Rules over flags read review states as of a day; an evaluation never changes one."""

from datetime import date

import pytest

from plugins.discipline.models import PostCheck
from plugins.innovation.models import Award
from tests.flags.conftest import District
from tiesan.flags.models import Flag

AS_OF = date(2026, 3, 31)
REPEAT = "accountability.repeat_violations"


@pytest.fixture
def three(district: District) -> list[Flag]:
    """Three serious flags of C1: found away from the post on March 3, 4 and 5."""
    for number, day in enumerate((3, 4, 5), start=1):
        checked = date(2026, 3, day)
        district.add(PostCheck, code=f"K{number}", cadre="C1", checked_on=checked, on_post=False)
    district.evaluate(AS_OF)
    return [flag for flag in district.flags() if flag.rule == "discipline.off_post"]


def repeated(district: District, day: date) -> list[date]:
    """The dates of the flags for repeated violations that an evaluation as of a day finds."""
    return [hit.occurred_on for hit in district.evaluate(day).hits if hit.rule == REPEAT]


def test_three_serious_flags_are_repeated_violations(district: District, three: list[Flag]) -> None:
    assert len(three) == 3
    assert repeated(district, AS_OF) == [date(2026, 3, 5)]


def test_a_dismissed_flag_does_not_count_from_the_day_of_its_dismissal(
    district: District, three: list[Flag]
) -> None:
    district.review(three[0], "dismissed", date(2026, 3, 20))
    assert repeated(district, AS_OF) == []
    assert repeated(district, date(2026, 3, 19)) == [date(2026, 3, 5)]
    assert three[0].review == "dismissed"


def test_a_waiver_counts_until_it_ends(district: District, three: list[Flag]) -> None:
    district.review(three[0], "waived", date(2026, 3, 20), until=date(2026, 4, 10))
    assert repeated(district, date(2026, 4, 10)) == []
    assert repeated(district, date(2026, 4, 11)) == [date(2026, 3, 5)]


def test_a_fourth_flag_moves_the_date_when_an_earlier_one_is_dismissed(
    district: District, three: list[Flag]
) -> None:
    checked = date(2026, 3, 6)
    district.add(PostCheck, code="K4", cadre="C1", checked_on=checked, on_post=False)
    district.review(three[1], "dismissed", AS_OF)
    assert repeated(district, AS_OF) == [checked]


def test_a_nomination_after_a_serious_flag_is_flagged_and_cleared_by_dismissal(
    district: District, three: list[Flag]
) -> None:
    district.add(Award, code="J1", cadre="C1", nominated_on=date(2026, 3, 3))
    district.evaluate(AS_OF)
    assert ("innovation.award_ineligible", "J1") in {
        (flag.rule, flag.key) for flag in district.flags_of("innovation", active=True)
    }
    district.review(three[0], "dismissed", AS_OF)
    district.evaluate(AS_OF)
    assert district.flags_of("innovation.award", active=True) == []
