"""What a standing waiver does to the flags that are there: at its grant, and when its end changes.

And before it is granted: whom it would cover, how many flags now, and how many in a year.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.calendar.deadlines import add_months
from tiesan.courses.values import Case
from tiesan.flags.covering import Stored, stored_flags_of, subjects_of
from tiesan.flags.givers import Reviewers, Whom, read_reviewers
from tiesan.flags.models import DistrictState, Flag
from tiesan.flags.waivers import Waiver, WaiverEnd
from tiesan.flags.waiving import UNDECIDED, Covered, cover, uncover
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import table_of
from tiesan.records.pending import await_people
from tiesan.rules import FLAG, Review

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a waiver would do: whom it covers, present flags, and those of the past year."""

    subjects: Sequence[Whom]
    flags: Sequence[Stored]
    past_year: int


def reach_of(session: Session, waiver: Waiver, day: date) -> Reach:
    """Return what a waiver would do, were it granted on a day."""
    reviewers = read_reviewers(session, waiver.district_id, day)
    first = add_months(day, -12) + _ONE_DAY
    past = sum(1 for _flag in stored_flags_of(session, waiver, reviewers, first, day))
    return Reach(
        list(subjects_of(session, waiver, reviewers)),
        _undecided(session, waiver, reviewers, (waiver.first_day, waiver.until)),
        past,
    )


def begin(case: Case) -> None:
    """Cover the flags that wait for a decision, and remember the end."""
    waiver: Waiver = case.row
    _exclude_evaluations(case.session, waiver.district_id)
    _keep_end(case, 1)
    _cover_between(case, waiver.first_day, waiver.until)


def change_end(case: Case) -> None:
    """Cover the flags of the days that were gained; open those again that lie outside now."""
    waiver: Waiver = case.row
    _exclude_evaluations(case.session, waiver.district_id)
    before = waiver.ends[-1].until
    _keep_end(case, len(waiver.ends) + 1)
    if waiver.until > before:
        _cover_between(case, max(before + _ONE_DAY, waiver.first_day), waiver.until)
    else:
        _open_later(case)


def _exclude_evaluations(session: Session, district_id: int) -> None:
    """Wait for who evaluates the district: else a flag might be raised that nobody covers."""
    session.get(DistrictState, district_id, with_for_update=True)


def _keep_end(case: Case, number: int) -> None:
    waiver: Waiver = case.row
    end = WaiverEnd(waiver_id=waiver.id, number=number, day=case.day, until=waiver.until)
    case.session.add(end)
    case.session.flush()
    case.session.expire(waiver, ["ends"])


def _cover_between(case: Case, first: date, last: date) -> None:
    waiver: Waiver = case.row
    reviewers = read_reviewers(case.session, waiver.district_id, case.day)
    found = _undecided(case.session, waiver, reviewers, (first, last), lock=True)
    covered = [
        Covered(each.id, waiver.id, waiver.text, case.day, each.review, each.revision)
        for each in found
    ]
    cover(case.session, case.actor, covered, case.at)
    _await(case, [each.whom for each in found])


def _undecided(
    session: Session,
    waiver: Waiver,
    reviewers: Reviewers,
    days: tuple[date, date],
    *,
    lock: bool = False,
) -> list[Stored]:
    """The active flags of these days on which nobody has decided, and which the waiver covers.

    To be written they are locked, by id, and looked at once more.
    """
    found = [each for each in stored_flags_of(session, waiver, reviewers, *days) if is_free(each)]
    if not lock or not found:
        return found
    flag = table_of(Flag)
    ids = [each.id for each in found]
    session.execute(
        select(flag.c.id)
        .where(flag.c.id.in_(ids))
        .order_by(flag.c.id)
        .with_for_update(key_share=True)
    )
    again = stored_flags_of(session, waiver, reviewers, *days)
    return [each for each in again if is_free(each) and each.id in set(ids)]


def is_free(flag: Stored) -> bool:
    """Whether a flag is active and nobody has decided on it."""
    return flag.active and flag.review in UNDECIDED


def _open_later(case: Case) -> None:
    waiver: Waiver = case.row
    flag, cadre = table_of(Flag), table_of(Cadre)
    statement = (
        select(flag.c.id, flag.c.cadre_id, flag.c.organization_id, cadre.c.organization_id)
        .outerjoin(cadre, cadre.c.id == flag.c.cadre_id)
        .where(
            flag.c.waiver_id == waiver.id,
            flag.c.review == Review.WAIVED.value,
            flag.c.occurred_on > waiver.until,
        )
        .order_by(flag.c.id)
        .with_for_update(of=flag, key_share=True)
    )
    rows = [tuple(row) for row in case.session.execute(statement)]
    uncover(case.session, case.actor, [row[0] for row in rows], case.day, case.at)
    _await(case, [Whom(row[1], row[3] or row[2]) for row in rows])


def _codes(session: Session, table: Any, ids: Iterable[int]) -> list[str]:
    return list(session.scalars(select(table.c.code).where(table.c.id.in_(sorted(ids)))))


def _await(case: Case, changed: Sequence[Whom]) -> None:
    """Have the rules over flags judge whom the flags are about, with the states as they are now."""
    place, cadre = table_of(Organization), table_of(Cadre)
    cadres = {each.cadre_id for each in changed if each.cadre_id is not None}
    places = {each.organization_id for each in changed if each.cadre_id is None}
    if changed:
        await_people(
            case.actor,
            case.session,
            case.row.district_id,
            {
                "cadre": _codes(case.session, cadre, cadres),
                "organization": _codes(case.session, place, places),
            },
            FLAG.name,
            at=case.at,
        )
