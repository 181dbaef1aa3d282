"""Evaluating the districts of an installation, one transaction each."""

from collections.abc import Callable, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.collecting import A_DISTRICT, collecting_seldom
from tiesan.flags.collect import Scope
from tiesan.flags.evaluation.district import evaluate_district
from tiesan.flags.evaluation.locking import lock_district
from tiesan.flags.evaluation.task import Outcome, Task
from tiesan.people.models import Organization, OrganizationKind


def districts(session: Session) -> list[tuple[int, str]]:
    """The districts' ids and codes, by code."""
    statement = (
        select(Organization.id, Organization.code)
        .where(Organization.kind == OrganizationKind.DISTRICT.value)
        .order_by(Organization.code)
    )
    return [(row_id, code) for row_id, code in session.execute(statement)]


def evaluate_installation(
    session: Session,
    task: Task,
    *,
    store: bool = True,
    only: Iterable[int] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Outcome:
    """Evaluate every district (or ``only`` those ids), each in a transaction of its own.

    The session must be unused. Each district is committed when it is done, so that a run that is
    killed leaves every district in the state before or after its own evaluation. ``progress`` is
    told the code of each district that is done.
    """
    found = districts(session)
    task = task.by_what_is_published(session)
    session.rollback()
    wanted = None if only is None else set(only)
    outcomes = []
    for district_id, code in found:
        if wanted is None or district_id in wanted:
            # What a district is read into is gone when it is done, and holds hardly any cycles.
            with collecting_seldom(A_DISTRICT):
                state = lock_district(session, district_id) if store else None
                outcomes.append(evaluate_district(session, task, Scope(district_id, code), state))
            session.commit()
            if progress is not None:
                progress(code)
    return Outcome(task.as_of, outcomes)
