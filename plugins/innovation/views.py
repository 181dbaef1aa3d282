"""Pages of the institution of innovation: innovations and award nominations."""

from plugins.innovation.models import Award, Innovation
from tiesan.admin.courses.view import CourseView
from tiesan.admin.records.view import RecordView
from tiesan.i18n import _l


class InnovationView(CourseView[Innovation]):
    """Who chairs an organization proposes; what becomes of it is entered by supervisors."""

    record = Innovation
    columns_shown = ("code", "organization", "title", "proposed_on", "adopted_on", "result_on")
    groups = (
        (_l("Proposal"), ("code", "organization", "cadre", "title", "proposed_on")),
        (_l("What came of it"), ("adopted_on", "result_on", "result")),
    )


class AwardView(RecordView[Award]):
    """Supervisors nominate."""

    record = Award
    columns_shown = ("code", "cadre", "organization", "innovation", "nominated_on")


views = (InnovationView, AwardView)
