"""Pages of the institution of harmony: conflicts."""

from plugins.harmony.models import Conflict
from tiesan.admin.access import ENTERED
from tiesan.admin.views import RecordView


class ConflictView(RecordView[Conflict]):
    """Conflicts are entered and closed by supervisors."""

    record = Conflict
    access = ENTERED
    columns_shown = ("code", "organization", "opened_on", "mediated_on", "summary")
