"""Pages of the institution of research: information reports and papers."""

from plugins.research.models import InfoReport, ResearchPaper
from tiesan.admin.records.view import RecordView


class InfoReportView(RecordView[InfoReport]):
    """Cadres submit information; the day is the system's."""

    record = InfoReport
    columns_shown = ("code", "cadre", "title", "submitted_on")


class ResearchPaperView(RecordView[ResearchPaper]):
    """Cadres submit papers; the day is the system's."""

    record = ResearchPaper
    columns_shown = ("code", "cadre", "title", "submitted_on")


views = (InfoReportView, ResearchPaperView)
