"""The courses of discipline: how a leave and an expense go from state to state."""

from plugins.discipline.expense_course import EXPENSE
from plugins.discipline.leave_course import LEAVE

__all__ = ["EXPENSE", "LEAVE", "courses"]

courses = (LEAVE, EXPENSE)
