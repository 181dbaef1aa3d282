"""What records of discipline must not say, and what they hardly mean."""

from collections.abc import Mapping
from typing import Any

from tiesan.i18n import _l
from tiesan.records.base import Doubt, Overlap, RowCheck, earlier


def _half_days(row: Mapping[str, Any]) -> tuple[int, int] | None:
    """The mornings and afternoons of a leave as consecutive numbers, the first and the last.

    None for one that was withdrawn, or rejected and not approved: it covers nothing.
    """
    rejected = row["rejected_on"] is not None and row["approved_on"] is None
    if rejected or row["withdrawn_on"] is not None:
        return None
    first, last = 2 * row["first_day"].toordinal(), 2 * row["last_day"].toordinal() + 1
    return first + (row["first_half"] == "pm"), last - (row["last_half"] == "am")


WORK_LOG_DOUBTS = (
    Doubt(
        "day",
        _l("a log for a day on which the cadre was not in post"),
        lambda row, setting: not setting.in_post(row["cadre"], row["day"]),
    ),
)

ATTENDANCE_CHECKS = (
    RowCheck(
        "clock_out",
        lambda row: (
            not row["clock_out_next_day"]
            and row["clock_in"] is not None
            and row["clock_out"] is not None
            and row["clock_out"] <= row["clock_in"]
        ),
        _l("does not lie after clocking in (of the next day? say so: 24:40, 次日00:40)"),
    ),
)

ATTENDANCE_DOUBTS = (
    Doubt(
        "day",
        _l("attendance on a day off"),
        lambda row, setting: not setting.is_working_day(row["day"]),
    ),
)

LEAVE_CHECKS = (
    RowCheck(
        "last_day",
        lambda row: earlier(row, "last_day", than="first_day"),
        _l("lies before the first day"),
    ),
    RowCheck(
        "last_half",
        lambda row: (
            row["first_day"] == row["last_day"]
            and (row["first_half"], row["last_half"]) == ("pm", "am")
        ),
        _l("a leave of one day cannot begin in its afternoon and end in its morning"),
    ),
)

LEAVE_DOUBTS = (
    Overlap(
        "first_day",
        _l("overlaps another leave of the same cadre"),
        of="cadre",
        span=_half_days,
    ),
)

EXPENSE_CHECKS = (
    RowCheck(
        "spent_on",
        lambda row: row["spent_on"] is None and row["requested_on"] is None,
        _l("must not be empty where the expense was not requested"),
    ),
)

APPROVAL_DOUBTS = (
    Doubt(
        "amount",
        _l("an amount of 0.00"),
        lambda row, _setting: row["amount"] == 0,
    ),
)

EXPENSE_DOUBTS = (
    Doubt(
        "amount",
        _l("an amount of 0.00"),
        lambda row, _setting: row["amount"] == 0,
        refused=True,
    ),
)
