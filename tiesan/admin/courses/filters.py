"""The filter of a list by the state of its rows, as they stand today."""

from typing import Any

from tiesan.admin.lists.filters import ChoiceFilter
from tiesan.clock import today
from tiesan.courses.standing import state_of
from tiesan.courses.values import Course
from tiesan.i18n import _l

STATE = "state"


class StateFilter(ChoiceFilter):
    """One of the states of a course."""

    def __init__(self, course: Course, key: str = STATE, label: str = _l("State")) -> None:
        """Take the course, the filter's name in the address, and its label."""
        expression = state_of(course)
        super().__init__(
            key,
            label,
            lambda: {each.name: str(each.word) for each in course.states},
            lambda name: expression == name,
        )

    def apply(self, query: Any, value: Any, alias: Any = None) -> Any:
        """Narrow a query to the rows that are in the state today."""
        return super().apply(query, value, alias).params(day=today())
