"""Deadlines and duties: some working days before they are due, and on the day itself.

Told is whoever can do it: where a verb does it those who may carry it out; otherwise the cadre, the
chair of the organization, or the supervisors who reach an organization that nobody chairs
(``tiesan.access.owing``), and in any case them of what they alone enter.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from tiesan.calendar.working_days import WorkingCalendar
from tiesan.courses.installed import Courses
from tiesan.courses.queue import persons_of_rows
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
from tiesan.records.base import Record
from tiesan.records.kinds import table_of
from tiesan.records.policy import Verb
from tiesan.rules import Owed, Rule
from tiesan.words.due_notifications import DUTY_AHEAD, DUTY_TODAY

_AT_ONCE = 500
_CADRE, _PLACE, _ACCOUNT = table_of(Cadre), table_of(Organization), table_of(Account)


@dataclass(frozen=True, slots=True)
class _Whom:
    """A cadre, or an organization with its name: who does what it owes, and who supervises it."""

    id: int
    name: str | None
    accounts: tuple[int, ...]
    supervisors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _DoneBy:
    """Who does what is owed, and the row that it is about."""

    about: tuple[str, int]
    accounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A district on a day, as those look at it who look for what is due there."""

    catalog: Catalog
    courses: Courses
    scope: Scope
    day: date
    calendar: WorkingCalendar


def due_duties(session: Session, place: Place) -> Iterator[Telling]:
    """Yield what those in a district are to be told on a day of what they owe."""
    owed = owed_soon(session, place)
    whom = _subjects(session, place.scope.district_id, place.day) if owed else {}
    by_verb = _by_verb(session, place, owed)
    for each in owed:
        subject = whom.get((each.subject_kind, each.subject))
        if subject is not None:
            done_by = by_verb.get((each.rule.id, each.record)) or _by_form(place, each, subject)
            yield from _tellings(each, subject, done_by, place.day)


def owed_soon(session: Session, place: Place) -> list[Owed]:
    """Return what is owed in a district and due within the working days that are set by rule."""
    set_for = days_set(session)

    def days_of(rule: Rule) -> int:
        return set_for.get(rule.id, default_days(rule))

    def asked(rule: Rule) -> bool:
        return days_of(rule) > 0 and answer_in(place.catalog, rule) is not None

    day, calendar = place.day, place.calendar
    most = max((days_of(rule) for rule in place.catalog.rules.values() if asked(rule)), default=0)
    if most == 0:
        return []
    horizon = (calendar.after(day, most) - day).days
    return [
        each
        for each in read_owed(session, place.catalog, place.scope, day, horizon, asked)
        if day <= each.due_on <= calendar.after(day, days_of(each.rule))
    ]


def _tellings(owed: Owed, whom: _Whom, done_by: _DoneBy, day: date) -> Iterator[Telling]:
    kind = DUTY_TODAY if owed.due_on == day else DUTY_AHEAD
    details = {
        "rule": owed.rule.id,
        "day": owed.due_on.isoformat(),
        "organization": whom.name,
    }
    once = f"{owed.rule.id}:{owed.subject_kind}:{whom.id}:{owed.due_on:%Y%m%d}:{owed.key}"
    for account_id in done_by.accounts:
        yield Telling(account_id, kind, done_by.about, details, once[:ONCE_LENGTH])


def _by_form(place: Place, owed: Owed, whom: _Whom) -> _DoneBy:
    """Who fills in the form by which it is done: supervisors where cadres may not."""
    answer = answer_in(place.catalog, owed.rule)
    kind = "" if answer is None else answer.kind
    own = RoleName.CADRE in place.catalog.records[kind].policy.access.roles(Verb.CREATE)
    corrects = answer is not None and answer.field is not None
    accounts = whom.accounts if own and not corrects else whom.supervisors
    return _DoneBy((owed.subject_kind, whom.id), accounts)


def _by_verb(
    session: Session, place: Place, owed: Iterable[Owed]
) -> dict[tuple[str, str | None], _DoneBy]:
    """Who carries out the verb by which it is done, by rule and code of the record."""
    asked: dict[tuple[str, str], list[Owed]] = {}
    for each in owed:
        answer = answer_in(place.catalog, each.rule)
        if answer is not None and answer.verb is not None and each.record is not None:
            asked.setdefault((answer.kind, answer.verb), []).append(each)
    found: dict[tuple[str, str | None], _DoneBy] = {}
    for (kind, verb), listed in asked.items():
        model = place.catalog.records[kind]
        course, rows = place.courses.of(model), _ids(session, model, listed)
        if course is None:
            continue
        may = persons_of_rows(session, course, verb, sorted(rows.values()), place.day)
        for each in listed:
            row_id = rows.get(str(each.record))
            if row_id is not None:
                accounts = tuple(may.get(row_id, ()))
                found[each.rule.id, each.record] = _DoneBy((kind, row_id), accounts)
    return found


def _ids(session: Session, model: type[Record], owed: Iterable[Owed]) -> dict[str, int]:
    """The ids of the records by which deadlines run, by code."""
    table, codes = table_of(model), sorted({str(each.record) for each in owed})
    statement = select(table.c.code, table.c.id)
    found: dict[str, int] = {}
    for start in range(0, len(codes), _AT_ONCE):
        some = statement.where(table.c.code.in_(codes[start : start + _AT_ONCE]))
        found |= dict(session.connection().execute(some).all())
    return found


def _subjects(session: Session, district_id: int, day: date) -> Mapping[tuple[str, str], _Whom]:
    """The cadres and organizations of a district, by kind and code."""
    found: dict[tuple[str, str], _Whom] = {}
    cadres = (
        select(_CADRE.c.code, _CADRE.c.id, _CADRE.c.organization_id, _ACCOUNT.c.id)
        .select_from(
            _CADRE.join(_PLACE, _PLACE.c.id == _CADRE.c.organization_id).outerjoin(
                _ACCOUNT, and_(_ACCOUNT.c.cadre_id == _CADRE.c.id, _ACCOUNT.c.active)
            )
        )
        .where(_PLACE.c.district_id == district_id)
        .where(or_(_CADRE.c.left_on.is_(None), _CADRE.c.left_on > day))
    )
    supervisors = _supervisors(session, district_id, day)
    for code, row_id, place_id, account in session.execute(cadres):
        own = () if account is None else (account,)
        found["cadre", code] = _Whom(row_id, None, own, supervisors.get(place_id, ()))
    for code, row_id, name, chair, account in _places(session, district_id, day):
        over = supervisors.get(row_id, ())
        done_by = ((account,) if account else ()) if chair else over
        found["organization", code] = _Whom(row_id, name, done_by, over)
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
    return session.execute(statement).all()


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
