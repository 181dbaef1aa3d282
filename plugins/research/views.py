"""Pages of the institution of research: information reports and papers."""

from plugins.research.models import InfoReport, ResearchPaper
from tiesan.admin.records.view import RecordView
from tiesan.i18n import _l


class InfoReportView(RecordView[InfoReport]):
    """Cadres submit information; the day is the system's."""

    record = InfoReport
    entering = _l("Submit information")
    columns_shown = ("code", "cadre", "title", "submitted_on")


class ResearchPaperView(RecordView[ResearchPaper]):
    """Cadres submit papers; the day is the system's."""

    record = ResearchPaper
    entering = _l("Submit a research paper")
    columns_shown = ("code", "cadre", "title", "submitted_on")


views = (InfoReportView, ResearchPaperView)
