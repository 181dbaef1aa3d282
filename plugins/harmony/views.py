"""Pages of the institution of harmony: conflicts."""

from plugins.harmony.models import Conflict
from tiesan.admin.records.view import RecordView


class ConflictView(RecordView[Conflict]):
    """Conflicts are entered and closed by supervisors."""

    record = Conflict
    columns_shown = ("code", "organization", "opened_on", "mediated_on", "summary")


views = (ConflictView,)
