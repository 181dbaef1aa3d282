"""Who owes what the viewer is to see: themself and what they chair, and those in their reach.

Source: the page on the working day: the duties of an organization without a chair go to the
supervisors who reach it. Who has left owes nothing more and sees to nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import Session

from tiesan.access.criterion import committee_rules
from tiesan.access.viewer import Reach, Viewer
from tiesan.flags.collect import Scope
from tiesan.people.models import Cadre, Organization, OrganizationKind
from tiesan.records.kinds import table_of
from tiesan.records.policy import COMMITTEE, SUPERVISORS
from tiesan.rules import Rule

_CADRE, _PLACE = table_of(Cadre), table_of(Organization)
_DISTRICT = table_of(Organization).alias()
# Codes by the id and the code of their district.
_Codes: TypeAlias = defaultdict[tuple[int, str], set[str]]


@dataclass(frozen=True, slots=True)
class Owing:
    """Some who owe something, in one district; ``chairless`` are organizations that nobody chairs.

    For the members of a committee ``rules`` are those that they are concerned with, None for all.
    """

    scope: Scope
    chairless: frozenset[str] = frozenset()
    rules: frozenset[str] | None = None

    def asks(self, rule: Rule) -> bool:
        """Whether a rule is looked at."""
        return self.rules is None or rule.id in self.rules


def own_owing(session: Session, viewer: Viewer, day: date) -> list[Owing]:
    """Return who owes what is the viewer's to do: themself, what they chair, what nobody chairs."""
    if viewer.is_stranger or viewer.left:
        return []
    cadres, places, chairless = _Codes(set), _Codes(set), _Codes(set)
    for district, code in _own(session, viewer):
        cadres[district].add(code)
    for row_id, district_code, code, is_chaired in session.execute(_places(viewer, day)):
        places[row_id, district_code].add(code)
        if not is_chaired:
            chairless[row_id, district_code].add(code)
    return [
        Owing(
            Scope(*district, frozenset(cadres[district]), frozenset(places[district])),
            frozenset(chairless[district]),
        )
        for district in sorted({*cadres, *places})
    ]


def _own(session: Session, viewer: Viewer) -> Iterable[tuple[tuple[int, str], str]]:
    if viewer.cadre_id is None:
        return []
    statement = (
        select(_DISTRICT.c.id, _DISTRICT.c.code, _CADRE.c.code)
        .join(_PLACE, _PLACE.c.district_id == _DISTRICT.c.id)
        .join(_CADRE, _CADRE.c.organization_id == _PLACE.c.id)
        .where(_CADRE.c.id == viewer.cadre_id)
    )
    return [((row_id, district), code) for row_id, district, code in session.execute(statement)]


def _places(viewer: Viewer, day: date) -> Select[Any]:
    """District, code, and whether the viewer chairs it: what they chair, or nobody does."""
    chaired = _PLACE.c.id.in_(sorted(viewer.chaired))
    chair = _CADRE.alias()
    unchaired = and_(
        _within(viewer.acting_reach(SUPERVISORS)),
        or_(_PLACE.c.chair_id.is_(None), chair.c.left_on <= day),
        or_(_PLACE.c.dissolved_on.is_(None), _PLACE.c.dissolved_on > day),
    )
    return (
        select(_DISTRICT.c.id, _DISTRICT.c.code, _PLACE.c.code, chaired)
        .join(_DISTRICT, _DISTRICT.c.id == _PLACE.c.district_id)
        .outerjoin(chair, chair.c.id == _PLACE.c.chair_id)
        .where(or_(chaired, unchaired))
    )


def _within(reach: Reach) -> ColumnElement[bool]:
    """The organizations of a reach."""
    if reach.everywhere:
        return _PLACE.c.id.is_not(None)
    districts = _PLACE.c.district_id.in_(sorted(reach.districts))
    return or_(false(), districts, _PLACE.c.id.in_(sorted(reach.organizations)))


def owing_in_reach(session: Session, viewer: Viewer) -> list[Owing]:
    """Return those whom the viewer supervises, and as a committee those of its districts."""
    supervised = viewer.acting_reach(SUPERVISORS)
    found = [Owing(scope) for scope in _scopes(session, supervised)]
    rules = frozenset(committee_rules())
    return [
        *found,
        *(
            Owing(scope, rules=rules)
            for scope in _scopes(session, viewer.acting_reach(COMMITTEE))
            if Owing(scope) not in found
        ),
    ]


def _scopes(session: Session, reach: Reach) -> list[Scope]:
    """Whole districts, and single organizations with the cadres who are posted there."""
    statement = (
        select(_PLACE.c.id, _PLACE.c.code)
        .where(_PLACE.c.kind == OrganizationKind.DISTRICT.value, _within(reach))
        .order_by(_PLACE.c.id)
    )
    whole = [Scope(*row) for row in session.execute(statement)]
    return [*whole, *_partly(session, reach, {each.district_id for each in whole})]


def _partly(session: Session, reach: Reach, whole: set[int]) -> Iterable[Scope]:
    cadres, places = _Codes(set), _Codes(set)
    statement = (
        select(_DISTRICT.c.id, _DISTRICT.c.code, _PLACE.c.code, _CADRE.c.code)
        .join(_DISTRICT, _DISTRICT.c.id == _PLACE.c.district_id)
        .outerjoin(_CADRE, _CADRE.c.organization_id == _PLACE.c.id)
        .where(_PLACE.c.id.in_(sorted(reach.organizations)), _DISTRICT.c.id.not_in(sorted(whole)))
    )
    for row_id, code, place, cadre in session.execute(statement):
        places[row_id, code].add(place)
        cadres[row_id, code] |= {cadre} - {None}
    for district, codes in places.items():
        yield Scope(*district, frozenset(cadres[district]), frozenset(codes))
