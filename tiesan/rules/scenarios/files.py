"""Rule files with their scenario tests: for who checks or runs these."""

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from pathlib import Path

from tiesan.facts.kinds import FactKinds
from tiesan.i18n import _
from tiesan.rules.positions import Problems, Refused
from tiesan.rules.reading.files import RuleFile, parse_file
from tiesan.rules.reading.nodes import Node
from tiesan.rules.reading.reader import read_file, read_text
from tiesan.rules.rule_set import RuleSet
from tiesan.rules.scenarios.parser import Scenario, parse_scenarios
from tiesan.rules.tree import Rule


@dataclass(frozen=True)
class TestedFile(RuleFile):
    """The rules of one file and their scenarios."""

    # No test, whatever pytest thinks of the name.
    __test__ = False

    scenarios: tuple[Scenario, ...]


def load_tested_file(path: Path, kinds: FactKinds, name: str | None = None) -> TestedFile:
    """Read and check a rule file with its tests; raises RuleFileError with every problem found."""
    return _load(lambda: read_file(path, name), name or str(path), kinds)


def load_tested_text(text: str, kinds: FactKinds, name: str) -> TestedFile:
    """Read and check the text of a rule file with its tests; raises RuleFileError."""
    return _load(lambda: read_text(text, name), name, kinds)


def load_tested_files(paths: Iterable[Path], kinds: FactKinds) -> list[TestedFile]:
    """Read and check several files that are to hold together; raises RuleFileError."""
    files = [load_tested_file(path, kinds) for path in paths]
    RuleSet(rule for each in files for rule in each.rules)
    return files


def check_given_flags(files: Iterable[TestedFile], known: Container[str]) -> None:
    """Refuse scenarios that give flags of rules which do not exist; raises RuleFileError.

    ``known`` are the ids of all rules there are. An installation does not demand this of the files
    that it runs on: their tests may speak of a plugin that was taken away.
    """
    problems = Problems()
    for scenario in (each for file in files for each in file.scenarios):
        for name, position in scenario.given_rules:
            if name not in known:
                problems.add(Refused(position, _("there is no rule '%s'") % name))
    problems.raise_if_any()


def _load(read: Callable[[], Node], name: str, kinds: FactKinds) -> TestedFile:
    scenarios: list[Scenario] = []

    def take(tests: Node | None, rule: Rule, problems: Problems) -> None:
        scenarios.extend(parse_scenarios(tests, rule, kinds, problems))

    file = parse_file(read, name, kinds, take)
    tests = tuple(scenarios)
    return TestedFile(file.name, file.plugin, file.place, file.rules, file.tests, tests)
