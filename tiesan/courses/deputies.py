"""Deputies in courses: who decides for a superior, and as whose deputy they are kept."""

from tiesan.access.deputies import giver_of
from tiesan.access.policies import Policy
from tiesan.courses.values import Case, Who
from tiesan.i18n import _l

DEPUTY = "deputy"


def deputy(holds: Policy, refusal: str) -> Who:
    """Return the persons who decide as deputies where a policy holds; ``row.cadre`` is asked for.

    They come after the superiors themselves, so that who is both acts as a superior.
    """
    return Who(DEPUTY, _l("deputy"), holds, refusal, for_whom=whose_deputy)


def whose_deputy(case: Case) -> int | None:
    """The superior of the row's cadre whose deputy the actor is; the one who named them first."""
    if case.actor.account_id is None:
        return None
    return giver_of(case.session, case.row.cadre_id, case.actor.account_id, case.day)
