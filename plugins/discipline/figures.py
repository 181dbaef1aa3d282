"""The figures of discipline: logs, leave, post checks, money and assets; nothing of conduct."""

from tiesan.i18n import _l
from tiesan.records.figures import GIVEN, Figure

FIGURES = (
    Figure(name="logs", title=_l("Work logs written"), kind="work_log", date="day"),
    Figure(
        name="leave",
        title=_l("Days of leave"),
        kind="leave",
        date="first_day",
        where={"approved_on": GIVEN, "withdrawn_on": None},
        until="last_day",
        halves=("first_half", "last_half"),
    ),
    Figure(name="post_checks", title=_l("Post checks"), kind="post_check", date="checked_on"),
    Figure(
        name="away",
        title=_l("Away from the post at a check"),
        kind="post_check",
        date="checked_on",
        where={"on_post": False},
    ),
    Figure(
        name="reimbursed", title=_l("Expenses reimbursed"), kind="expense", date="reimbursed_on"
    ),
    Figure(
        name="paid",
        title=_l("Reimbursed (yuan)"),
        kind="expense",
        date="reimbursed_on",
        sum="amount",
    ),
    Figure(
        name="counted",
        title=_l("Assets counted"),
        kind="asset_count",
        date="counted_on",
        by="asset.organization",
    ),
)
