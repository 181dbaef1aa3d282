"""The tree of organizations as it would stand after an import: its districts and its faults."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.i18n import _
from tiesan.people.models import ORGANIZATION_KINDS, PARENT_KINDS, Organization
from tiesan.records.exchange.planning import Plan, Planned
from tiesan.records.exchange.problems import shown
from tiesan.records.kinds import table_of


@dataclass(slots=True)
class Node:
    """An organization: its kind, the organization above it, and the row that brings it, if any."""

    kind: str
    parent_id: int | None
    planned: Planned | None = None


def settled_tree(session: Session, planned: Iterable[Planned], plan: Plan) -> dict[int, Node]:
    """The organizations in the database with what the file makes of them."""
    columns = table_of(Organization).c
    stored = session.execute(select(columns.id, columns.kind, columns.parent_id))
    nodes = {row_id: Node(kind, parent_id) for row_id, kind, parent_id in stored}
    kind_at, parent_at = plan.file.position["kind"], plan.file.position["parent"]
    for each in planned:
        nodes[each.id] = Node(each.values[kind_at], each.values[parent_at], each)
    return nodes


def check_tree(nodes: Mapping[int, Node], plan: Plan) -> None:
    """Note cycles and parents of the wrong kind, at the rows of the file that make them."""
    circles = _in_circles(nodes)
    for node_id, node in nodes.items():
        if node.parent_id is None or node.kind == "district":
            continue
        if node_id in circles:
            _blame(plan, node.planned, "parent", _("the superior organizations form a circle"))
            continue
        parent = nodes.get(node.parent_id)
        if parent is not None and parent.kind not in PARENT_KINDS[node.kind]:
            _blame_kind(plan, node, parent)


def _blame_kind(plan: Plan, node: Node, parent: Node) -> None:
    """The row that names the parent is to blame, or the one that makes the parent unfit."""
    if node.planned is not None:
        wrong = _("wrong kind of superior organization: “%(kind)s” cannot stand under “%(above)s”")
        above = ORGANIZATION_KINDS[parent.kind]
        text = wrong % {"kind": ORGANIZATION_KINDS[node.kind], "above": above}
        _blame(plan, node.planned, "parent", text)
    else:
        kind = ORGANIZATION_KINDS[node.kind]
        text = _("an organization of the kind %(kind)s stands under this one", kind=kind)
        _blame(plan, parent.planned, "kind", text)


def _blame(plan: Plan, planned: Planned | None, column: str, text: str) -> None:
    if planned is not None and planned.row.sound:
        found: Any = planned.row.values[plan.file.position[column]]
        plan.parsed.blame(
            planned.row, column, _("%(wrong)s; found: %(found)s", wrong=text, found=shown(found))
        )


def _in_circles(nodes: Mapping[int, Node]) -> set[int]:
    """The organizations that stand above themselves; each is looked at once."""
    found: set[int] = set()
    settled: set[int] = set()
    for node_id in nodes:
        path: dict[int, None] = {}
        at: int | None = node_id
        while at is not None and at in nodes and at not in settled and at not in path:
            path[at] = None
            at = nodes[at].parent_id
        if at in path:
            way = list(path)
            found.update(way[way.index(at) :])
        settled.update(path)
    return found


def districts(nodes: Mapping[int, Node]) -> dict[int, int]:
    """The id of the district of each organization that stands in one."""
    found: dict[int, int] = {}
    # Those whose way up ends at no district; they are not gone through again.
    lost: set[int] = set()
    for node_id in nodes:
        path: dict[int, None] = {}
        at = node_id
        while not (at in found or at in lost or at in path) and nodes[at].parent_id in nodes:
            path[at] = None
            at = nodes[at].parent_id or at
        root = found.get(at, at)
        if at in found or (nodes[at].kind == "district" and at not in lost):
            found.update(dict.fromkeys([*path, at], root))
        else:
            lost.update([*path, at])
    return found
