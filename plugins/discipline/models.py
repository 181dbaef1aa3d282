"""Records of the institution of discipline (工作纪律制度): attendance, leave, money, conduct.

Those of property are in ``assets``.
"""

from datetime import date, time
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from plugins.discipline.checks import (
    APPROVAL_DOUBTS,
    ATTENDANCE_CHECKS,
    ATTENDANCE_DOUBTS,
    EXPENSE_CHECKS,
    EXPENSE_DOUBTS,
    LEAVE_CHECKS,
    LEAVE_DOUBTS,
    WORK_LOG_DOUBTS,
)
from plugins.discipline.choices import (
    APPROVING_BODIES,
    CONDUCT_KINDS,
    DECISIONS,
    FIRST_HALVES,
    FROM_MORNING,
    LAST_HALVES,
    LEAVE_KINDS,
    TO_EVENING,
)
from plugins.discipline.indexes import counted, undecided_first, unfinished_first
from plugins.discipline.unseen import not_spent, withdrawn_in_time
from tiesan.i18n import _l
from tiesan.people.models import Cadre, RoleName
from tiesan.records.base import (
    Record,
    RecordKind,
    amount_column,
    boolean_column,
    choice_column,
    code_column,
    date_column,
    reference_column,
    referenced,
    text_column,
    time_column,
)
from tiesan.records.policy import AUDITED, CONFIDENTIAL, DECIDED, ENTERED, OWN, Decision, Policy


