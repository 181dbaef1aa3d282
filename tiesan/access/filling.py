"""Who fills in which grid, and which of its rows: nobody what is about themself.

Who enters the record above enters its rows, as its chair or as a supervisor; rows without one are
entered by supervisors, and by who keeps what they are about. A chair reads the names of all below
in the grids of what they hold, and nowhere else. Source: working-day.md, "Logging".
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    column,
    false,
    or_,
    select,
    table,
)
from sqlalchemy.orm import joinedload

from tiesan.access.correcting import RestingFlag, bar_of, bar_of_author, by_role
from tiesan.access.criterion import AS_THEY_ARE, permitted_to, readable_rows
from tiesan.access.entering import (
    bar_to_correcting,
    is_about_viewer,
    is_own_of_today,
    may_enter_for_others,
    may_enter_own,
    other_roles,
    refuse_days_back,
)
from tiesan.access.installation import installed
from tiesan.access.of_people import permitted_cadres, permitted_organizations
from tiesan.access.policies import Day, Id, Policy, chairs, there_is
from tiesan.access.viewer import current_viewer
from tiesan.clock import today
from tiesan.errors import UserError
from tiesan.extensions import Base, db
from tiesan.flags.installed import parameter_on
from tiesan.i18n import _
from tiesan.people.models import Cadre, Organization, OrganizationKind
from tiesan.people.on_a_day import at_and_below, posted_on, standing_on
from tiesan.records.base import Record
from tiesan.records.grids import Among, Grid, Scene
from tiesan.records.kinds import row_id, table_of
from tiesan.records.policy import CADRE, Verb

_ORGANIZATION = table_of(Organization)
_MOST_PLACES = 50


@dataclass(frozen=True)
class Filling:
    """A grid that the viewer fills in: of which organization and day, and by which right.

    ``own`` is the right of who chairs the organization, or keeps what the rows are about; otherwise
    it is that of a supervisor. ``head`` is the stored record above.
    """

    grid: Grid
    organization: Organization
    day: date
    own: bool
    head: Record | None = None

    @cached_property
    def scene(self) -> Scene:
        """What a plugin's own list of rows goes by."""

        def parameter(rule: str, name: str) -> Any:
            return parameter_on(db.session(), installed(), rule, name, self.day)

        return Scene(self.organization.id, self.day, parameter)


# --- who ------------------------------------------------------------------------------------------


def fills_own(grid: Grid) -> bool:
    """Whether the viewer fills in such a grid as a chair, or as who keeps what it is about."""
    if grid.has_head:
        return may_enter_own(grid.record)
    viewer = current_viewer()
    if viewer.left or not grid.rows.kept_by or not viewer.has(CADRE):
        return False
    return db.session.scalar(select(grid.about.id).where(_kept(grid)).limit(1)) is not None


def fills_for_others(grid: Grid) -> bool:
    """Whether the viewer fills in such a grid as a supervisor."""
    return may_enter_for_others(grid.record)


def places_to_fill(grid: Grid, *, own: bool) -> ColumnElement[bool]:
    """The organizations of which the viewer may fill in such a grid."""
    viewer = current_viewer()
    if not own:
        return permitted_organizations(other_roles(grid.record), viewer)
    if grid.has_head:
        return Organization.id.in_(sorted(viewer.chaired))
    return Organization.id.in_(select(grid.about.organization_id).where(_kept(grid)))


def place_to_fill(grid: Grid, organization_id: int, *, own: bool) -> Organization | None:
    """Return the organization of this id, if the viewer may fill in such a grid of it."""
    chosen = and_(Organization.id == organization_id, places_to_fill(grid, own=own))
    statement = select(Organization).where(chosen).execution_options(**AS_THEY_ARE)
    return db.session.scalars(statement).one_or_none()


def only_place_to_fill(grid: Grid, *, own: bool) -> Organization | None:
    """Return the organization of which alone the viewer may fill in such a grid."""
    found = _places(places_to_fill(grid, own=own), most=2)
    return found[0] if len(found) == 1 else None


def own_places(grid: Grid) -> Sequence[Organization]:
    """Return the organizations of which the viewer fills in such a grid as their own."""
    return _places(places_to_fill(grid, own=True), most=_MOST_PLACES)


def _places(chosen: ColumnElement[bool], *, most: int) -> Sequence[Organization]:
    statement = select(Organization).where(chosen).order_by(Organization.code).limit(most)
    return db.session.scalars(statement.execution_options(**AS_THEY_ARE)).all()


