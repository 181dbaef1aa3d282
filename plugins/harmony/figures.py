"""The figures of harmony: conflicts that were opened and mediated."""

from tiesan.i18n import _l
from tiesan.records.figures import Figure

FIGURES = (
    Figure(name="opened", title=_l("Conflicts opened"), kind="conflict", date="opened_on"),
    Figure(name="mediated", title=_l("Conflicts mediated"), kind="conflict", date="mediated_on"),
)
