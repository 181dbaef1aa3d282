"""Pages of aid to workers in hardship."""

from tiesan.admin.records.view import RecordView
from tiesan.i18n import _l
from tiesan_hardship.models import HardshipCase, HardshipVisit


class HardshipCaseView(RecordView[HardshipCase]):
    """Cases: supervisors enter them, the chair of the organization sees them."""

    record = HardshipCase
    columns_shown = ("code", "organization", "worker", "cause", "opened_on", "closed_on")
    groups = (
        (_l("Worker in hardship"), ("code", "organization", "worker", "cause")),
        (_l("Course of the case"), ("opened_on", "closed_on", "summary")),
    )


class HardshipVisitView(RecordView[HardshipVisit]):
    """Visits: supervisors enter them, the visitor sees their own."""

    record = HardshipVisit
    columns_shown = ("case", "visited_on", "visitor", "aid")


views = (HardshipCaseView, HardshipVisitView)
