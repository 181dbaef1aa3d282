"""A tree of many faults is judged in one walk, not in one walk per organization."""

from collections.abc import Iterator, Mapping

from tiesan.people.models import Organization
from tiesan.records.exchange.files import ExchangeFile
from tiesan.records.exchange.headers import Header
from tiesan.records.exchange.parsing import ParsedFile, Row
from tiesan.records.exchange.planning import Plan, Planned
from tiesan.records.exchange.tree import Node, check_tree, districts

FILE = ExchangeFile(Organization)
MANY = 2_000
LOOKS = 10


class Watched(Mapping[int, Node]):
    """Nodes that count how often one is looked at."""

    def __init__(self, nodes: dict[int, Node]) -> None:
        self._nodes = nodes
        self.looks = 0

    def __getitem__(self, node_id: int) -> Node:
        self.looks += 1
        return self._nodes[node_id]

    def __iter__(self) -> Iterator[int]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)


def circle(number: int) -> tuple[Watched, Plan]:
    """So many enterprise unions, each under the next, the last under the first."""
    names = tuple(field.name for field in FILE.fields)
    header = Header(tuple(range(len(names))), names, (True,) * len(names))
    plan = Plan(ParsedFile(FILE, "organizations.csv", "", 0, header))
    nodes = {}
    for at in range(number):
        values = [None] * len(names)
        row = Row(at + 2, list(values))
        above = (at + 1) % number
        nodes[at] = Node("enterprise", above, Planned(at, list(values), row))
    return Watched(nodes), plan


def test_a_large_circle_is_listed_whole_in_one_walk() -> None:
    nodes, plan = circle(MANY)
    check_tree(nodes, plan)
    assert len(plan.parsed.problems) == MANY
    assert nodes.looks < LOOKS * MANY


def test_a_large_circle_stands_in_no_district() -> None:
    nodes, _plan = circle(MANY)
    assert districts(nodes) == {}
    assert nodes.looks < LOOKS * MANY


def test_what_hangs_on_a_circle_is_not_in_it() -> None:
    nodes, plan = circle(3)
    hanging = Planned(3, [None], Row(9, [None] * len(FILE.fields)))
    tree = {**nodes, 3: Node("enterprise", 0, hanging)}
    check_tree(tree, plan)
    assert {each.line for each in plan.parsed.problems if "首尾相连" in each.text} == {2, 3, 4}
