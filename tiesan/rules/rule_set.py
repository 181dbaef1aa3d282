"""Rule sets: rules that hold together, with their levels checked."""

from collections.abc import Iterable, Iterator

from tiesan.i18n import _
from tiesan.rules.choices import Level
from tiesan.rules.positions import Problems, Refused
from tiesan.rules.reads import place_of_rule
from tiesan.rules.tree import Rule


class RuleSet:
    """Rules that are evaluated together, by id; every rule's level is sound."""

    def __init__(self, rules: Iterable[Rule], *, outside: Iterable[Rule] = ()) -> None:
        """Take the rules; raises RuleFileError when ids repeat or levels do not hold.

        ``outside`` are rules that may be named though they are not in this set.
        """
        self.outside = tuple(outside)
        self._rules: dict[str, Rule] = {}
        problems = Problems()
        for rule in rules:
            if rule.id in self._rules:
                problems.add(Refused(rule.position, _("two rules have the id '%s'") % rule.id))
            self._rules[rule.id] = rule
        known = {each.id: each for each in self.outside} | self._rules
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
