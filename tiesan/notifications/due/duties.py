"""Deadlines and duties: some working days before they are due, and on the day itself.

Told is whoever can do it: the cadre, the chair of the organization, or the supervisors who reach an
organization that nobody chairs (``tiesan.access.owing``).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from tiesan.calendar.working_days import WorkingCalendar
from tiesan.flags.catalog import Catalog
from tiesan.flags.collect import Scope
from tiesan.flags.duties import answer_in, read_owed
from tiesan.notifications.rule_days import days_set, default_days
from tiesan.people.models import (
    Account,
    Cadre,
    Grant,
    Organization,
    OrganizationAbove,
    Role,
    RoleName,
)
from tiesan.people.notifications import ONCE_LENGTH, Telling
from tiesan.records.kinds import table_of
from tiesan.rules import Owed, Rule
from tiesan.words.due_notifications import DUTY_AHEAD, DUTY_TODAY

_CADRE, _PLACE, _ACCOUNT = table_of(Cadre), table_of(Organization), table_of(Account)


@dataclass(frozen=True, slots=True)
class _Whom:
    """A cadre or an organization: its id, its name where it is none, and who does what it owes."""

    id: int
    name: str | None
    accounts: tuple[int, ...]


def due_duties(
    session: Session, catalog: Catalog, scope: Scope, day: date, calendar: WorkingCalendar
) -> Iterator[Telling]:
    """Yield what those in a district are to be told on a day of what they owe."""
    set_for = days_set(session)

    def days_of(rule: Rule) -> int:
        return set_for.get(rule.id, default_days(rule))

    def asked(rule: Rule) -> bool:
        return days_of(rule) > 0 and answer_in(catalog, rule) is not None

    most = max((days_of(rule) for rule in catalog.rules.values() if asked(rule)), default=0)
    if most == 0:
        return
    horizon = (calendar.after(day, most) - day).days
    owed = [
        each
        for each in read_owed(session, catalog, scope, day, horizon, asked)
        if day <= each.due_on <= calendar.after(day, days_of(each.rule))
    ]
    whom = _subjects(session, scope.district_id, day) if owed else {}
    for each in owed:
        subject = whom.get((each.subject_kind, each.subject))
        if subject is not None:
            yield from _tellings(each, subject, day)


def _tellings(owed: Owed, whom: _Whom, day: date) -> Iterator[Telling]:
    kind = DUTY_TODAY if owed.due_on == day else DUTY_AHEAD
    details = {
        "rule": owed.rule.id,
        "day": owed.due_on.isoformat(),
        "organization": whom.name,
    }
    once = f"{owed.rule.id}:{owed.subject_kind}:{whom.id}:{owed.due_on:%Y%m%d}:{owed.key}"
    for account_id in whom.accounts:
        about = owed.subject_kind, whom.id
        yield Telling(account_id, kind, about, details, once[:ONCE_LENGTH])


def _subjects(session: Session, district_id: int, day: date) -> Mapping[tuple[str, str], _Whom]:
    """The cadres and organizations of a district, by kind and code."""
    found: dict[tuple[str, str], _Whom] = {}
    cadres = (
        select(_CADRE.c.code, _CADRE.c.id, _ACCOUNT.c.id.label("account"))
        .select_from(
            _CADRE.join(_PLACE, _PLACE.c.id == _CADRE.c.organization_id).join(
                _ACCOUNT, and_(_ACCOUNT.c.cadre_id == _CADRE.c.id, _ACCOUNT.c.active)
            )
        )
        .where(_PLACE.c.district_id == district_id)
        .where(or_(_CADRE.c.left_on.is_(None), _CADRE.c.left_on > day))
    )
    for code, row_id, account in session.execute(cadres):
        found["cadre", code] = _Whom(row_id, None, (account,))
    supervisors = _supervisors(session, district_id, day)
    for code, row_id, name, chair, account in _places(session, district_id, day):
        done_by = ((account,) if account else ()) if chair else supervisors.get(row_id, ())
        found["organization", code] = _Whom(row_id, name, done_by)
    return found


def _places(
    session: Session, district_id: int, day: date
) -> Iterable[tuple[str, int, str, int | None, int | None]]:
    """Code, id, name, chair and the chair's account of each organization."""
    chair = and_(
        _CADRE.c.id == _PLACE.c.chair_id, or_(_CADRE.c.left_on.is_(None), _CADRE.c.left_on > day)
    )
    account = and_(_ACCOUNT.c.cadre_id == _CADRE.c.id, _ACCOUNT.c.active)
    statement = (
        select(_PLACE.c.code, _PLACE.c.id, _PLACE.c.name, _CADRE.c.id, _ACCOUNT.c.id)
        .select_from(_PLACE.outerjoin(_CADRE, chair).outerjoin(_ACCOUNT, account))
        .where(_PLACE.c.district_id == district_id)
    )
    return session.execute(statement).tuples().all()


def _supervisors(session: Session, district_id: int, day: date) -> dict[int, tuple[int, ...]]:
    """The accounts of the supervisors who reach each organization, and have not left."""
    grant, role, above = table_of(Grant), table_of(Role), table_of(OrganizationAbove)
    statement = (
        select(_PLACE.c.id, _ACCOUNT.c.id)
        .select_from(
            _PLACE.join(above, above.c.organization_id == _PLACE.c.id)
            .join(grant, grant.c.organization_id == above.c.above_id)
            .join(role, role.c.id == grant.c.role_id)
            .join(_ACCOUNT, and_(_ACCOUNT.c.id == grant.c.account_id, _ACCOUNT.c.active))
            .outerjoin(_CADRE, _CADRE.c.id == _ACCOUNT.c.cadre_id)
        )
        .where(_PLACE.c.district_id == district_id, role.c.name == RoleName.SUPERVISOR.value)
        .where(or_(_CADRE.c.left_on.is_(None), _CADRE.c.left_on > day))
        .distinct()
        .order_by(_PLACE.c.id, _ACCOUNT.c.id)
    )
    found: dict[int, tuple[int, ...]] = {}
    for place, account in session.execute(statement):
        found[place] = (*found.get(place, ()), account)
    return found
