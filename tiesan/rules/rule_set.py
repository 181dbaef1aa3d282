"""Rule sets: rules that hold together, with their levels checked."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from tiesan.i18n import _
from tiesan.rules.choices import Level
from tiesan.rules.positions import Problems, Refused
from tiesan.rules.reads import place_of_rule
from tiesan.rules.tree import Rule


class RuleSet:
    """Rules that are evaluated together; every rule's level is sound.

    A rule may be there in several versions, which all stand at one level.
    """

    def __init__(self, rules: Iterable[Rule], *, outside: Iterable[Rule] = ()) -> None:
        """Take the rules; raises RuleFileError when ids repeat or levels do not hold.

        ``outside`` are rules that may be named though they are not in this set.
        """
        self.outside = tuple(outside)
        self._rules: dict[str, Rule] = {}
        self._by_id: dict[str, Rule] = {}
        problems = Problems()
        for rule in rules:
            if rule.name in self._rules:
                problems.add(Refused(rule.position, _("two rules have the id '%s'") % rule.id))
            if self._by_id.setdefault(rule.id, rule).level is not rule.level:
                text = _("all versions of the rule '%s' read flags alike, or none does")
                problems.add(Refused(rule.position, text % rule.id))
            self._rules[rule.name] = self._by_id[rule.id] = rule
        known = {each.id: each for each in self.outside} | self._by_id
        for rule in self._rules.values():
            for name in rule.reads_rules:
                _check_named(rule, known.get(name), name, problems)
        problems.raise_if_any()

    def __iter__(self) -> Iterator[Rule]:
        """The rules, each in all its versions, in order of level, then as given."""
        return iter(sorted(self._rules.values(), key=lambda rule: rule.level))

    def __len__(self) -> int:
        """How many rules there are, whatever number of versions they have."""
        return len(self._by_id)

    def __contains__(self, rule_id: object) -> bool:
        """Whether a rule of that id is in the set."""
        return rule_id in self._by_id

    def __getitem__(self, rule_id: str) -> Rule:
        """The rule of that id, the last of its versions; KeyError when there is none."""
        return self._by_id[rule_id]

    def of_level(self, level: Level) -> list[Rule]:
        """The rules of one level, as given."""
        return [rule for rule in self._rules.values() if rule.level is level]


def within(rule: Rule, first: date | None, last: date | None) -> Rule:
    """A rule that besides judges only what counts from a day between two (None: no bound)."""
    begins = [day for day in (rule.in_force_from, first) if day is not None]
    ends = [day for day in (rule.in_force_until, last) if day is not None]
    return replace(
        rule, in_force_from=max(begins, default=None), in_force_until=min(ends, default=None)
    )


def _check_named(rule: Rule, named: Rule | None, name: str, problems: Problems) -> None:
    place = place_of_rule(rule.form, name) or rule.position
    if named is None:
        text = _("the rule '%(rule)s' reads the flags of '%(name)s', which does not exist")
        problems.add(Refused(place, text % {"rule": rule.id, "name": name}))
    elif named.level is not Level.RECORDS:
        text = _("the rule '%(rule)s' reads the flags of '%(name)s', which reads flags itself")
        problems.add(Refused(place, text % {"rule": rule.id, "name": name}))
