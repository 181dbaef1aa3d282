"""Rule files loaded: read, checked, and held together."""

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from pathlib import Path

from tiesan.facts.kinds import FactKinds
from tiesan.i18n import _
from tiesan.rules.positions import Problems, Refused
from tiesan.rules.reading.reader import Node, read_file, read_text
from tiesan.rules.reading.rule_parser import parse_rule
from tiesan.rules.reading.structure import keys, scalar, sequence
from tiesan.rules.reading.text_parser import parse_name
from tiesan.rules.rule_set import RuleSet
from tiesan.rules.scenarios.parser import Scenario, parse_scenarios
from tiesan.rules.tree import Rule


@dataclass(frozen=True)
class RuleFile:
    """The rules of one file and their scenarios."""

    name: str
    plugin: str
    rules: tuple[Rule, ...]
    scenarios: tuple[Scenario, ...]


def load_rule_file(path: Path, kinds: FactKinds, name: str | None = None) -> RuleFile:
    """Read and check a rule file; raises RuleFileError with every problem found."""
    return _load(lambda: read_file(path, name), name or str(path), kinds)


def load_rule_text(text: str, kinds: FactKinds, name: str) -> RuleFile:
    """Read and check the text of a rule file; raises RuleFileError with every problem found."""
    return _load(lambda: read_text(text, name), name, kinds)


def load_rule_files(paths: Iterable[Path], kinds: FactKinds) -> list[RuleFile]:
    """Read and check several files that are to hold together; raises RuleFileError."""
    files = [load_rule_file(path, kinds) for path in paths]
    RuleSet(rule for each in files for rule in each.rules)
    return files


def check_given_flags(files: Iterable[RuleFile], known: Container[str]) -> None:
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


def _load(read: Callable[[], Node], name: str, kinds: FactKinds) -> RuleFile:
    problems = Problems()
    rules: list[Rule] = []
    scenarios: list[Scenario] = []
    plugin = ""
    try:
        entries = keys(read(), _("a rule file"), ("plugin", "rules"))
        plugin = parse_name(scalar(entries["plugin"], "plugin").text, entries["plugin"].position)
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
                scenarios.extend(parse_scenarios(tests, rule, kinds, problems))
        except Refused as refused:
            problems.add(refused)
    problems.raise_if_any()
    return RuleFile(name, plugin, tuple(rules), tuple(scenarios))


def _check_new(rule: Rule, known: Iterable[Rule]) -> None:
    if any(each.id == rule.id for each in known):
        raise Refused(rule.position, _("two rules have the id '%s'") % rule.id)
