"""A rule in plain words, in the reader's language: what is looked at, what is flagged, when.

Whoever answers for a flag reads these lines, so they say the same as the rule: ``at least`` is
never "more than", and "on or before" is never "before".
"""

from collections.abc import Iterator, Mapping
from datetime import date

from tiesan.calendar.periods import Every
from tiesan.facts.kinds import FactKinds, FieldType, Value
from tiesan.i18n import _, current_language
from tiesan.rules.choices import Edge
from tiesan.rules.flag_kind import FLAG
from tiesan.rules.item_list import ItemList
from tiesan.rules.judging.printing import printed, printed_date, weekday_name
from tiesan.rules.parameters import Parameter, value_on
from tiesan.rules.parts import DatePart, Part
from tiesan.rules.shapes import DUTY_FIELDS
from tiesan.rules.tree import (
    AllOf,
    AnchorPath,
    AnyOf,
    Comparison,
    Condition,
    Counts,
    Dated,
    Deadline,
    Duty,
    Literal,
    NoneOf,
    Op,
    Operand,
    ParameterRef,
    Path,
    Related,
    Rule,
    Selection,
    Span,
    Tally,
    When,
)
from tiesan.rules.words.lines import About, Line, Said
from tiesan.rules.words.paths import PathNames
from tiesan.rules.words.phrases import (
    ANCHORS,
    COMPARED,
    DATED,
    DONE_BY,
    DUTY_OWED,
    EACH,
    EDGES,
    EVERY,
    EXCUSED,
    MISSING,
    RELATED,
    STANDING,
    TIMED,
    Anchor,
    Relation,
    in_units,
)
from tiesan.rules.words.tallies import TallyWords


def explain(
    rule: Rule,
    kinds: FactKinds,
    parameters: Mapping[str, Parameter] | None = None,
    day: date | None = None,
    *,
    rules: Mapping[str, Rule] | None = None,
) -> list[Line]:
    """What a rule looks at and when it flags, line by line, in the current language.

    ``parameters`` are the final ones where an administrator changed them; shown are their values
    in force on ``day``, the last ones when no day is given. ``rules`` are those by whose titles a
    rule over flags names what it reads; one that is not among them is named by its id.
    """
    words = _Words(rule, kinds, parameters or rule.parameters, day or date.max, rules or {})
    return list(words.lines())


