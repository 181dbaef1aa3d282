"""The figures of innovation: what was proposed and adopted, and who was nominated."""

from tiesan.i18n import _l
from tiesan.records.figures import Figure

FIGURES = (
    Figure(
        name="proposed", title=_l("Innovations proposed"), kind="innovation", date="proposed_on"
    ),
    Figure(name="adopted", title=_l("Innovations adopted"), kind="innovation", date="adopted_on"),
    Figure(name="nominated", title=_l("Nominated for an award"), kind="award", date="nominated_on"),
)
