"""The figures of research: information reports and papers that were submitted."""

from tiesan.i18n import _l
from tiesan.records.figures import Figure

FIGURES = (
    Figure(
        name="reports",
        title=_l("Information reports submitted"),
        kind="info_report",
        date="submitted_on",
    ),
    Figure(
        name="papers",
        title=_l("Research papers submitted"),
        kind="research_paper",
        date="submitted_on",
    ),
)
