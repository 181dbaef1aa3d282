"""What verbs set: functions of a case that several courses need."""

from datetime import date

from tiesan.courses.values import Case
from tiesan.people.models import Cadre


def the_day(case: Case) -> date:
    """The day on which the verb is carried out."""
    return case.day


def acting_cadre(case: Case) -> Cadre | None:
    """The cadre that the actor stands for, if any."""
    return None if case.cadre_id is None else case.session.get(Cadre, case.cadre_id)


def stands_for_a_cadre(case: Case) -> bool:
    """The actor's account stands for a cadre."""
    return case.cadre_id is not None
