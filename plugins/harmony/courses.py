"""The course of a conflict: opened, mediated; the chair of the organization says so by one tap."""

from sqlalchemy import true

from plugins.harmony.models import Conflict
from tiesan.access.policies import chairs_its_organization, reader_of
from tiesan.courses.given import TEXT, files, text
from tiesan.courses.history import COURSE_EVENTS
from tiesan.courses.settings import the_day
from tiesan.courses.values import Case, Course, Gate, State, Verb, Who
from tiesan.i18n import _l
from tiesan.records.services import version_of

CLAUSE = _l("Working in harmony (stress unity, cherish being together …)")


CHAIR = Who(
    "chair",
    _l("chair"),
    chairs_its_organization,
    _l("Only the chair of the organization may do this."),
)


def is_opened(case: Case) -> bool:
    """The day on which the conflict was opened has come."""
    return bool(case.row.opened_on <= case.day)


def summary_then(case: Case) -> str | None:
    """What the conflict was about; where nothing was said of it, the text that is given."""
    found: str | None = case.row.summary or case.given.get(TEXT)
    return found


OPENED = Gate(is_opened, _l("The conflict is opened on a day that is still to come."), CLAUSE)

CONFLICT = Course(
    "conflict",
    _l("Conflict"),
    of=Conflict,
    visible=reader_of(Conflict, Conflict.policy.access),
    version=version_of,
    history=COURSE_EVENTS,
    states=(
        State("settled", _l("Mediated"), Conflict.mediated_on.is_not(None)),
        State("opened", _l("Not mediated yet"), true()),
    ),
    verbs=(
        Verb(
            "mediated",
            _l("Mark as mediated"),
            _l("Mediated"),
            frozenset({"opened"}),
            "settled",
            (CHAIR,),
            (text(required=False, label=_l("How it was mediated")), files()),
            {"mediated_on": the_day, "summary": summary_then},
            (OPENED,),
            one_tap=True,
        ),
    ),
)

courses = (CONFLICT,)
