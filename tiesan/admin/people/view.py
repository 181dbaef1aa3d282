"""Organizations, as the tree that they are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import g
from markupsafe import Markup
from sqlalchemy import ColumnElement, select

from tiesan.access.installation import installed
from tiesan.access.of_people import (
    permitted_cadres,
    permitted_organizations,
    visible_organizations,
)
from tiesan.access.placing import refuse_founding, refuse_moving
from tiesan.access.viewer import current_viewer
from tiesan.admin.core.view import CoreView
from tiesan.admin.lists.columns import Column
from tiesan.clock import now
from tiesan.extensions import Base, db
from tiesan.i18n import _
from tiesan.people.models import Cadre, Organization
from tiesan.records.organizations import create_organization, update_organization
from tiesan.records.policy import ADMINISTRATORS
from tiesan.words.rows import Block, Entry, link_to

_DEEPEST = 2


def people(model: type[Base]) -> ColumnElement[bool]:
    """The organizations or cadres of an administrator."""
    viewer = current_viewer()
    if model is Organization:
        return permitted_organizations(ADMINISTRATORS, viewer)
    return permitted_cadres(ADMINISTRATORS, viewer)


class OrganizationView(CoreView[Organization]):
    """Organizations: in the order of the tree, unless they are searched, filtered or sorted."""

    model_class = Organization
    place = "people"
    searched = ("code", "name", "chair.name")
    columns_shown = ("name", "code", "kind", "chair", "founded_on", "dissolved_on")
    read_by_rules = frozenset({"kind", "parent", "founded_on", "dissolved_on", "tracked_from"})
    page_size = 100

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__("/people/organizations")

    def make_columns(self) -> Iterable[Column]:
        """Return the columns of the list; the name stands as deep as the organization."""
        name, *others = super().make_columns()
        shown = Column(name.name, name.label, _indented, name.write, name.sort)
        return [shown, *others]

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the organizations that the viewer may see."""
        return visible_organizations(current_viewer())

    def get_list(self, page: int, *arguments: Any, **options: Any) -> tuple[int, Any]:
        """Return a page of the list: of the tree, where nothing else is asked for."""
        plain = not any(each for each in arguments) and options.get("execute", True)
        if not plain:
            listed: tuple[int, Any] = super().get_list(page, *arguments, **options)
            return listed
        depths = _tree()
        g.depths = depths
        shown = list(depths)[page * self.page_size :][: self.page_size]
        query = self.get_query().filter(Organization.id.in_(shown))
        return len(depths), sorted(query, key=lambda row: shown.index(row.id))

    @property
    def may_create(self) -> bool:
        """Whether the viewer administers any organization."""
        return not current_viewer().acting_reach(ADMINISTRATORS).is_empty

    def writable(self) -> ColumnElement[bool]:
        """Return the condition of the organizations that the viewer administers."""
        return people(Organization)

    def candidates(self, model: type[Base]) -> ColumnElement[bool]:
        """Return the condition of superior organizations and chairs."""
        return people(model)

    def stored(self, values: Mapping[str, Any]) -> Organization:
        """Store a new organization."""
        refuse_founding(values["kind"])
        return create_organization(current_viewer().actor, db.session(), values, at=now())

    def changed(self, row: Organization, values: Mapping[str, Any], reason: str | None) -> bool:
        """Change an organization."""
        refuse_moving(row.parent, values["parent"])
        return update_organization(
            current_viewer().actor,
            db.session(),
            row,
            values,
            records=installed().plugins.records,
            at=now(),
            reason=reason,
        )

    def blocks(self, row: Organization) -> list[Block]:
        """Return the fields, the organizations below and the cadres posted here."""
        below = select(Organization).where(Organization.parent_id == row.id)
        posted = select(Cadre).where(Cadre.organization_id == row.id).order_by(Cadre.code)
        return [
            *super().blocks(row),
            _listed(
                _("Organizations below"), db.session.scalars(below.order_by(Organization.code))
            ),
            _listed(_("Cadres posted here"), db.session.scalars(posted)),
        ]


def _listed(title: str, rows: Iterable[Base]) -> Block:
    links = [Markup("<li>{}</li>").format(link_to(row)) for row in rows]
    text = Markup("<ul>{}</ul>").format(Markup("").join(links)) if links else ""
    return Block(title, [Entry("", text, wide=True)])


def _indented(row: Organization) -> str:
    depth = min(g.get("depths", {}).get(row.id, 0), _DEEPEST)
    return Markup('<span class="depth-{}">{}</span>').format(depth, row.name)


def _tree() -> dict[int, int]:
    """The ids of the visible organizations in the order of the tree, with their depths."""
    statement = select(Organization.id, Organization.parent_id).order_by(Organization.code)
    rows: Sequence[Any] = db.session.execute(statement).all()
    known = {row_id for row_id, _parent in rows}
    children: dict[int | None, list[int]] = {}
    for row_id, parent in rows:
        children.setdefault(parent if parent in known else None, []).append(row_id)
    depths: dict[int, int] = {}
    waiting = [(row_id, 0) for row_id in reversed(children.get(None, []))]
    while waiting:
        row_id, depth = waiting.pop()
        depths[row_id] = depth
        waiting.extend((child, depth + 1) for child in reversed(children.get(row_id, [])))
    return depths
