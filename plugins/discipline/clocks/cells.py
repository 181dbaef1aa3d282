"""From the cells that clocks write to days and minutes: strict, so that nothing is guessed."""

import re
from datetime import date
from typing import cast

from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import _
from tiesan.records.exchange.cells import parser_of
from tiesan.records.exchange.problems import shown

A_DAY = 24 * 60
# What a clock writes where nobody came or went.
NO_TIME = frozenset(
    {"", "--", "缺卡", "未打卡", "旷工", "请假", "休息", "出差", "外出"},
)  # fmt: skip
_WEEKDAYS = "一二三四五六日"
_WEEKDAY = re.compile(r"\s*(?:星期|周|礼拜)([一二三四五六日天])$")
_SHORT_YEAR = re.compile(r"([0-9]{2})-([0-9]{1,2})-([0-9]{1,2})")
_TIME = re.compile(
    r"(?:([0-9][-0-9/.年月]*[0-9日])[ T]+)?(次日)?\s*"
    r"([0-9]{1,2}):([0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?"
)
_LAST_HOUR, _LAST_HOUR_AFTER, _LAST_MINUTE = 23, 29, 59
_CALLED = re.compile("请假|出差|外出|[事病年婚产陪丧调休]假")

_plain_day = parser_of(Field("day", FieldType.DATE, "day"))


def day_of(text: str, *, short_year: bool = False) -> date:
    """The day that a cell says; a year of two digits only where the clock is known to write it.

    The weekday is cut off. Raises ValueError for no day, and for a weekday that does not fit.
    """
    weekday = _WEEKDAY.search(text)
    plain = text[: weekday.start()] if weekday else text
    short = _SHORT_YEAR.fullmatch(plain) if short_year else None
    if short is not None:
        plain = f"20{short[1]}-{int(short[2]):02d}-{int(short[3]):02d}"
    try:
        day = cast("date", _plain_day(plain))
    except ValueError:
        raise ValueError(_("no date (YYYY-MM-DD); found: %(found)s", found=shown(text))) from None
    if weekday and _WEEKDAYS[day.weekday()] != weekday[1].replace("天", "日"):
        wrong = _("the weekday does not fit the date; found: %(found)s", found=shown(text))
        raise ValueError(wrong)
    return day


def moment_of(text: str) -> tuple[date | None, int]:
    """The time that a cell says in minutes, with the day that it says before it, if any.

    What is marked 次日, and hours from 24 on, lie on the day after: their minutes go on counting.
    Seconds are cut off. Raises ValueError for no time.
    """
    found = _TIME.fullmatch(text.replace("\uff1a", ":").strip())
    wrong = _("no time (HH:MM); found: %(found)s", found=shown(text))
    if found is None:
        raise ValueError(wrong)
    hour, minute = int(found[3]), int(found[4])
    last = _LAST_HOUR if found[1] or found[2] else _LAST_HOUR_AFTER
    if hour > last or minute > _LAST_MINUTE:
        raise ValueError(wrong)
    try:
        day = None if found[1] is None else day_of(found[1])
    except ValueError:
        raise ValueError(wrong) from None
    return day, hour * 60 + minute + (A_DAY if found[2] else 0)


def minute_of(text: str, day: date) -> int | None:
    """The time that a cell says in minutes of a day, counting on past midnight; None for none.

    Raises ValueError for no time, and for one of neither this day nor the day after.
    """
    if text in NO_TIME:
        return None
    said, minute = moment_of(text)
    if said is None or said == day:
        return minute
    if (said - day).days == 1 and minute < A_DAY:
        return minute + A_DAY
    wrong = _("a time of another day than that of the row; found: %(found)s", found=shown(text))
    raise ValueError(wrong)


def called_away(text: str) -> str:
    """What a cell calls a leave, 出差 or 外出; an empty text where it calls nothing so."""
    found = _CALLED.search(text)
    return "" if found is None else found.group()
