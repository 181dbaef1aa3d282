"""Pages of the institution of efficiency: tasks."""

from plugins.efficiency.models import Task
from tiesan.admin.courses.view import CourseView
from tiesan.i18n import _l


class TaskView(CourseView[Task]):
    """Supervisors assign tasks; owners see theirs."""

    record = Task
    entering = _l("Assign a task")
    columns_shown = ("code", "organization", "owner", "goal", "assigned_on", "due_on",
                     "completed_on")  # fmt: skip
    groups = (
        (_l("Task"), ("code", "organization", "owner", "goal", "measures")),
        (_l("Course"), ("assigned_on", "due_on", "started_on", "completed_on")),
    )


views = (TaskView,)