def filling_of(grid: Grid, head: Any) -> Filling | None:
    """Return how the viewer fills in the rows of a stored record; None if they may not."""
    if head.voided_at is not None or current_viewer().left:
        return None
    day: date = getattr(head, grid.day)
    if by_role(Verb.EDIT, head) and not is_about_viewer(head):
        return Filling(grid, head.organization, day, own=False, head=head)
    if not may_enter_own(grid.record) or head.organization_id not in current_viewer().chaired:
        return None
    try:
        refuse_days_back(head)
    except UserError:
        return None
    return Filling(grid, head.organization, day, own=True, head=head)


def sees_rows(grid: Grid) -> Policy:
    """The policy by which who chairs the organization of a record sees its rows besides."""
    # By its name alone: a table that a statement names has its criteria put into it, and whoever
    # sees a row is shown the record that it refers to, whether they may open that or not.
    head = table(table_of(grid.record).name, column("id"), column("organization_id"))
    key = f"{grid.rows.head}_id"

    def of_own_head(row: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
        above = head.alias()
        return there_is(
            above,
            where=and_(above.c.id == getattr(row, key), chairs(above.c.organization_id, who)),
        )

    return of_own_head


# --- which rows -----------------------------------------------------------------------------------


def listed_rows_of(filling: Filling) -> Sequence[int]:
    """The ids of what the grid has rows of by itself, as far as the viewer may fill them in."""
    among, session = filling.grid.rows.among, db.session()
    about = filling.grid.about
    if isinstance(among, Among):
        chosen = about.id.in_(_among(among, filling.organization.id, filling.day))
        return _ids(filling, chosen)
    order = list(among(session, filling.scene))
    allowed = set(_ids(filling, about.id.in_(order)))
    return [each for each in order if each in allowed]


def rows_to_add(filling: Filling) -> ColumnElement[bool]:
    """The condition of what a row may be about that the viewer fills in, listed or added."""
    grid, viewer, own = filling.grid, current_viewer(), filling.own
    roles = other_roles(grid.rows.of)
    if grid.about is Cadre:
        below = Cadre.organization_id.in_(at_and_below(filling.organization.id))
        return below if own else permitted_cadres(roles, viewer)
    if grid.about is Organization:
        below = Organization.id.in_(at_and_below(filling.organization.id))
        within = below if own else permitted_organizations(roles, viewer)
        return and_(within, Organization.id != filling.organization.id)
    within = _kept(grid) if own else permitted_to(roles, grid.about, viewer)
    return and_(within, grid.about.voided_at.is_(None), readable_rows(grid.about))


def rows_to_find(grid: Grid) -> ColumnElement[bool]:
    """The condition of what a supervisor may add a row about; who fills in their own has all."""
    if not fills_for_others(grid):
        return false()
    viewer, roles = current_viewer(), other_roles(grid.rows.of)
    if grid.about is Cadre:
        return and_(permitted_cadres(roles, viewer), Cadre.id.in_(posted_on(today())))
    if grid.about is Organization:
        return permitted_organizations(roles, viewer)
    return permitted_to(roles, grid.about, viewer)


def there_that_day(filling: Filling, ids: Collection[int]) -> set[int]:
    """Which of these a row of that day may be about: in post, or standing."""
    about = filling.grid.about
    if about is Cadre:
        chosen = posted_on(filling.day)
    elif about is Organization:
        chosen = select(_ORGANIZATION.c.id).where(standing_on(filling.day))
    else:
        return set(ids)
    return set(db.session.scalars(chosen.where(table_of(about).c.id.in_(sorted(ids)))))


def loaded(filling: Filling, ids: Collection[int]) -> dict[int, Any]:
    """What rows are about, by id: those of these ids that the viewer may fill in."""
    about = filling.grid.about
    return _loaded(about, and_(about.id.in_(sorted(ids)), rows_to_add(filling)))


def _loaded(about: type[Any], condition: ColumnElement[bool]) -> dict[int, Any]:
    statement = select(about).where(condition).execution_options(**AS_THEY_ARE)
    if about is not Organization:
        statement = statement.options(joinedload(about.organization))
    return {row.id: row for row in db.session.scalars(statement)}


def _ids(filling: Filling, chosen: ColumnElement[bool]) -> list[int]:
    about = filling.grid.about
    statement = select(about.id).where(chosen, rows_to_add(filling))
    if about is Cadre:
        statement = statement.join(_ORGANIZATION, _ORGANIZATION.c.id == Cadre.organization_id)
    ordered = statement.order_by(*_order(filling)).execution_options(**AS_THEY_ARE)
    return list(db.session.scalars(ordered))


def _order(filling: Filling) -> Iterable[Any]:
    """The organization itself first and federations before enterprise unions; then by code."""
    about = filling.grid.about
    if about is not Cadre and about is not Organization:
        return (about.code,)
    itself = case((_ORGANIZATION.c.id == filling.organization.id, 0), else_=1)
    below = case((_ORGANIZATION.c.kind == OrganizationKind.FEDERATION.value, 0), else_=1)
    return (itself, below, _ORGANIZATION.c.code, about.code)


def _among(among: Among, organization_id: int, day: date) -> Select[tuple[int]]:
    match among:
        case Among.CADRES:
            itself = select(_ORGANIZATION.c.id).where(_ORGANIZATION.c.id == organization_id)
            return posted_on(day, itself)
        case Among.CADRES_BELOW:
            return posted_on(day, at_and_below(organization_id))
        case Among.ORGANIZATIONS_BELOW:
            below = _ORGANIZATION.c.parent_id == organization_id
            return select(_ORGANIZATION.c.id).where(below, standing_on(day))


def _kept(grid: Grid) -> ColumnElement[bool]:
    """What rows are about that the viewer keeps, or whose organization they chair."""
    viewer, found = current_viewer(), [false()]
    for name in grid.rows.kept_by:
        column = getattr(grid.about, f"{name}_id")
        of_cadre = getattr(grid.about, name).property.mapper.class_ is Cadre
        wanted = [viewer.cadre_id or 0] if of_cadre else sorted(viewer.chaired)
        found.append(column.in_(wanted))
    return and_(or_(*found), grid.about.voided_at.is_(None))


# --- stored rows ----------------------------------------------------------------------------------


def stored_rows(filling: Filling, ids: Collection[int]) -> dict[int, Any]:
    """The live rows of the grid by what they are about.

    Those about these ids, and all others of the record above that the viewer may read. Whoever
    writes has locked them.
    """
    of = filling.grid.rows.of
    each = getattr(of, f"{filling.grid.rows.each}_id")
    if filling.grid.has_head:
        if filling.head is None:
            return {}
        whole = getattr(of, f"{filling.grid.rows.head}_id") == filling.head.id
        chosen = and_(whole, or_(each.in_(sorted(ids)), readable_rows(of)))
    elif not filling.grid.one_a_day:
        return {}
    else:
        chosen = and_(getattr(of, filling.grid.day) == filling.day, each.in_(sorted(ids)))
    statement = select(of).where(chosen, of.voided_at.is_(None)).order_by(of.id)
    statement = statement.execution_options(populate_existing=True, **AS_THEY_ARE)
    return {getattr(row, each.key): row for row in db.session.scalars(statement)}


def lock_rows(filling: Filling, ids: Collection[int]) -> None:
    """Have others wait who write the same rows, before they are read to be changed."""
    grid = filling.grid
    if filling.head is not None:
        locked = table_of(grid.record)
        chosen = locked.c.id == filling.head.id
    elif grid.has_head or not grid.one_a_day:
        return
    else:
        locked = table_of(grid.rows.of)
        each = locked.c[f"{grid.rows.each}_id"]
        chosen = and_(locked.c[grid.day] == filling.day, each.in_(sorted(ids)))
    statement = select(locked.c.id).where(chosen).order_by(locked.c.id)
    db.session.execute(statement.with_for_update(key_share=True))


# --- what is refused ------------------------------------------------------------------------------


def bar_to_entering(filling: Filling, about: Base) -> str | None:
    """Return what keeps the viewer from a row about this; None when nothing does."""
    viewer, number = current_viewer(), row_id(about)
    if isinstance(about, Cadre):
        if number == viewer.cadre_id:
            return _("This is about yourself: somebody else enters it.")
        return None
    place = number if isinstance(about, Organization) else getattr(about, "organization_id", 0)
    if place in viewer.chaired and not (filling.own and filling.grid.rows.kept_by):
        return _("You chair this organization: somebody else enters it.")
    return None


def bar_to_changing(filling: Filling, row: Record, flags: Iterable[RestingFlag]) -> str | None:
    """Return what keeps the viewer from changing a stored row in the grid; None when nothing does.

    As with a single record: authors change what they entered today, supervisors what they reach.
    """
    flags = list(flags)
    if filling.grid.leaves_alone and row.source != "web":
        return _("From a clock or a file: it stays as it is.")
    if filling.own:
        if not is_own_of_today(row) or row.source != "web":
            return _("Not entered by you today: a supervisor corrects it.")
        return bar_of_author(Verb.EDIT, flags)
    if not by_role(Verb.EDIT, row):
        return _("Only a supervisor of the organization may correct this.")
    return bar_of(row, flags) or bar_to_correcting(row)


def is_late(filling: Filling) -> bool:
    """Whether rows that are entered by who keeps what they are about are of another day."""
    return filling.own and not filling.grid.has_head and filling.day != today()
