"""Rule files loaded: read, checked, and held together. Their scenario tests are passed over.

They are four fifths of a file, and only who checks or runs them wants them (`scenarios/files.py`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tiesan.facts.kinds import FactKinds
from tiesan.i18n import _
from tiesan.rules.positions import Position, Problems, Refused
from tiesan.rules.reading.nodes import Node, Sequence
from tiesan.rules.reading.reader import read_file, read_text
from tiesan.rules.reading.rule_parser import parse_rule
from tiesan.rules.reading.structure import keys, scalar, sequence
from tiesan.rules.reading.text_parser import parse_name
from tiesan.rules.rule_set import RuleSet
from tiesan.rules.tree import Rule

TESTS = frozenset({"tests"})
# Takes the tests of each sound rule, if it has any, and what is wrong with them.
TakeTests: TypeAlias = Callable[[Node | None, Rule, Problems], None]


@dataclass(frozen=True)
class RuleFile:
    """The rules of one file; ``tests`` says how many scenario tests each rule has, by id.

    ``place`` is where the file names its plugin.
    """

    name: str
    plugin: str
    place: Position
    rules: tuple[Rule, ...]
    tests: Mapping[str, int]


def load_rule_file(path: Path, kinds: FactKinds, name: str | None = None) -> RuleFile:
    """Read and check a rule file; raises RuleFileError with every problem found."""
    return parse_file(lambda: read_file(path, name, passing=TESTS), name or str(path), kinds)


def load_rule_text(text: str, kinds: FactKinds, name: str) -> RuleFile:
    """Read and check the text of a rule file; raises RuleFileError with every problem found."""
    return parse_file(lambda: read_text(text, name, passing=TESTS), name, kinds)


def load_rule_files(paths: Iterable[Path], kinds: FactKinds) -> list[RuleFile]:
    """Read and check several files that are to hold together; raises RuleFileError."""
    files = [load_rule_file(path, kinds) for path in paths]
    RuleSet(rule for each in files for rule in each.rules)
    return files


def parse_file(
    read: Callable[[], Node], name: str, kinds: FactKinds, take_tests: TakeTests | None = None
) -> RuleFile:
    """The rules of what ``read`` gives; raises RuleFileError with every problem found."""
    problems = Problems()
    rules: list[Rule] = []
    numbers: dict[str, int] = {}
    plugin, place = "", Position(name, 1, 1)
    try:
        entries = keys(read(), _("a rule file"), ("plugin", "rules"))
        place = entries["plugin"].position
        plugin = parse_name(scalar(entries["plugin"], "plugin").text, place)
        nodes = sequence(entries["rules"], "rules")
    except Refused as refused:
        problems.add(refused)
        nodes = ()
    for node in nodes:
        try:
            parsed = parse_rule(node, plugin, kinds, problems)
            if parsed is not None:
                rule, tests = parsed
                _check_new(rule, rules)
                rules.append(rule)
                numbers[rule.id] = len(tests.items) if isinstance(tests, Sequence) else 0
                if take_tests is not None:
                    take_tests(tests, rule, problems)
        except Refused as refused:
            problems.add(refused)
    problems.raise_if_any()
    return RuleFile(name, plugin, place, tuple(rules), numbers)


def _check_new(rule: Rule, known: Iterable[Rule]) -> None:
    if any(each.id == rule.id for each in known):
        raise Refused(rule.position, _("two rules have the id '%s'") % rule.id)
