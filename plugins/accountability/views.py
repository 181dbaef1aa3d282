"""Pages of the institution of accountability: letters, mistakes and cases."""

from plugins.accountability.models import AccountabilityCase, Mistake, ResponsibilityLetter
from tiesan.admin.records.view import RecordView
from tiesan.i18n import _l


class ResponsibilityLetterView(RecordView[ResponsibilityLetter]):
    """Signed letters are entered by supervisors."""

    record = ResponsibilityLetter
    columns_shown = ("code", "cadre", "year", "signed_on")


class MistakeView(RecordView[Mistake]):
    """Mistakes are reported by supervisors."""

    record = Mistake
    columns_shown = ("code", "cadre", "level", "occurred_on", "reported_on", "summary")


class AccountabilityCaseView(RecordView[AccountabilityCase]):
    """Cases are opened and decided by supervisors."""

    record = AccountabilityCase
    entering = _l("Open an accountability case")
    columns_shown = ("code", "cadre", "mistake", "opened_on", "decided_on")


views = (ResponsibilityLetterView, MistakeView, AccountabilityCaseView)
