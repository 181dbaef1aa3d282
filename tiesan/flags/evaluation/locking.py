"""The lock of a district: who evaluates it keeps all others from doing so."""

from sqlalchemy.orm import Session

from tiesan.database import begin_writing
from tiesan.flags.models import DistrictState
from tiesan.people.models import Organization


def lock_district(session: Session, district_id: int, *, patient: bool = True) -> DistrictState:
    """The district's state, locked until the transaction ends; to be called before any reading.

    Whoever is not ``patient`` gets an OperationalError at once when somebody else has the lock.
    """
    begin_writing(session, patient=patient)
    lock = {"nowait": not patient}
    state = session.get(DistrictState, district_id, with_for_update=lock, populate_existing=True)
    if state is None:
        # Two first evaluations at once: the second waits at the organization's row. Rows that refer
        # to it are written meanwhile: who decides on a flag has locked what is evaluated next.
        shared = {**lock, "key_share": True}
        session.get(Organization, district_id, with_for_update=shared)
        state = session.get(DistrictState, district_id, populate_existing=True)
    if state is None:
        state = DistrictState(district_id=district_id)
        session.add(state)
        session.flush()
    return state
