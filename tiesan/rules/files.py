"""Rule files loaded, and rule sets: rules that hold together, with their levels checked."""

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tiesan.facts.kinds import FactKinds
from tiesan.i18n import _
from tiesan.rules.positions import Problems, Refused
from tiesan.rules.reader import Node, read_file, read_text
from tiesan.rules.rule_parser import parse_rule, place_of_rule
from tiesan.rules.scenario_parser import Scenario, parse_scenarios
from tiesan.rules.structure import keys, scalar, sequence
from tiesan.rules.text_parser import parse_name
from tiesan.rules.tree import Level, Rule


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


class RuleSet:
    """Rules that are evaluated together, by id; every rule's level is sound."""

    def __init__(self, rules: Iterable[Rule], *, outside: Iterable[Rule] = ()) -> None:
        """Take the rules; raises RuleFileError when ids repeat or levels do not hold.

        ``outside`` are rules that may be named though they are not in this set.
        """
        self._rules: dict[str, Rule] = {}
        problems = Problems()
        for rule in rules:
            if rule.id in self._rules:
                problems.add(Refused(rule.position, _("two rules have the id '%s'") % rule.id))
            self._rules[rule.id] = rule
        known = {each.id: each for each in outside} | self._rules
        for rule in self._rules.values():
            for name in rule.reads_rules:
                _check_named(rule, known.get(name), name, problems)
        problems.raise_if_any()

    def __iter__(self) -> Iterator[Rule]:
        """The rules, in order of level, then as given."""
        return iter(sorted(self._rules.values(), key=lambda rule: rule.level))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._rules)

    def __contains__(self, rule_id: object) -> bool:
        """Whether a rule of that id is in the set."""
        return rule_id in self._rules

    def __getitem__(self, rule_id: str) -> Rule:
        """The rule of that id; KeyError when there is none."""
        return self._rules[rule_id]

    def of_level(self, level: Level) -> list[Rule]:
        """The rules of one level, as given."""
        return [rule for rule in self._rules.values() if rule.level is level]


def _check_named(rule: Rule, named: Rule | None, name: str, problems: Problems) -> None:
    place = place_of_rule(rule.form, name) or rule.position
    if named is None:
        text = _("the rule '%(rule)s' reads the flags of '%(name)s', which does not exist")
        problems.add(Refused(place, text % {"rule": rule.id, "name": name}))
    elif named.level is not Level.RECORDS:
        text = _("the rule '%(rule)s' reads the flags of '%(name)s', which reads flags itself")
        problems.add(Refused(place, text % {"rule": rule.id, "name": name}))