class WorkLog(Record):
    """A cadre's work log (工作日志) for one day."""

    __tablename__ = "discipline_work_log"
    record_kind = RecordKind(
        name="work_log",
        file="work_logs",
        title=_l("Work log"),
        plural=_l("Work logs"),
        identity=("cadre", "day"),
        principal=("written_on",),
        belongs_to=("cadre",),
    )
    concerns = ("cadre",)
    policy = Policy(
        OWN,
        set_by_system=frozenset({"written_on"}),
        days_done=frozenset({"day"}),
        day_owed="day",
        written=frozenset({"content"}),
        asked=frozenset({"day", "content"}),
        fills=frozenset({"cadre"}),
    )
    doubts = WORK_LOG_DOUBTS

    cadre_id: Mapped[int] = reference_column("cadre", label=_l("Cadre"))
    day: Mapped[date] = date_column(_l("Day"))
    written_on: Mapped[date] = date_column(_l("Written on"))
    content: Mapped[str | None] = text_column(_l("Content"), 10_000)

    cadre: Mapped[Cadre] = referenced(cadre_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Lists say how many there are of a district."""
        return (counted("ix_discipline_work_log_counted"),)


class Attendance(Record):
    """When a cadre came and went on one day; whoever works past midnight goes on the next."""

    __tablename__ = "discipline_attendance"
    record_kind = RecordKind(
        name="attendance",
        file="attendance",
        title=_l("Attendance"),
        plural=_l("Attendance records"),
        identity=("cadre", "day"),
        principal=("day",),
        belongs_to=("cadre",),
    )
    concerns = ("cadre",)
    policy = Policy(ENTERED)
    row_checks = ATTENDANCE_CHECKS
    doubts = ATTENDANCE_DOUBTS

    cadre_id: Mapped[int] = reference_column("cadre", label=_l("Cadre"))
    day: Mapped[date] = date_column(_l("Day"))
    clock_in: Mapped[time | None] = time_column(_l("Clocked in"), of_day="day")
    clock_out: Mapped[time | None] = time_column(
        _l("Clocked out"), of_day="day", next_day="clock_out_next_day"
    )
    clock_out_next_day: Mapped[bool] = boolean_column(_l("Clocked out the next day"), empty=False)

    cadre: Mapped[Cadre] = referenced(cadre_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Nobody goes before having come; lists say how many there are of a district."""
        return (
            CheckConstraint("clock_out_next_day OR clock_out > clock_in", name="out_after_in"),
            counted("ix_discipline_attendance_counted"),
        )


class Leave(Record):
    """A leave of a cadre (请假), from a morning or afternoon to a morning or afternoon."""

    __tablename__ = "discipline_leave"
    record_kind = RecordKind(
        name="leave",
        file="leaves",
        letters="QJ",
        title=_l("Leave"),
        plural=_l("Leaves"),
        principal=("requested_on", "first_day"),
        belongs_to=("cadre",),
        unseen=withdrawn_in_time,
    )
    concerns = ("cadre",)
    policy = Policy(
        OWN,
        set_by_system=frozenset(
            {"requested_on", "approved_on", "rejected_on", "closed_on", "withdrawn_on"}
        ),
    )
    # A certificate says what is nobody else's business.
    takes_files = True
    files_are_private = True
    row_checks = LEAVE_CHECKS
    doubts = LEAVE_DOUBTS

    code: Mapped[str] = code_column()
    cadre_id: Mapped[int] = reference_column("cadre", label=_l("Cadre"))
    kind: Mapped[str] = choice_column(_l("Kind of leave"), LEAVE_KINDS)
    first_day: Mapped[date] = date_column(_l("First day"), planned=True)
    first_half: Mapped[str | None] = choice_column(
        _l("Begins in the"), FIRST_HALVES, blank=FROM_MORNING
    )
    last_day: Mapped[date] = date_column(_l("Last day"), planned=True)
    last_half: Mapped[str | None] = choice_column(_l("Ends in the"), LAST_HALVES, blank=TO_EVENING)
    requested_on: Mapped[date | None] = date_column(_l("Requested on"))
    approved_on: Mapped[date | None] = date_column(_l("Approved on"))
    closed_on: Mapped[date | None] = date_column(_l("Leave closed on"))
    rejected_on: Mapped[date | None] = date_column(_l("Rejected on"))
    withdrawn_on: Mapped[date | None] = date_column(_l("Withdrawn on"))
    decided_by_id: Mapped[int | None] = reference_column(
        "cadre", label=_l("Decided by"), index=True
    )
    reason: Mapped[str | None] = text_column(_l("Reason for the leave"), 500)
    place: Mapped[str | None] = text_column(_l("Place"), 200)

    cadre: Mapped[Cadre] = referenced(cadre_id)
    decided_by: Mapped[Cadre | None] = referenced(decided_by_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """A leave covers at least half a day; lists read by cadre and day."""
        return (
            CheckConstraint("last_day >= first_day", name="last_day_not_before_first"),
            CheckConstraint(
                "NOT (first_day = last_day AND first_half = 'pm' AND last_half = 'am')",
                name="covers_half_a_day",
            ),
            Index(None, "cadre_id", "first_day"),
            # Those that wait for a decision, found without the others, the oldest first.
            undecided_first("ix_discipline_leave_undecided"),
        )


class PostCheck(Record):
    """A check of whether a cadre was at the post."""

    __tablename__ = "discipline_post_check"
    record_kind = RecordKind(
        name="post_check",
        file="post_checks",
        letters="CG",
        title=_l("Post check"),
        plural=_l("Post checks"),
        principal=("checked_on",),
        belongs_to=("cadre",),
    )
    concerns = ("cadre",)
    policy = Policy(ENTERED)

    code: Mapped[str] = code_column()
    cadre_id: Mapped[int] = reference_column("cadre", label=_l("Cadre"))
    checked_on: Mapped[date] = date_column(_l("Checked on"))
    on_post: Mapped[bool] = boolean_column(_l("At the post"))

    cadre: Mapped[Cadre] = referenced(cadre_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Lists read a cadre's checks by day."""
        return (Index(None, "cadre_id", "checked_on"),)


class Expense(Record):
    """An expense of a cadre (开支), from the request to the reimbursement."""

    __tablename__ = "discipline_expense"
    record_kind = RecordKind(
        name="expense",
        file="expenses",
        letters="BX",
        title=_l("Expense"),
        plural=_l("Expenses"),
        principal=("spent_on", "requested_on"),
        belongs_to=("cadre",),
        unseen=not_spent,
    )
    concerns = ("cadre",)
    policy = Policy(
        AUDITED,
        set_by_system=frozenset({"requested_on", "withdrawn_on"}),
    )
    takes_files = True
    folds = {"payee_folded": "payee"}  # noqa: RUF012 - never changed, as all that a class says
    row_checks = EXPENSE_CHECKS
    doubts = EXPENSE_DOUBTS

    code: Mapped[str] = code_column()
    cadre_id: Mapped[int] = reference_column("cadre", label=_l("Cadre"))
    payee: Mapped[str] = text_column(_l("Payee"), 200)
    item: Mapped[str | None] = text_column(_l("Item"), 500)
    amount: Mapped[int] = amount_column(_l("Amount (yuan)"))
    spent_on: Mapped[date | None] = date_column(_l("Spent on"))
    requested_on: Mapped[date | None] = date_column(_l("Requested on"))
    reimbursed_on: Mapped[date | None] = date_column(_l("Reimbursed on"))
    receipt: Mapped[bool] = boolean_column(_l("Receipt given"), empty=False)
    withdrawn_on: Mapped[date | None] = date_column(_l("Withdrawn on"))
    # Who cuts an expense in pieces may write the payee in several ways.
    payee_folded: Mapped[str | None] = mapped_column(Text)

    cadre: Mapped[Cadre] = referenced(cadre_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """It was spent or asked for; lists read a cadre's expenses by day."""
        return (
            CheckConstraint(
                "spent_on IS NOT NULL OR requested_on IS NOT NULL", name="spent_or_requested"
            ),
            Index(None, "cadre_id", "spent_on"),
            unfinished_first("ix_discipline_expense_unfinished"),
        )

    def __str__(self) -> str:
        """The code, as other rows name the expense."""
        return self.code


class ExpenseApproval(Record):
    """The decision of a body on an expense; it may be taken before the money is spent."""

    __tablename__ = "discipline_expense_approval"
    record_kind = RecordKind(
        name="expense_approval",
        file="expense_approvals",
        letters="SP",
        title=_l("Expense approval"),
        plural=_l("Expense approvals"),
        principal=("decided_on",),
        belongs_to=("expense",),
    )
    concerns = ("expense.cadre", "approver")
    policy = Policy(
        DECIDED,
        set_by_system=frozenset({"decided_on"}),
        decision=Decision(
            by="approver",
            body="body",
            about="expense.cadre",
            roles={"audit_committee": RoleName.AUDIT_COMMITTEE, "chair": None},
        ),
    )
    doubts = APPROVAL_DOUBTS

    code: Mapped[str] = code_column()
    expense_id: Mapped[int] = reference_column(
        "expense", label=_l("Expense"), table="discipline_expense", index=True
    )
    body: Mapped[str] = choice_column(_l("Approving body"), APPROVING_BODIES)
    approver_id: Mapped[int | None] = reference_column("cadre", label=_l("Approver"), index=True)
    decision: Mapped[str] = choice_column(_l("Decision"), DECISIONS)
    amount: Mapped[int | None] = amount_column(_l("Approved up to (yuan)"))
    decided_on: Mapped[date] = date_column(_l("Decided on"))

    expense: Mapped[Expense] = referenced(expense_id)
    approver: Mapped[Cadre | None] = referenced(approver_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Lists read by day."""
        return (Index(None, "decided_on"),)


class ConductReport(Record):
    """A confidential report on a cadre's conduct; the organization answers for its handling."""

    __tablename__ = "discipline_conduct_report"
    record_kind = RecordKind(
        name="conduct_report",
        file="conduct_reports",
        letters="JB",
        title=_l("Conduct report"),
        plural=_l("Conduct reports"),
        principal=("reported_on",),
        belongs_to=("cadre",),
    )
    concerns = ("cadre", "cadre.organization")
    policy = Policy(
        CONFIDENTIAL,
        set_by_system=frozenset({"closed_on"}),
        by_staff=frozenset({"closed_on"}),
    )

    code: Mapped[str] = code_column()
    cadre_id: Mapped[int] = reference_column("cadre", label=_l("Cadre"))
    kind: Mapped[str] = choice_column(_l("Kind of report"), CONDUCT_KINDS)
    reported_on: Mapped[date] = date_column(_l("Day of the report"))
    closed_on: Mapped[date | None] = date_column(_l("Report closed on"))
    summary: Mapped[str | None] = text_column(_l("Summary"), 2000)

    cadre: Mapped[Cadre] = referenced(cadre_id)

    @classmethod
    def constraints(cls) -> tuple[Any, ...]:
        """Lists read a cadre's reports by day."""
        return (Index(None, "cadre_id", "reported_on"),)
