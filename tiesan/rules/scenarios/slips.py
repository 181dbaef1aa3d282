"""Slips in a scenario test that would pass in silence: rows given twice, and names of nobody."""

from collections.abc import Iterable, Iterator, Mapping

from tiesan.facts.kinds import FactKind, Value
from tiesan.i18n import _
from tiesan.rules.positions import Position, Refused
from tiesan.rules.reading.nodes import Mapping as MappingNode
from tiesan.rules.reading.nodes import Node
from tiesan.rules.scenarios.standing_world import WORLD, Row
from tiesan.rules.spelling import listing

_PEOPLE = ("organization", "cadre")


def check_once(kind: FactKind, nodes: Iterable[Node], rows: Iterable[Row]) -> None:
    """Refuse the second of two rows of one identity: only one of them could be stored.

    A row that leaves out what its identity requires is no other row's double.
    """
    known: set[tuple[Value, ...]] = set()
    required = [name for name in kind.identity if kind.by_name[name].required]
    for node, row in zip(nodes, rows, strict=True):
        identity = tuple(row.get(name) for name in kind.identity)
        if identity in known and all(row.get(name) is not None for name in required):
            named = (f"{name}: {row[name]}" for name in kind.identity if row.get(name) is not None)
            text = _("two rows of %(kind)s have %(identity)s; allowed: one")
            raise Refused(node.position, text % {"kind": kind.name, "identity": listing(named)})
        known.add(identity)


def check_named(
    kind: FactKind, nodes: Iterable[Node], rows: Iterable[Row], given: Mapping[str, Iterable[Row]]
) -> None:
    """Refuse a reference to a cadre or an organization that is not in the scenario's world."""
    for node, row in zip(nodes, rows, strict=True):
        for field in kind.fields:
            code = row.get(field.name)
            if field.to in _PEOPLE and code is not None and isinstance(node, MappingNode):
                check_known(str(field.to), str(code), node.entries[field.name].position, given)


def check_known(
    kind: str, code: str, position: Position, given: Mapping[str, Iterable[Row]]
) -> None:
    """Refuse the code of a cadre or an organization that is not in the scenario's world."""
    known = dict.fromkeys(_codes(kind, given))
    if code not in known:
        text = _("the world of this test has no %(kind)s '%(code)s'; it has: %(allowed)s")
        values = {"kind": kind, "code": code, "allowed": listing(known)}
        raise Refused(position, text % values)


def _codes(kind: str, given: Mapping[str, Iterable[Row]]) -> Iterator[str]:
    for rows in (WORLD[kind], given.get(kind, ())):
        yield from (str(row["code"]) for row in rows)
