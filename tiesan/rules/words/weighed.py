"""The conditions of a rule in plain words, each with its value and whether it holds for a fact.

The words are those that explain the rule, and whether a line holds is asked of the code that
judges; so the two cannot say different things.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from tiesan.facts.kinds import Fact, FactKind, Value
from tiesan.rules.flag_kind import FLAG
from tiesan.rules.judging.inquiry import Counted, Inquiry, Looked
from tiesan.rules.judging.reach import anchor_kind
from tiesan.rules.parameters import Values
from tiesan.rules.tree import (
    AllOf,
    AnchorPath,
    Comparison,
    Condition,
    Counts,
    Duty,
    NoneOf,
    Op,
    Path,
    Related,
    Tally,
)
from tiesan.rules.words.lines import Line, Said

# What a form derives for the engine alone: it stands in the last line.
_FOR_THE_ENGINE = frozenset({"overdue", "late", "holds"})


class Verdict(StrEnum):
    """Whether a line holds; blank: it does not, since a value is not given."""

    TRUE = "true"
    FALSE = "false"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class WeighedLine:
    """A line with the value that it is about; no verdict where there is nothing to ask it of."""

    text: str
    depth: int
    value: str = ""
    verdict: Verdict | None = None

    @property
    def fails(self) -> bool:
        """Whether it keeps the rule from flagging by itself: it stands under no other line."""
        return self.verdict in (Verdict.FALSE, Verdict.BLANK) and self.depth <= 1


@dataclass(frozen=True, slots=True)
class _Seen:
    """What conditions are asked of: a fact, and the one that paths with a dot start at."""

    shape: FactKind
    fact: Fact
    anchor_shape: FactKind
    anchor: Fact
    values: Values


class Weighing:
    """Weighs the lines of one rule; ``lines_on`` gives them with the parameters of a day."""

    def __init__(
        self,
        inquiry: Inquiry,
        language: str,
        lines_on: Callable[[date], Sequence[Line]],
        titles: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Take what is asked, the reader's language (zh or en), and the rule in plain words.

        ``titles`` are those of rules by id, for rules over flags.
        """
        self._titles = titles
        self._inquiry, self._printer = inquiry, inquiry.printer
        self._language, self._lines_on = language, lines_on
        self._rule, self._binding = inquiry.rule, inquiry.binding

    def of_fact(self, looked: Looked) -> list[WeighedLine]:
        """The lines about a fact that was looked at, with what the form derives at the end."""
        shape = self._rule.shape
        seen = _Seen(shape, looked.fact, shape, looked.fact, looked.values)
        lines = self._lines_on(looked.counted_from)
        own = [] if isinstance(self._rule.form, Tally) else lines
        found = list(self._weighed(own, seen, None))
        for line in lines if looked.period else ():
            if line.said is not None and line.said.part is None:
                holds = self._derived_holds(looked)
                found.append(WeighedLine(line.text, 0, "", _verdict(holds)))
        return found

    def of_record(self, counted: Counted) -> list[WeighedLine]:
        """The lines that say whether a record counts."""
        kind, form = self._inquiry.world.kinds[counted.kind], self._rule.form
        around = self._rule.shape if isinstance(form, Duty) else kind
        seen = _Seen(kind, counted.fact, around, counted.against, counted.values)
        day = next((each for each in counted.fact if isinstance(each, date)), date.max)
        about = form.counts if isinstance(form, Duty) else None
        return list(self._weighed(self._lines_on(day), seen, about))

    def numbers(self, looked: Looked) -> list[tuple[str, str]]:
        """What the form derives, label and value: deadline, required and done, count and total."""
        if not looked.period:
            return []
        known = self._inquiry.world.kinds[anchor_kind(self._rule)]
        start = 0 if isinstance(self._rule.form, Tally) else len(known.fields)
        shape = self._rule.shape
        derived = list(zip(shape.fields, looked.fact, strict=True))[start:]
        return [
            (
                str(each.label),
                self._printer.value(value, Path(each.name, shape.name, each), self._language),
            )
            for each, value in derived
            if each.name not in _FOR_THE_ENGINE
        ]

    def rests_on(self, looked: Looked) -> Iterator[tuple[str, Fact]]:
        """The stored rows behind what is said of a fact, by kind."""
        rule, kinds = self._rule, self._inquiry.world.kinds
        if not isinstance(rule.form, Tally):
            kind = kinds[anchor_kind(rule)]
            yield kind.name, looked.fact[: len(kind.fields)]
            for related in self._related():
                near = self._near(related, rule.shape, looked.fact)
                yield from ((related.kind, each) for each in near)
        yield from ((each.kind, each.fact) for each in looked.counted)

    def _related(self) -> Sequence[Related]:
        form = self._rule.form
        selection = form.of if isinstance(form, Tally) else None
        if selection is None and not isinstance(form, Tally):
            selection = form.owed_by if isinstance(form, Duty) else form.anchor
        return () if selection is None else selection.related

    def _near(self, related: Related, shape: FactKind, fact: Fact) -> list[Fact]:
        """The facts that a condition on related ones could be about; at most a few."""
        facts = self._inquiry.world.of_kind(related.kind)
        return self._binding.related(related, shape, facts).candidates(fact)

    def _derived_holds(self, looked: Looked) -> bool:
        """Whether what the form derives makes a hit; of a deadline that runs it does not yet."""
        rule, fact, shape = self._rule, looked.fact, self._rule.shape
        part = self._inquiry.condition.parts
        asked = AllOf(part if isinstance(rule.form, Tally) else part[-1:])
        return self._binding.test(asked, shape, shape)(fact, fact, looked.values)

    # --- lines -----------------------------------------------------------------------------------

    def _weighed(
        self, lines: Iterable[Line], seen: _Seen, about: Counts | None
    ) -> Iterator[WeighedLine]:
        near: dict[int, _Seen | None] = {}
        for line in lines:
            said = line.said
            if said is None or said.part is None:
                continue
            if isinstance(said.part, Related) and said.about is about:
                yield self._of_related(line, said.part, seen, near)
            elif said.about is about:
                yield self._of_condition(line, said, seen)
            elif id(said.about) in near:
                beneath = near[id(said.about)]
                if beneath is None:
                    yield WeighedLine(line.text, line.depth)
                else:
                    yield self._of_condition(line, said, beneath)

    def _of_related(
        self, line: Line, related: Related, seen: _Seen, near: dict[int, "_Seen | None"]
    ) -> WeighedLine:
        world = self._inquiry.world
        found = self._binding.related(related, seen.shape, world.of_kind(related.kind))
        first = next(found.matching(seen.fact, seen.values), None)
        holds = (first is None) is related.negated
        nearest = first or next(iter(found.candidates(seen.fact)), None)
        kind = world.kinds[related.kind]
        near[id(related)] = (
            None if nearest is None else _Seen(kind, nearest, seen.shape, seen.fact, seen.values)
        )
        return WeighedLine(line.text, line.depth, "", _verdict(holds))

    def _of_condition(self, line: Line, said: Said, seen: _Seen) -> WeighedLine:
        part = said.part
        if part is None or isinstance(part, Related):
            return WeighedLine(line.text, line.depth)
        test = self._binding.test(part, seen.shape, seen.anchor_shape)
        holds = test(seen.fact, seen.anchor, seen.values)
        comparison = _single(part)
        if comparison is None:
            return WeighedLine(line.text, line.depth, "", _verdict(holds))
        value, is_blank = self._value(comparison, seen)
        verdict = Verdict.BLANK if is_blank and not holds else _verdict(holds)
        return WeighedLine(line.text, line.depth, value, verdict)

    def _value(self, comparison: Comparison, seen: _Seen) -> tuple[str, bool]:
        """The values that are compared, in words, and whether one that is needed is blank."""
        sides = [(comparison.left, seen.shape, seen.fact)]
        if isinstance(comparison.right, AnchorPath):
            sides.append((comparison.right.path, seen.anchor_shape, seen.anchor))
        values = [
            (self._binding.getter(path, shape)(fact), path)
            for path, shape, fact in sides
            if isinstance(path, Path)
        ]
        said = (self._printed(value, path) for value, path in values)
        needed = comparison.op not in (Op.PRESENT, Op.ABSENT)
        return " · ".join(said), needed and any(value is None for value, _path in values)

    def _printed(self, value: Value, path: Path) -> str:
        if path.last is FLAG.by_name["rule"] and str(value) in self._titles:
            return self._titles[str(value)]
        return self._printer.value(value, path, self._language)


def _single(part: Condition) -> Comparison | None:
    """The one comparison that a line states, be it that it does not hold."""
    if isinstance(part, NoneOf) and len(part.parts) == 1:
        part = part.parts[0]
    return part if isinstance(part, Comparison) else None


def _verdict(holds: bool) -> Verdict:  # noqa: FBT001 - it is what is said
    return Verdict.TRUE if holds else Verdict.FALSE
