"""Made-up fact kinds, a naive reading of the rules language, and short ways to write conditions.

The naive reading shares nothing with the plain evaluator or the engine: it walks the tree with
dictionaries, word by word as rules-language.md has it.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tiesan.calendar.working_days import is_official_working_day
from tiesan.facts.kinds import Fact, FactKind, Field, FieldType, Value
from tiesan.rules import (
    NOT_JUDGED,
    AllOf,
    AnchorPath,
    AnyOf,
    Batch,
    Binding,
    Comparison,
    Condition,
    DatePart,
    Decision,
    ItemList,
    Length,
    Literal,
    NoneOf,
    Op,
    Operand,
    ParameterRef,
    Path,
    Position,
    Related,
    TextPart,
    Unit,
    Values,
)

HERE = Position("made_up.yaml", 1, 1)

UNIT = FactKind(
    "unit",
    "Unit",
    (
        Field("code", FieldType.TEXT, "Code"),
        Field("size", FieldType.INTEGER, "Size"),
        Field("above", FieldType.REFERENCE, "Above", to="unit"),
        Field("since", FieldType.DATE, "Since"),
    ),
)
CLAIM = FactKind(
    "claim",
    "Claim",
    (
        Field("code", FieldType.TEXT, "Code"),
        Field("unit", FieldType.REFERENCE, "Unit", to="unit"),
        Field("note", FieldType.TEXT, "Note"),
        Field("remark", FieldType.TEXT, "Remark"),
        Field("amount", FieldType.AMOUNT, "Amount"),
        Field("limit", FieldType.AMOUNT, "Limit"),
        Field("count", FieldType.INTEGER, "Count"),
        Field("spent_on", FieldType.DATE, "Spent on"),
        Field("paid_on", FieldType.DATE, "Paid on"),
        Field("starts_at", FieldType.TIME, "Starts at"),
        Field("ends_at", FieldType.TIME, "Ends at"),
        Field("urgent", FieldType.BOOLEAN, "Urgent"),
        Field("state", FieldType.CHOICE, "State", choices={"new": "New", "done": "Done"}),
        # The engine's hash takes these two names for one.
        Field("costarring", FieldType.INTEGER, "Costarring"),
        Field("liquid", FieldType.INTEGER, "Liquid"),
    ),
)
APPROVAL = FactKind(
    "approval",
    "Approval",
    (
        Field("claim", FieldType.TEXT, "Claim"),
        Field("unit", FieldType.REFERENCE, "Unit", to="unit"),
        Field("body", FieldType.CHOICE, "Body", choices={"a": "A", "b": "B"}),
        Field("amount", FieldType.AMOUNT, "Amount"),
        Field("decided_on", FieldType.DATE, "Decided on"),
    ),
    identity=("claim", "body"),
)
KINDS = {kind.name: kind for kind in (UNIT, CLAIM, APPROVAL)}


def alike(text: str) -> str | None:
    """The folded text, as rules-language.md has it in one sentence."""
    for form in ("NFKC", "fold", "NFKC"):
        text = text.casefold() if form == "fold" else unicodedata.normalize(form, text)  # type: ignore[arg-type]
    kept = ""
    for each in text:
        if unicodedata.category(each) in ("Zs", "Zl", "Zp", "Cc", "Cf"):
            continue
        if each in "\u034f\u115f\u1160\u2800\u3164" or "\ufe00" <= each <= "\ufe0f":
            continue
        kept += each
    return kept or None


def fact(kind: FactKind, **values: Value) -> Fact:
    """A fact; fields that are not given are blank."""
    assert set(values) <= set(kind.index)
    return tuple(values.get(each.name) for each in kind.fields)


def path(text: str, kind: FactKind = CLAIM) -> Path:
    """A path as it would be written: ``unit.size``, ``unit.above.size``, ``spent_on.year``."""
    first, *rest = text.split(".")
    fields = [kind.by_name[first]]
    while rest and fields[-1].to is not None:
        fields.append(KINDS[fields[-1].to].by_name[rest.pop(0)])
    parts: type[DatePart | TextPart] = DatePart
    if fields[-1].type is FieldType.TEXT:
        parts = TextPart
    part = parts(rest[0]) if rest else None
    return Path(text, kind.name, fields[0], tuple(fields[1:]), part)


def length(name: str, start: str, end: str) -> Path:
    """A length of claims: the days from one of their dates to another."""
    span = (path(start), path(end))
    field = Length(name, FieldType.LENGTH, name, derived=True, span=span, unit=Unit.DAYS)
    return Path(name, CLAIM.name, field)


def compare(text: str, op: str, value: Any = None, kind: FactKind = CLAIM) -> Comparison:
    """A comparison; ``$name`` is a parameter, ``.path`` starts at the anchor, `word` is literal."""
    left: Path | ParameterRef = path(text, kind) if text[0] != "$" else _parameter(text, value)
    if op in ("present", "absent"):
        return Comparison(left, Op(op), None, HERE)
    if isinstance(value, list):
        given = tuple(_operand(each, left) for each in value)
        return Comparison(left, Op(op), given, HERE)
    return Comparison(left, Op(op), _operand(value, left), HERE)


def word(text: str) -> Literal:
    """A text that means itself, whatever it begins with."""
    return Literal(text, FieldType.TEXT)


def _parameter(text: str, value: Any) -> ParameterRef:
    """A parameter, of the type of the path that it is compared with (or an integer)."""
    of_path = isinstance(value, str) and value.startswith(".")
    return ParameterRef(text[1:], path(value[1:]).type if of_path else FieldType.INTEGER)


def _operand(value: Any, left: Path | ParameterRef) -> Operand:
    if isinstance(value, Literal):
        return value
    if isinstance(value, str) and value.startswith("$"):
        return ParameterRef(value[1:], left.type)
    if isinstance(value, str) and value.startswith("."):
        return AnchorPath(path(value[1:]))
    return Literal(value, left.type)


def everything(*parts: Condition) -> AllOf:
    """All of the parts."""
    return AllOf(parts)


def anything(*parts: Condition) -> AnyOf:
    """At least one of the parts."""
    return AnyOf(parts)


def nothing(*parts: Condition) -> NoneOf:
    """None of the parts."""
    return NoneOf(parts)


def always(_fact: Fact) -> int:
    """The only era holds for every fact."""
    return 0


def decision(rule: str, *parts: Condition, related: Related | None = None) -> Decision:
    """A decision without parameters."""
    return Decision(rule, AllOf(parts), () if related is None else (related,), ({},), always)


def batch(
    facts: Sequence[Fact], *decisions: Decision, name: str = "claim", shape: FactKind = CLAIM
) -> Batch:
    """A batch of claims, unless said otherwise."""
    return Batch(name, shape, facts, decisions)


@dataclass
class World:
    """Facts by kind, and what the engine and the naive reading need of them."""

    facts: dict[str, Sequence[Fact]] = field(default_factory=dict)

    def of_kind(self, kind: str) -> Sequence[Fact]:
        """The facts of a kind."""
        return self.facts.get(kind, ())

    def by_code(self, kind: str) -> Mapping[str, Fact]:
        """The facts of a kind by code."""
        position = KINDS[kind].index["code"]
        return {str(each[position]): each for each in self.of_kind(kind)}

    @property
    def binding(self) -> Binding:
        """A binding to these facts."""
        return Binding(KINDS, self.by_code)


@dataclass
class Naive:
    """Reads conditions word by word."""

    world: World

    def hits(self, batch: Batch, decision: Decision) -> list[int]:
        """The positions of the facts that a decision hits."""
        return [at for at, each in enumerate(batch.facts) if self._hit(batch, decision, each)]

    def _hit(self, batch: Batch, decision: Decision, each: Fact) -> bool:
        era = decision.era_of(each)
        if era == NOT_JUDGED:
            return False
        anchor = {one.name: value for one, value in zip(batch.shape.fields, each, strict=True)}
        values = decision.eras[era]
        if not self.holds(decision.condition, anchor, anchor, values):
            return False
        return all(self._related(each, anchor, values) for each in decision.related)

    def _related(self, related: Related, anchor: Mapping[str, Value], values: Values) -> bool:
        kind, found = KINDS[related.kind], False
        for other in self.world.of_kind(kind.name):
            own = {one.name: value for one, value in zip(kind.fields, other, strict=True)}
            found = found or self.holds(related.where, own, anchor, values)
        return found != related.negated

    def holds(
        self,
        condition: Condition,
        own: Mapping[str, Value],
        anchor: Mapping[str, Value],
        values: Values,
    ) -> bool:
        """Whether a condition holds."""
        if not isinstance(condition, Comparison):
            parts = [self.holds(part, own, anchor, values) for part in condition.parts]
            if isinstance(condition, AllOf):
                return False not in parts
            return (True in parts) == isinstance(condition, AnyOf)
        if isinstance(condition.left, ParameterRef):
            left = self._operand(condition.left, anchor, values)
        else:
            left = self.value(condition.left, own)
        given = condition.right
        members = given if isinstance(given, tuple) else () if given is None else (given,)
        right = [self._operand(each, anchor, values) for each in members]
        if isinstance(given, ParameterRef) and given.is_list:
            [right] = right
        if condition.days is not None:
            most = self._operand(condition.days, anchor, values)
            return None not in (left, *right, most) and abs((left - right[0]).days) <= most
        return _compared(left, condition.op, right)

    def value(self, path: Path, own: Mapping[str, Value]) -> Any:
        """What a path gives."""
        if path.in_half_days:
            whole = self.value(replace(path, in_half_days=False), own)
            return None if whole is None else whole + whole
        if isinstance(path.field, Length):
            first, last = (self.value(each, own) for each in path.field.span)
            if first is None or last is None:
                return None
            return 2 * max(0, last.toordinal() - first.toordinal() + 1)
        return self._of_fields(path, own)

    def _of_fields(self, path: Path, own: Mapping[str, Value]) -> Any:
        found: Any = own[path.field.name]
        reached = path.field
        for behind in path.through:
            rows, kind = self.world.of_kind(str(reached.to)), KINDS[str(reached.to)]
            position, code = kind.index[behind.name], kind.index["code"]
            found = next((row[position] for row in rows if row[code] == found), None)
            reached = behind
        if found is None or path.part is None:
            return found
        if path.part is TextPart.LENGTH:
            return sum(1 for _character in found)
        if path.part is TextPart.FOLDED:
            return alike(found)
        if path.part is DatePart.QUARTER:
            return {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2, 7: 3, 8: 3, 9: 3}.get(found.month, 4)
        if path.part is DatePart.WORKING_DAY:
            return is_official_working_day(found)
        return {
            DatePart.HALF_YEAR: 1 if found.month < 7 else 2,
            DatePart.WEEKDAY: found.weekday() + 1,
            DatePart.YEAR: found.year,
            DatePart.MONTH: found.month,
            DatePart.WEEK: found.isocalendar().week,
        }[path.part]

    def _operand(self, operand: Operand, anchor: Mapping[str, Value], values: Values) -> Any:
        if isinstance(operand, Literal):
            return operand.value
        if isinstance(operand, ParameterRef):
            value: Any = values[operand.name]
            if isinstance(value, ItemList):
                return list(value.items)
            return 2 * value if operand.type is FieldType.LENGTH else value
        return self.value(operand.path, anchor)


def _alike_any(left: str, right: list[Any]) -> bool:
    wanted = alike(left)
    return wanted is not None and wanted in [alike(each) for each in right if each is not None]


def _compared(left: Any, op: Op, right: list[Any]) -> bool:
    if op is Op.PRESENT or op is Op.ABSENT:
        return (left is None) == (op is Op.ABSENT)
    if left is None:
        return False
    if op is Op.MATCHES_TEXT:
        return _alike_any(left, right)
    if op is Op.IN:
        return left in right
    if None in right or op is Op.NOT_IN:
        return None not in right and left not in right
    against = right[0]
    outcomes: dict[Op, Callable[[], bool]] = {
        Op.EQ: lambda: left == against,
        Op.NE: lambda: left != against,
        Op.LT: lambda: left < against,
        Op.LTE: lambda: left <= against,
        Op.GT: lambda: left > against,
        Op.GTE: lambda: left >= against,
        Op.CONTAINS: lambda: against in left,
        Op.STARTS_WITH: lambda: left[: len(against)] == against,
    }
    return outcomes[op]()