class _Words:
    def __init__(
        self,
        rule: Rule,
        kinds: FactKinds,
        parameters: Mapping[str, Parameter],
        day: date,
        rules: Mapping[str, Rule],
    ) -> None:
        self._rule, self._kinds, self._parameters, self._day = rule, kinds, parameters, day
        self._rules = rules
        self._language = "en" if current_language().startswith("en") else "zh"
        # Inside the conditions on related facts a path with a dot leads back to the first record.
        self._anchor: str | None = None
        self._same_kind = False
        self._about: About | None = None
        self._names = PathNames()

    def lines(self) -> Iterator[Line]:
        form = self._rule.form
        if isinstance(form, When):
            yield from self._when(form)
        elif isinstance(form, Deadline):
            yield from self._deadline(form)
        elif isinstance(form, Duty):
            yield from self._duty(form)
        else:
            yield from self._tally(form)
        yield from map(Line, self._names.definitions())
        if self._rule.in_force_from is not None:
            day = printed_date(self._rule.in_force_from, self._language)
            yield Line(_("In force from %s.") % day)
        if self._rule.in_force_until is not None:
            day = printed_date(self._rule.in_force_until, self._language)
            yield Line(_("In force until %s.") % day)

    # --- forms -----------------------------------------------------------------------------------

    def _when(self, form: When) -> Iterator[Line]:
        yield from self._selection(form.anchor, Anchor.RECORD)
        yield Line(_("Each of them is flagged as suspected; date: %s.") % self._date())
        if form.next_day:
            yield Line(_("It is judged only when that day is over."))

    def _deadline(self, form: Deadline) -> Iterator[Line]:
        yield from self._selection(form.anchor, Anchor.CLOCK)
        yield Line(_("Deadline: %s.") % self._span(form.span, self._path(form.start)))
        if form.start.through or not form.start.field.required:
            yield Line(_("Where %s is not given there is no deadline.") % self._path(form.start))
        dated = form.again if form.again is not None else form.done
        if isinstance(dated, Dated):
            named = {"kind": self._title(dated.kind), "date": self._path(dated.date)}
            same = relation(dated.kind, form.anchor.kind, dated.where, self._kinds)
            yield Line(str(DONE_BY[same]) % named)
            yield from self._related_parts(dated, form.anchor.kind, 1)
        elif dated is not None:
            yield Line(_("Done on: %s.") % self._path(dated))
        if form.again is not None:
            yield Line(_("Each such record starts the clock again, from its own date."))
        yield Line(str(MISSING[form.flags]), said=Said(None))
        yield Line(_("Date of the flag: %s.") % self._date())

    def _duty(self, form: Duty) -> Iterator[Line]:
        yield from self._selection(form.owed_by, Anchor.OWNER)
        daily = form.every is Every.WORKING_DAY
        number, note = self._number(form.required)
        named = {"every": EVERY[form.every], "number": number, "note": note}
        kind = self._title(form.counts.kind)
        text = DUTY_OWED[form.counts.date is not None, daily]
        yield Line(str(text) % {**named, "kind": kind})
        if form.counts.by.text != form.owed_by.kind:
            text = _("Only records count whose %s is the one that owes it.")
            yield Line(text % self._path(form.counts.by))
        if form.counts.where.parts:
            yield Line(_("Only records that meet all of the following count:"))
            yield from self._related_parts(form.counts, form.owed_by.kind, 1)
        due = str(EDGES[daily, form.due.start])
        if form.due.span is not None:
            due = self._span(form.due.span, due)
        yield Line(_("Due date, which is the date of the flag: %s.") % due)
        edge = EDGES[daily, form.stands_until]
        short = daily and form.stands_until is Edge.LAST_DAY
        yield Line(str(STANDING[form.owed_by.kind, short]) % {"edge": edge})
        if form.owed_by.kind == "cadre" and (form.excused, daily) in EXCUSED:
            yield Line(str(EXCUSED[form.excused, daily]))
        text = _("Flagged as suspected when fewer are known once the due date has come.")
        yield Line(text, said=Said(None))

    def _tally(self, form: Tally) -> Iterator[Line]:
        yield from self._selection(form.of, Anchor.MEMBER)
        groups = _(", ").join(self._path(path) for path in form.by)
        yield Line(_("Grouped by: %s.") % groups)
        if form.every is not None:
            yield Line(_("Counted anew %s.") % EVERY[form.every])
        words = TallyWords(form, self._path, self._number)
        if form.owed_by is not None:
            self._about = form.owed_by
            yield from self._selection(form.owed_by, Anchor.JUDGED, each=str(EACH[form.every]))
            self._about = None
        yield from map(Line, words.owed())
        yield Line(words.flagged(), said=Said(None))
        for measure in form.measures:
            if measure.where is not None:
                self._about = measure
                yield from self._parts(measure.where.parts, 1)
        self._about = None
        yield from map(Line, words.judged())

    def _date(self) -> str:
        return self._path(self._rule.occurred_on)

    # --- records ---------------------------------------------------------------------------------

    def _title(self, kind: str) -> str:
        return str(self._kinds[kind].title)

    def _selection(self, selection: Selection, anchor: Anchor, each: str = "") -> Iterator[Line]:
        restricted = bool(selection.where.parts) or bool(selection.related)
        named = {"kind": self._title(selection.kind), "each": each}
        yield Line(str(ANCHORS[anchor, restricted]) % named)
        yield from self._parts(selection.where.parts, 1)
        for related in selection.related:
            yield from self._related(related, selection.kind)

    def _related(self, related: Related, anchor: str) -> Iterator[Line]:
        text = RELATED[related.negated, relation(related.kind, anchor, related.where, self._kinds)]
        yield Line(str(text) % self._title(related.kind), 1, Said(related, self._about))
        yield from self._related_parts(related, anchor, 2)

    def _related_parts(
        self, related: Related | Dated | Counts, anchor: str, depth: int
    ) -> Iterator[Line]:
        around, self._about = self._about, related
        self._anchor, self._same_kind = anchor, related.kind == anchor
        yield from self._parts(related.where.parts, depth)
        self._anchor, self._about = None, around

    def _span(self, span: Span, start: str) -> str:
        if span.number is None:
            return _("December 31 of the year of %s") % start
        if isinstance(span.number, Literal) and span.number.value == 0:
            return start
        number, note = self._number(span.number)
        return in_units(span.unit, number) % {"number": number, "start": start, "note": note}

    # --- conditions ------------------------------------------------------------------------------

    def _parts(self, parts: tuple[Condition, ...], depth: int) -> Iterator[Line]:
        for part in parts:
            yield from self._condition(part, depth)

    def _condition(self, condition: Condition, depth: int) -> Iterator[Line]:
        if isinstance(condition, Comparison):
            yield Line(self._comparison(condition), depth, self._said(condition))
            return
        first, *others = condition.parts
        if isinstance(condition, NoneOf) and isinstance(first, Comparison) and not others:
            yield Line(self._opposite(first), depth, self._said(condition))
            return
        text = _("none of the following holds:")
        if isinstance(condition, AllOf):
            text = _("all of the following:")
        elif isinstance(condition, AnyOf):
            text = _("at least one of the following:")
        yield Line(text, depth, self._said(condition))
        yield from self._parts(condition.parts, depth + 1)

    def _said(self, condition: Condition) -> Said:
        return Said(condition, self._about)

    def _opposite(self, comparison: Comparison) -> str:
        """What holds when a comparison does not: a blank is no value and fulfils none."""
        left, right = comparison.left, comparison.right
        if (
            comparison.op is Op.EQ
            and isinstance(left, Path)
            and isinstance(right, Literal)
            and isinstance(right.value, bool)
        ):
            other = printed(not right.value, FieldType.BOOLEAN, self._language)
            return _("%(left)s: %(right)s, or not given") % {
                "left": self._path(left),
                "right": other,
            }
        return _("this does not hold: %s") % self._comparison(comparison)

    def _comparison(self, comparison: Comparison) -> str:
        left, op, right = comparison.left, comparison.op, comparison.right
        template = COMPARED[op]
        if left.type is FieldType.BOOLEAN and op is Op.EQ:
            template = _("%(left)s: %(right)s")
        elif left.type is FieldType.DATE or isinstance(_part_of(left), DatePart):
            template = DATED.get(op, template)
        elif left.type is FieldType.TIME:
            template = TIMED.get(op, template)
        named = {"left": self._side(left), "right": "", "days": ""}
        if comparison.days is not None:
            named["days"] = "".join(self._number(comparison.days))
        joint = _(" or ") if op is Op.MATCHES_TEXT else _(", ")
        if isinstance(right, tuple):
            named["right"] = joint.join(self._operand(each, left) for each in right)
        elif isinstance(right, ParameterRef) and right.is_list:
            named["right"] = joint.join(self._items(right)) + self._note(right)
        elif right is not None:
            named["right"] = self._operand(right, left)
        return str(template) % named

    def _side(self, side: Path | ParameterRef) -> str:
        if isinstance(side, Path):
            return self._path(side)
        label = self._parameters[side.name].label.in_language(self._language)
        named = {"label": label, "value": self._value_of(side)}
        return _("the parameter “%(label)s” (%(value)s)") % named

    def _operand(self, operand: Operand, left: Path | ParameterRef) -> str:
        if isinstance(operand, AnchorPath):
            return self._anchor_path(operand.path, left)
        if isinstance(operand, ParameterRef):
            return "".join(self._number(operand))
        return self._literal(operand, left)

    def _number(self, operand: Literal | ParameterRef) -> tuple[str, str]:
        """A value, and behind it which parameter it is the value of (empty for a constant)."""
        if isinstance(operand, Literal):
            return printed(operand.value, operand.type, self._language), ""
        return self._value_of(operand), self._note(operand)

    def _note(self, reference: ParameterRef) -> str:
        """Which parameter a value is the value of."""
        label = self._parameters[reference.name].label.in_language(self._language)
        return _(" (parameter “%s”)") % label

    def _items(self, reference: ParameterRef) -> list[str]:
        """The items of a list in force, texts in quotation marks."""
        declared = self._parameters[reference.name]
        items = declared.in_words(value_on(declared, self._day), self._language)
        if declared.type is FieldType.INTEGER:
            return items
        return [_("“%s”") % each for each in items]

    def _anchor_path(self, path: Path, left: Path | ParameterRef) -> str:
        # What a duty derives, such as its first day, belongs to the period and not to who owes it.
        if self._anchor is None or path.field in DUTY_FIELDS:
            return self._path(path)
        kind = self._title(self._anchor)
        named = {"field": self._path(path), "kind": kind}
        if self._same_kind:
            # Both records have such a field; which of them is meant must be said.
            if path.text == "code" and isinstance(left, Path) and left.last.to is not None:
                return _("this “%s”") % kind
            return _("%(field)s of this “%(kind)s”") % named
        if path.text == "code":
            return _("that “%s”") % kind
        return _("%(field)s of that “%(kind)s”") % named

    def _literal(self, literal: Literal, left: Path | ParameterRef) -> str:
        if isinstance(left, ParameterRef):
            return self._quoted(literal.value, left)
        if isinstance(literal.value, str):
            if left.last is FLAG.by_name["rule"] and literal.value in self._rules:
                return _("“%s”") % self._rules[literal.value].title.in_language(self._language)
            choices = left.last.choices
            return _("“%s”") % choices.get(literal.value, literal.value)
        if _part_of(left) is DatePart.WEEKDAY and isinstance(literal.value, int):
            return weekday_name(literal.value, self._language)
        return printed(literal.value, literal.type, self._language)

    def _value_of(self, reference: ParameterRef) -> str:
        value = value_on(self._parameters[reference.name], self._day)
        if isinstance(value, ItemList):
            return _(", ").join(self._items(reference))
        return self._quoted(value, reference)

    def _quoted(self, value: Value, reference: ParameterRef) -> str:
        declared = self._parameters[reference.name]
        if isinstance(value, str) and value in declared.choices:
            return _("“%s”") % declared.choices[value].in_language(self._language)
        return printed(value, declared.type, self._language)

    def _path(self, path: Path) -> str:
        return self._names.path(path)


def _part_of(side: Path | ParameterRef) -> Part | None:
    return side.part if isinstance(side, Path) else None


def relation(kind: str, anchor: str, where: AllOf, kinds: FactKinds) -> Relation:
    """Whether related facts of a kind may be the anchor itself.

    They are other ones if they must differ from it in what identifies the rows of their kind, or
    if they refer to it: no row refers to itself.
    """
    if kind != anchor:
        return Relation.DIFFERENT_KIND
    identity = kinds[kind].identity
    others = any(
        isinstance(part, Comparison) and _tells_apart(part, kind, identity) for part in where.parts
    )
    return Relation.ANOTHER if others else Relation.THIS_TOO


def _tells_apart(part: Comparison, kind: str, identity: tuple[str, ...]) -> bool:
    left, right = part.left, part.right
    if not (isinstance(left, Path) and isinstance(right, AnchorPath)):
        return False
    if part.op is Op.NE:
        return left.text in identity and right.path.text == left.text
    return part.op is Op.EQ and left.last.to == kind and right.path.text == "code"
