"""Who is behind: duties in reach that are not met, for supervisors and the audit committee."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from tiesan.access.owing import owing_in_reach
from tiesan.access.viewer import Viewer
from tiesan.admin.owed.lines import Telling, read
from tiesan.calendar.periods import Every
from tiesan.extensions import db
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import table_of
from tiesan.rules import Duty, Owed

# What is not owed daily is looked at for so long ahead.
DAYS_AHEAD = 7
MOST_BEHIND = 200
_CODES = 500


@dataclass(frozen=True, slots=True)
class Behind:
    """Somebody in reach who has not done yet what is due: who, what, until when.

    ``subject_id`` is the id of the cadre or organization of ``subject_kind``; ``cadre_ids`` are
    those who can be reminded: the cadre, or who chairs the organization (none: it has no chair).
    ``days_left`` as in OwedLine, below zero when the due date is past and not judged yet. ``rule``,
    ``subject_code`` and ``key`` tell one thing that is owed from all others.
    """

    rule: str
    subject_kind: str
    subject_id: int
    subject_code: str
    key: str
    subject: str
    organization: str
    title: str
    due_on: date
    due: str
    days_left: int
    left: str
    done: int
    required: int
    cadre_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Whom:
    """A cadre or an organization, with its names and who can be reminded."""

    id: int
    name: str
    organization: str
    cadre_ids: tuple[int, ...]


_Subject = tuple[str, str]


def duties_in_reach(viewer: Viewer, day: date) -> list[Behind]:
    """Return what those in the viewer's reach owe and have not done, by due date.

    Of supervisors and the audit committee; empty for anybody else. Never what the viewer owes
    themself, or an organization that they chair. It is what is due until a week after ``day``; of
    what is owed for every working day, what is due by ``day``. At most ``MOST_BEHIND``.
    """
    found = {
        (each.rule.id, each.subject_kind, each.subject, each.key): each
        for owing in owing_in_reach(db.session(), viewer)
        for each in read(owing, day, DAYS_AHEAD)
        if each.due_on <= day or not _is_daily(each)
    }
    whom = _subjects(found.values())
    others = [each for each in found.values() if not _is_own(each, whom, viewer)]
    shown = sorted(others, key=lambda each: (each.due_on, each.subject, each.rule.id, each.key))
    return list(_behind(viewer, day, shown[:MOST_BEHIND], whom))


def _is_daily(owed: Owed) -> bool:
    form = owed.rule.form
    return isinstance(form, Duty) and form.every is Every.WORKING_DAY


def _is_own(owed: Owed, whom: dict[_Subject, _Whom], viewer: Viewer) -> bool:
    subject = whom.get((owed.subject_kind, owed.subject))
    if subject is None:
        return True
    own = {viewer.cadre_id} if owed.subject_kind == "cadre" else viewer.chaired
    return subject.id in own


def _behind(
    viewer: Viewer, day: date, shown: Sequence[Owed], whom: dict[_Subject, _Whom]
) -> Iterable[Behind]:
    telling = Telling(viewer, day, shown)
    for each in shown:
        told, subject = telling.told(each), whom[each.subject_kind, each.subject]
        yield Behind(
            rule=each.rule.id,
            subject_kind=each.subject_kind,
            subject_id=subject.id,
            subject_code=each.subject,
            key=each.key,
            subject=subject.name,
            organization=subject.organization,
            title=f"{told.title} {told.about}".strip(),
            due_on=each.due_on,
            due=told.due,
            days_left=told.days_left,
            left=told.left,
            done=each.done,
            required=each.required,
            cadre_ids=subject.cadre_ids,
        )


def _subjects(found: Iterable[Owed]) -> dict[_Subject, _Whom]:
    """The cadres and organizations who owe something, by kind and code."""
    codes: dict[str, set[str]] = {"cadre": set(), "organization": set()}
    for each in found:
        codes[each.subject_kind].add(each.subject)
    cadre, place = table_of(Cadre), table_of(Organization)
    cadres = select(cadre.c.id, cadre.c.code, cadre.c.name, place.c.name.label("place")).join(
        place, place.c.id == cadre.c.organization_id
    )
    places = select(place.c.id, place.c.code, place.c.name, place.c.chair_id)
    subjects: dict[_Subject, _Whom] = {}
    for row in _of(cadres, cadre.c.code, codes["cadre"]):
        subjects["cadre", row.code] = _Whom(row.id, row.name, row.place, (row.id,))
    for row in _of(places, place.c.code, codes["organization"]):
        chairs = () if row.chair_id is None else (row.chair_id,)
        subjects["organization", row.code] = _Whom(row.id, row.name, row.name, chairs)
    return subjects


def _of(statement: Any, code: Any, codes: Iterable[str]) -> Iterable[Any]:
    """The rows of some codes; databases limit the number of values in one statement."""
    wanted = sorted(codes)
    for start in range(0, len(wanted), _CODES):
        some = statement.where(code.in_(wanted[start : start + _CODES]))
        yield from db.session.execute(some)
