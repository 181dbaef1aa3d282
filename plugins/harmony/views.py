"""Pages of the institution of harmony: conflicts."""

from plugins.harmony.models import Conflict
from tiesan.admin.courses.view import CourseView


class ConflictView(CourseView[Conflict]):
    """Conflicts are entered and closed by supervisors."""

    record = Conflict
    columns_shown = ("code", "organization", "opened_on", "mediated_on", "summary")


views = (ConflictView,)
