"""One evaluation of a rule set on a world: derive, have decided, write the hits, level by level.

Everything that ever evaluates rules – live, test, dry run, backtest, explanation – runs this code;
only the world and what becomes of the hits differ.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tiesan.facts.kinds import Fact
from tiesan.i18n import _
from tiesan.rules.choices import Level
from tiesan.rules.flag_kind import FLAG, Review, flag_fact
from tiesan.rules.judging.conditions import Binding
from tiesan.rules.judging.decisions import Batch, NotEvaluated, Verdicts
from tiesan.rules.judging.duty_counts import DutyCounts
from tiesan.rules.judging.forms.deadline import derive_deadline
from tiesan.rules.judging.forms.derived import Derived, Setting
from tiesan.rules.judging.forms.duty import derive_duty
from tiesan.rules.judging.forms.tally import derive_tally
from tiesan.rules.judging.forms.when import derive_when
from tiesan.rules.judging.found import found
from tiesan.rules.judging.hits import Hit, HitWriter
from tiesan.rules.judging.printing import Printer
from tiesan.rules.judging.world import World
from tiesan.rules.parameters import History, Parameter
from tiesan.rules.rule_set import RuleSet
from tiesan.rules.tree import Deadline, Duty, Rule, When

Decide = Callable[[Sequence[Batch], Binding, Callable[[str], Sequence[Fact]]], Verdicts]


@dataclass(frozen=True)
class FlagFacts:
    """Flags that were not found by this evaluation but are there for rules over flags.

    ``review_of`` gives the review state of a hit as of the evaluation's day; ``others`` are facts
    of flags whose rules are not part of this evaluation, and ``level_of`` says at which level
    those rules stand, since nothing reads the flags of its own level or a higher one.
    """

    review_of: Callable[[Hit], str] = lambda _hit: Review.OPEN
    others: Sequence[Fact] = ()
    level_of: Callable[[str], Level] = lambda _rule_id: Level.RECORDS


@dataclass
class Evaluation:
    """The result: hits sorted by rule, subject and key, and what could not be decided."""

    hits: list[Hit] = field(default_factory=list)
    not_evaluated: list[NotEvaluated] = field(default_factory=list)
    facts: int = 0
    settled_before: int = 0


def evaluate(  # noqa: PLR0913 - what is judged, and what it is judged beside
    world: World,
    rules: RuleSet,
    decide: Decide,
    *,
    parameters: Mapping[str, Mapping[str, Parameter]] | None = None,
    flags: FlagFacts | None = None,
    refused: Sequence[NotEvaluated] = (),
    duties: DutyCounts | None = None,
) -> Evaluation:
    """Evaluate the enabled rules on a world.

    ``parameters`` are the final parameters, by the name of the rule and their own, where they
    differ from the rule's; ``refused`` are rules that could not even be put together. A rule that
    reads flags of a rule that could not be evaluated is not evaluated either: its answer would rest
    on something unknown. Of a rule with versions each judges what counts from a day of its own, and
    what one of them could not decide is not known of the rule. How many owed and did what is
    counted in ``duties``, if they are given.
    """
    run = _Run(world, decide, parameters or {}, flags or FlagFacts(), duties)
    run.result.not_evaluated.extend(refused)
    for level in Level:
        run.level([rule for rule in rules.of_level(level) if rule.enabled])
    run.result.hits.sort(key=lambda hit: (hit.rule, hit.subject, hit.key, hit.subject_kind))
    # What several versions of one rule met is told once.
    not_evaluated = dict.fromkeys(run.result.not_evaluated)
    run.result.not_evaluated = sorted(not_evaluated, key=lambda each: (each.rule, each.scope))
    return run.result


class _Run:
    """The state of one evaluation: what was found so far is what the next level reads."""

    def __init__(
        self,
        world: World,
        decide: Decide,
        parameters: Mapping[str, Mapping[str, Parameter]],
        flags: FlagFacts,
        duties: DutyCounts | None,
    ) -> None:
        self._decide, self._parameters, self._flags = decide, parameters, flags
        self._duties = duties
        facts = dict(world.facts)
        facts.setdefault(FLAG.name, [])
        self._facts, self._world = facts, _with_facts(world, facts)
        self._binding = Binding(world.kinds, world.by_code, world.calendar)
        self._printer = Printer(world.kinds, self._binding, names_of(world))
        self.result = Evaluation()

    def level(self, rules: Sequence[Rule]) -> None:
        if not rules:
            return
        self._facts[FLAG.name] = self._flag_facts(rules[0].level)
        judged = [rule for rule in rules if not self._rests_on_unknown(rule)]
        settings = {rule.name: self._setting(rule) for rule in judged}
        derived = {rule.name: derive(settings[rule.name]) for rule in judged}
        verdicts = self._decide(batches(judged, derived), self._binding, self._world.of_kind)
        self.result.not_evaluated.extend(_of_rules(judged, verdicts.not_evaluated))
        self.result.facts += verdicts.facts
        self.result.settled_before += verdicts.settled_before
        unknown = {each.rule for each in self.result.not_evaluated}
        for rule in judged:
            if rule.id not in unknown:
                positions = verdicts.hits.get(rule.name, [])
                self._write(settings[rule.name], derived[rule.name], positions)
        if any(rule.number for rule in judged):
            # One record may count from a day of each of two versions: the later one speaks.
            self.result.hits = list({hit.identity: hit for hit in self.result.hits}.values())

    def _setting(self, rule: Rule) -> Setting:
        parameters = self._parameters.get(rule.name, rule.parameters)
        return Setting(rule, History(list(parameters.values())), self._world, self._binding)

    def _rests_on_unknown(self, rule: Rule) -> bool:
        found, level_of = self.result.not_evaluated, self._flags.level_of
        unknown = {each.rule for each in found if level_of(each.rule) < rule.level}
        if rule.level is Level.NAMED_FLAGS:
            unknown &= set(rule.reads_rules)
        if not unknown:
            return False
        text = _("it reads the flags of rules that were not evaluated: %s")
        error = text % ", ".join(sorted(unknown))
        self.result.not_evaluated.append(NotEvaluated(rule.id, _("all facts"), error))
        return True

    def _flag_facts(self, level: Level) -> Sequence[Fact]:
        if level is Level.RECORDS:
            return []
        rule, level_of = FLAG.index["rule"], self._flags.level_of
        others = (fact for fact in self._flags.others if level_of(str(fact[rule])) < level)
        # In one order however much is evaluated: what a flag rests on is frozen in that order.
        return sorted([*others, *map(self._flag_fact, self.result.hits)], key=_order_of_flag)

    def _flag_fact(self, hit: Hit) -> Fact:
        subject = (hit.subject_kind, hit.subject)
        review = self._flags.review_of(hit)
        return flag_fact(hit.rule, hit.severity, subject, hit.key, hit.occurred_on, review)

    def _write(self, setting: Setting, derived: Derived, positions: Sequence[int]) -> None:
        if self._duties is not None:
            self._duties.add(setting, derived, positions)
        writer = HitWriter(setting.rule, derived, self._printer)
        self.result.hits.extend(map(writer.hit, found(setting, derived, positions)))


def _of_rules(rules: Iterable[Rule], found: Iterable[NotEvaluated]) -> Iterator[NotEvaluated]:
    """What could not be decided of versions, told of their rules."""
    ids = {rule.name: rule.id for rule in rules}
    yield from (replace(each, rule=ids[each.rule]) for each in found)


def _order_of_flag(fact: Fact) -> tuple[str, ...]:
    """Flags in order of their dates; within a day of rule, subject and key."""
    rule, _severity, kind, cadre, organization, key, occurred_on, _review = fact
    return (str(occurred_on), str(rule), str(kind), str(cadre or organization), str(key))


def derive(setting: Setting) -> Derived:
    """The facts of a rule's form on its world."""
    form = setting.rule.form
    if isinstance(form, When):
        return derive_when(form, setting)
    if isinstance(form, Deadline):
        return derive_deadline(form, setting)
    if isinstance(form, Duty):
        return derive_duty(form, setting)
    return derive_tally(form, setting)


def batches(rules: Sequence[Rule], derived: Mapping[str, Derived]) -> list[Batch]:
    """One batch per set of facts: rules on the same records are decided together."""
    grouped: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        grouped[derived[rule.name].batch].append(rule)
    return [
        Batch(
            name,
            members[0].shape,
            derived[members[0].name].facts,
            [derived[rule.name].decision for rule in members],
        )
        for name, members in grouped.items()
    ]


def _with_facts(world: World, facts: Mapping[str, Sequence[Fact]]) -> World:
    return World(
        world.kinds,
        world.calendar,
        world.as_of,
        world.judged_until,
        world.leave,
        facts,
        world.owners,
    )


def names_of(world: World) -> dict[str, dict[str, str]]:
    """The names of organizations and cadres by kind and code."""
    names: dict[str, dict[str, str]] = {}
    for name in ("organization", "cadre"):
        code, title = (world.kinds[name].index[each] for each in ("code", "name"))
        names[name] = {str(row[code]): str(row[title]) for row in world.of_kind(name)}
    return names
