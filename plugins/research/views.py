"""Pages of the institution of research: information reports and papers."""

from plugins.research.models import InfoReport, ResearchPaper
from tiesan.admin.records.view import RecordView
from tiesan.records.policy import OWN


class InfoReportView(RecordView[InfoReport]):
    """Cadres submit information; the day is the system's."""

    record = InfoReport
    access = OWN
    columns_shown = ("code", "cadre", "title", "submitted_on")
    set_by_system = frozenset({"submitted_on"})


class ResearchPaperView(RecordView[ResearchPaper]):
    """Cadres submit papers; the day is the system's."""

    record = ResearchPaper
    access = OWN
    columns_shown = ("code", "cadre", "title", "submitted_on")
    set_by_system = frozenset({"submitted_on"})
