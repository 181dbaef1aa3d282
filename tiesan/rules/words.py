"""A rule in plain words, in the reader's language: what is looked at, what is flagged, when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tiesan.calendar.periods import Every
from tiesan.facts.kinds import FactKinds, FieldType, Value
from tiesan.i18n import _, _l, current_language
from tiesan.rules.parameters import Parameter
from tiesan.rules.printing import printed, printed_date
from tiesan.rules.tree import (
    AllOf,
    AnchorPath,
    AnyOf,
    Comparison,
    Condition,
    Dated,
    DatePart,
    Deadline,
    Duty,
    Edge,
    Excused,
    Literal,
    Missing,
    Op,
    Operand,
    ParameterRef,
    Path,
    Related,
    Rule,
    Selection,
    Span,
    Tally,
    Unit,
    When,
)

_COMPARED: Mapping[Op, str] = {
    Op.EQ: _l("%(left)s is %(right)s"),
    Op.NE: _l("%(left)s is not %(right)s"),
    Op.LT: _l("%(left)s is below %(right)s"),
    Op.LTE: _l("%(left)s is at most %(right)s"),
    Op.GT: _l("%(left)s is above %(right)s"),
    Op.GTE: _l("%(left)s is at least %(right)s"),
    Op.IN: _l("%(left)s is one of %(right)s"),
    Op.NOT_IN: _l("%(left)s is none of %(right)s"),
    Op.CONTAINS: _l("%(left)s contains %(right)s"),
    Op.STARTS_WITH: _l("%(left)s begins with %(right)s"),
    Op.PRESENT: _l("%(left)s is given"),
    Op.ABSENT: _l("%(left)s is not given"),
}
_DATED: Mapping[Op, str] = {
    Op.LT: _l("%(left)s is before %(right)s"),
    Op.LTE: _l("%(left)s is on or before %(right)s"),
    Op.GT: _l("%(left)s is after %(right)s"),
    Op.GTE: _l("%(left)s is on or after %(right)s"),
}
_PARTS: Mapping[DatePart, str] = {
    DatePart.YEAR: _l("the year of %s"),
    DatePart.QUARTER: _l("the quarter of %s"),
    DatePart.MONTH: _l("the month of %s"),
    DatePart.WEEK: _l("the week of %s"),
}
_UNITS: Mapping[Unit, str] = {
    Unit.DAYS: _l("%(number)s days after %(start)s"),
    Unit.WORKING_DAYS: _l("%(number)s working days after %(start)s"),
    Unit.MONTHS: _l("%(number)s months after %(start)s"),
}
_EVERY: Mapping[Every, str] = {
    Every.WORKING_DAY: _l("every working day"),
    Every.WEEK: _l("every week with a working day"),
    Every.MONTH: _l("every month"),
    Every.QUARTER: _l("every quarter"),
    Every.YEAR: _l("every year"),
}
_EDGES: Mapping[Edge, str] = {
    Edge.FIRST_DAY: _l("the first day of the period"),
    Edge.LAST_DAY: _l("the last day of the period"),
    Edge.DUE_ON: _l("the due date"),
}
_MISSING: Mapping[Missing, str] = {
    Missing.BOTH: _l("Flagged when it has not been done by the deadline, or was done later."),
    Missing.MISSING: _l("Flagged as long as it has not been done once the deadline has passed."),
    Missing.LATE: _l("Flagged when it was done after the deadline."),
}
_EXCUSED: Mapping[Excused, str] = {
    Excused.LEAVE: _l("Who is on approved leave on every working day of it owes nothing."),
    Excused.LEAVE_OR_OUTING: _l(
        "Who is on approved leave or on duty elsewhere on every working day of it owes nothing."
    ),
}


@dataclass(frozen=True)
class Line:
    """One line of an explanation; ``depth`` says how far it belongs under the line above."""

    text: str
    depth: int = 0


def explain(
    rule: Rule, kinds: FactKinds, parameters: Mapping[str, Parameter] | None = None
) -> list[Line]:
    """What a rule looks at and when it flags, line by line, in the current language.

    ``parameters`` are the final ones where an administrator changed them.
    """
    return list(_Words(rule, kinds, parameters or rule.parameters).lines())


class _Words:
    def __init__(self, rule: Rule, kinds: FactKinds, parameters: Mapping[str, Parameter]) -> None:
        self._rule, self._kinds, self._parameters = rule, kinds, parameters
        self._language = "en" if current_language().startswith("en") else "zh"
        # Inside the conditions on related facts a path with a dot leads back to the first record.
        self._of_related = False

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
        if self._rule.in_force_from is not None:
            day = printed_date(self._rule.in_force_from, self._language)
            yield Line(_("In force from %s.") % day)
        if self._rule.in_force_until is not None:
            day = printed_date(self._rule.in_force_until, self._language)
            yield Line(_("In force until %s.") % day)

    def _title(self, kind: str) -> str:
        return str(self._kinds[kind].title)

    def _when(self, form: When) -> Iterator[Line]:
        yield from self._selection(form.anchor, _("Looked at is each record “%s”"))
        yield Line(_("Each such record is flagged, as of: %s.") % self._date_of_flag())
        if form.next_day:
            yield Line(_("It is judged only when that day is over."))

    def _date_of_flag(self) -> str:
        return self._path(self._rule.occurred_on)

    def _selection(self, selection: Selection, text: str) -> Iterator[Line]:
        kind = self._title(selection.kind)
        if not selection.where.parts and selection.related is None:
            yield Line(_("%s.") % (text % kind))
            return
        yield Line(_("%s for which all of this holds:") % (text % kind))
        yield from self._parts(selection.where, 1)
        if selection.related is not None:
            yield from self._related(selection.related)

    def _related(self, related: Related) -> Iterator[Line]:
        kind = self._title(related.kind)
        text = _("there is no record “%s” for which all of this holds:")
        if not related.negated:
            text = _("there is a record “%s” for which all of this holds:")
        yield Line(text % kind, 1)
        yield from self._related_parts(related.where, 2)

    def _deadline(self, form: Deadline) -> Iterator[Line]:
        yield from self._selection(form.anchor, _("A clock starts with each record “%s”"))
        start = self._path(form.start)
        yield Line(_("The deadline is %s.") % self._span(form.span, start))
        dated = form.again if form.again is not None else form.done
        if isinstance(dated, Dated):
            named = {"kind": self._title(dated.kind), "date": self._path(dated.date)}
            yield Line(_("It is met by a record “%(kind)s”, on: %(date)s, for which:") % named)
            yield from self._related_parts(dated.where, 1)
        elif dated is not None:
            yield Line(_("It is met by: %s.") % self._path(dated))
        if form.again is not None:
            yield Line(_("Each such record starts the clock again."))
        yield Line(str(_MISSING[form.flags]))

    def _span(self, span: Span, start: str) -> str:
        if span.number is None:
            return _("December 31 of the year of %s") % start
        if isinstance(span.number, Literal) and span.number.value == 0:
            return start
        return _UNITS[span.unit] % {"number": self._operand(span.number), "start": start}

    def _duty(self, form: Duty) -> Iterator[Line]:
        yield from self._selection(form.owed_by, _("Something is owed by each “%s”"))
        named = {
            "every": _EVERY[form.every],
            "number": self._operand(form.required),
            "kind": self._title(form.counts.kind),
        }
        yield Line(_("Owed is, %(every)s, at least %(number)s × “%(kind)s”.") % named)
        if form.counts.where.parts:
            yield Line(_("Counted are those for which all of this holds:"))
            yield from self._related_parts(form.counts.where, 1)
        due = str(_EDGES[form.due.start])
        if form.due.span is not None:
            due = self._span(form.due.span, due)
        yield Line(_("It is due on %s.") % due)
        text = _("Only who stood for the whole time until %s owes it.")
        yield Line(text % _EDGES[form.stands_until])
        if form.owed_by.kind == "cadre" and form.excused in _EXCUSED:
            yield Line(str(_EXCUSED[form.excused]))

    def _tally(self, form: Tally) -> Iterator[Line]:
        yield from self._selection(form.of, _("Added up are the records “%s”"))
        groups = _(", ").join(self._path(path) for path in form.by)
        yield Line(_("They are grouped by: %s.") % groups)
        if form.every is not None:
            yield Line(_("Each group is counted %s.") % _EVERY[form.every])
        number = self._operand(form.at_least.count)
        yield Line(_("Flagged is a group of at least %s.") % number)
        if form.at_least.sum_field is not None and form.at_least.sum_value is not None:
            named = {
                "field": self._path(form.at_least.sum_field),
                "value": self._operand(form.at_least.sum_value),
            }
            yield Line(_("Together they must reach: %(field)s at least %(value)s.") % named)

    def _related_parts(self, where: AllOf, depth: int) -> Iterator[Line]:
        self._of_related = True
        yield from self._parts(where, depth)
        self._of_related = False

    def _parts(self, where: AllOf, depth: int) -> Iterator[Line]:
        for part in where.parts:
            yield from self._condition(part, depth)

    def _condition(self, condition: Condition, depth: int) -> Iterator[Line]:
        if isinstance(condition, Comparison):
            yield Line(self._comparison(condition), depth)
            return
        text = _("none of this holds:")
        if isinstance(condition, AllOf):
            text = _("all of this holds:")
        elif isinstance(condition, AnyOf):
            text = _("at least one of this holds:")
        yield Line(text, depth)
        for part in condition.parts:
            yield from self._condition(part, depth + 1)

    def _comparison(self, comparison: Comparison) -> str:
        left, right = comparison.left, comparison.right
        of_dates = isinstance(left, Path) and left.part is None and left.type is FieldType.DATE
        template = _COMPARED[comparison.op]
        if of_dates and comparison.op in _DATED:
            template = _DATED[comparison.op]
        named = {"left": self._side(left), "right": ""}
        if isinstance(right, tuple):
            named["right"] = _(", ").join(self._operand(each, left) for each in right)
        elif right is not None:
            named["right"] = self._operand(right, left)
        return template % named

    def _side(self, side: Path | ParameterRef) -> str:
        return self._path(side) if isinstance(side, Path) else self._parameter(side)

    def _operand(self, operand: Operand, left: Path | ParameterRef | None = None) -> str:
        if isinstance(operand, ParameterRef):
            return self._parameter(operand)
        if isinstance(operand, AnchorPath):
            return self._anchor_path(operand.path)
        return self._literal(operand, left)

    def _anchor_path(self, path: Path) -> str:
        if not self._of_related or path.field.derived:
            return self._path(path)
        if path.text == "code":
            return _("the first record itself")
        return _("%s of the first record") % self._path(path)

    def _literal(self, literal: Literal, left: Path | ParameterRef | None) -> str:
        if isinstance(left, Path) and isinstance(literal.value, str):
            choices = left.last.choices
            if literal.value in choices:
                return _("“%s”") % choices[literal.value]
            return _("“%s”") % literal.value
        if isinstance(left, ParameterRef):
            return self._choice(left, literal.value)
        return printed(literal.value, literal.type, self._language)

    def _choice(self, parameter: ParameterRef, value: Value) -> str:
        choices = self._parameters[parameter.name].choices
        if isinstance(value, str) and value in choices:
            return _("“%s”") % choices[value].in_language(self._language)
        return printed(value, parameter.type, self._language)

    def _parameter(self, reference: ParameterRef) -> str:
        parameter = self._parameters[reference.name]
        value = parameter.values[-1][1]
        named = {
            "label": parameter.label.in_language(self._language),
            "value": self._choice(reference, value),
        }
        return _("“%(label)s” (now %(value)s)") % named

    def _path(self, path: Path) -> str:
        label = str(path.field.label)
        if path.through is not None:
            label = _("%(reference)s › %(field)s") % {
                "reference": label,
                "field": path.through.label,
            }
        return _PARTS[path.part] % label if path.part is not None else label
