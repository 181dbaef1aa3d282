"""What the sender of a form saw, held against how the row stands now."""

from tiesan.courses.errors import Changed, Wrong
from tiesan.courses.standing import Standing
from tiesan.courses.values import Course, Form, Seen
from tiesan.i18n import _

SEEN_STATE, SEEN_EVENTS = "seen_state", "seen_events"


def compare_seen(course: Course, form: Form, standing: Standing) -> None:
    """Raise Changed if a row is not as the sender saw it, Wrong if the form does not say so.

    Where a course does not ask what was seen, a form may say nothing of it.
    """
    names = (SEEN_STATE, course.seen_version, SEEN_EVENTS)
    if not course.must_be_seen and not any(form.get(name) for name in names):
        return
    if _seen(course, form) != standing.seen(course):
        raise Changed


def _seen(course: Course, form: Form) -> Seen:
    values = {}
    for name in (SEEN_STATE, course.seen_version, SEEN_EVENTS):
        values[name] = str(form.get(name) or "").strip()
        if not values[name]:
            raise Wrong(name, _("What you saw must be given: %(field)s is missing.", field=name))
    if not values[SEEN_EVENTS].isdecimal():
        raise Wrong(SEEN_EVENTS, _("No whole number: %(found)s", found=values[SEEN_EVENTS]))
    return Seen(values[SEEN_STATE], values[course.seen_version], int(values[SEEN_EVENTS]))
