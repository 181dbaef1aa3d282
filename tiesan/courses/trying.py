"""What a verb that makes a row would make: asked by the same code, and stored nowhere."""

from typing import Any

from sqlalchemy.orm import Session

from tiesan.courses.carrying import Attempt, case_of, pass_gates, read_given
from tiesan.courses.values import Course, Verb
from tiesan.courses.writing import new_values


def would_begin(session: Session, course: Course, verb: Verb, attempt: Attempt) -> Any:
    """Return the row that a verb would make, which is not stored.

    Raises what refuses it, but for persons of whom only a stored row can be asked.
    """
    case = case_of(session, course, verb, None, attempt)
    pass_gates(case, given=False)
    read_given(case, attempt.form)
    pass_gates(case, given=True)
    return course.of(**new_values(case))
