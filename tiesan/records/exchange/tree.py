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
    for node_id, node in nodes.items():
        if node.parent_id is None or node.kind == "district":
            continue
        if _is_in_cycle(nodes, node_id):
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


def _is_in_cycle(nodes: Mapping[int, Node], start: int) -> bool:
    seen: set[int] = set()
    at: int | None = start
    while at is not None and at not in seen:
        seen.add(at)
        node = nodes.get(at)
        at = None if node is None else node.parent_id
    return at == start


def districts(nodes: Mapping[int, Node]) -> dict[int, int]:
    """The id of the district of each organization that stands in one."""
    found: dict[int, int] = {}
    for node_id in nodes:
        path, at = [], node_id
        while at not in found and at not in path and nodes[at].parent_id in nodes:
            path.append(at)
            at = nodes[at].parent_id or at
        root = found.get(at, at)
        if at in found or nodes[at].kind == "district":
            found.update(dict.fromkeys([*path, at], root))
    return found
