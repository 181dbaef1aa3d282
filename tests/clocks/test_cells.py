"""From cells to days and minutes."""

from datetime import date

import pytest

from plugins.discipline.clocks.cells import called_away, day_of, minute_of, moment_of
from tiesan.i18n import use_language

MONDAY = date(2026, 10, 5)


@pytest.mark.parametrize(
    "text",
    [
        "2026/10/05 星期一",
        "2026-10-05",
        "2026-10-05 周一",
        "2026.10.5",
        "20261005",
        "2026年10月5日",
    ],
)
def test_a_day_is_read(text: str) -> None:
    assert day_of(text) == MONDAY


def test_a_year_of_two_digits_is_read_where_the_clock_writes_it() -> None:
    assert day_of("26-10-05 星期一", short_year=True) == MONDAY
    with pytest.raises(ValueError, match="26-10-05"):
        day_of("26-10-05 星期一")


@pytest.mark.parametrize(
    "text", ["2026-10-05 星期二", "05/10/2026", "2026-02-30", "星期一", "26-13-01"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with use_language("en"), pytest.raises(ValueError, match="found"):
        day_of(text, short_year=True)


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("08:55", 535),
        ("8:55", 535),
        ("08：55", 535),
        ("08:55:59", 535),
        ("次日 00:40", 1480),
        ("次日00:40", 1480),
        ("24:40", 1480),
        ("2026-10-05 08:55", 535),
        ("2026-10-05 08:55:01", 535),
        ("2026-10-06 00:40", 1480),
        ("2026/10/5 次日 00:40", 1480),
        ("--", None),
        ("", None),
        ("缺卡", None),
        ("旷工", None),
    ],
)
def test_a_time_is_read(text: str, minute: int | None) -> None:
    assert minute_of(text, MONDAY) == minute


@pytest.mark.parametrize(
    "text", ["0855", "25:61", "30:00", "次日 24:40", "8.55", "正常", "早上八点"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with use_language("en"), pytest.raises(ValueError, match="no time"):
        minute_of(text, MONDAY)


def test_a_time_of_another_day_is_refused() -> None:
    with use_language("en"), pytest.raises(ValueError, match="another day"):
        minute_of("2026-10-07 08:55", MONDAY)
    assert moment_of("2026-10-07 08:55:01") == (date(2026, 10, 7), 535)


@pytest.mark.parametrize(
    ("text", "called"), [("请假", "请假"), ("外出", "外出"), ("事假10-05 09:00到18:00", "事假"),
                         ("外勤", ""), ("补卡审批通过", ""), ("迟到15分钟", "")]
)  # fmt: skip
def test_what_a_clock_calls_leave(text: str, called: str) -> None:
    assert called_away(text) == called
