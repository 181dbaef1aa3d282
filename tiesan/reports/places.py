"""The organizations by which numbers are told: one level below a root, each with all below it.

For a district these are its federations and the enterprise unions directly below it; its own
matters stand beside theirs. Whoever sees but a part of the tree is told by the highest
organizations that they see.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.people.models import Organization
from tiesan.records.kinds import table_of

_TABLE = table_of(Organization)


@dataclass(frozen=True, slots=True)
class Place:
    """An organization by which is told: its own matters, and all below it unless it is the root."""

    id: int
    code: str
    name: str
    kind: str
    founded_on: date
    dissolved_on: date | None

    def stood(self, first: date, last: date) -> bool:
        """Whether it stood on one of some days."""
        return self.founded_on <= last and (self.dissolved_on is None or self.dissolved_on > first)


@dataclass(frozen=True)
class Places:
    """A root in a district, the organizations by which is told, and under which each one is told.

    ``told_under`` has every organization of the district that is told of; those outside the root
    are not in it.
    """

    district_id: int
    root_id: int
    all: Sequence[Place]
    told_under: Mapping[int, int]

    @cached_property
    def by_id(self) -> Mapping[int, Place]:
        """The organizations by which is told, by id."""
        return {each.id: each for each in self.all}

    @cached_property
    def ids(self) -> Sequence[int]:
        """The ids of all organizations that are told of."""
        return sorted(self.told_under)


def read_places(session: Session, district_id: int, root_id: int | None = None) -> Places:
    """Return the organizations by which is told below a root, by default the district itself.

    The root comes first, then the others by code; of a session that is narrowed only what is seen.
    """
    root = district_id if root_id is None else root_id
    tree = select(_TABLE.c.id, _TABLE.c.parent_id).where(_TABLE.c.district_id == district_id)
    parents = dict(session.execute(tree).all())
    columns = (
        Organization.id, Organization.code, Organization.name, Organization.kind,
        Organization.founded_on, Organization.dissolved_on,
    )  # fmt: skip
    statement = select(*columns).where(Organization.district_id == district_id)
    seen = {row.id: Place(*row) for row in session.execute(statement)}
    told_under = {each: _told_under(each, root, parents, seen) for each in parents}
    told = {each: place for each, place in told_under.items() if place is not None}
    shown = sorted((seen[each] for each in set(told.values())), key=lambda it: it.code)
    first = [each for each in shown if each.id == root]
    return Places(district_id, root, [*first, *(each for each in shown if each.id != root)], told)


def _told_under(
    place: int, root: int, parents: Mapping[int, int | None], seen: Mapping[int, Place]
) -> int | None:
    """The highest organization that is seen on the way up to below the root; None outside of it."""
    if place == root:
        return root if root in seen else None
    found, at = None, place
    while at != root:
        if at in seen:
            found = at
        above = parents.get(at)
        if above is None:
            return None
        at = above
    return found
