"""The figures of efficiency: tasks that were assigned and completed."""

from tiesan.i18n import _l
from tiesan.records.figures import Figure

FIGURES = (
    Figure(name="assigned", title=_l("Tasks assigned"), kind="task", date="assigned_on"),
    Figure(name="completed", title=_l("Tasks completed"), kind="task", date="completed_on"),
)
