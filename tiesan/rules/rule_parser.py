"""One rule of a rule file, parsed and checked as far as it can be on its own."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from tiesan.facts.kinds import FactKind, FactKinds, FieldType
from tiesan.i18n import _
from tiesan.rules.flag_kind import FLAG
from tiesan.rules.form_parser import FORMS, Parsed, parse_form
from tiesan.rules.literals import parse_date, parse_literal
from tiesan.rules.parameter_parser import parse_parameters
from tiesan.rules.path_parser import Vocabulary, parse_path, parse_template
from tiesan.rules.positions import Position, Refused
from tiesan.rules.reader import Node, Scalar, Sequence
from tiesan.rules.structure import keys, one_of, scalar
from tiesan.rules.text_parser import parse_rule_id, parse_text
from tiesan.rules.tree import (
    AllOf,
    Comparison,
    Deadline,
    Duty,
    Form,
    Level,
    Literal,
    Message,
    Op,
    Path,
    Rule,
    Selection,
    Severity,
    Tally,
    Template,
    Text,
    When,
)

_REQUIRED = ("id", "title", "clause", "severity")
_OPTIONAL = (
    "enabled",
    "in_force",
    "parameters",
    *FORMS,
    "subject",
    "key",
    "occurred_on",
    "message",
    "tests",
)
_SUBJECTS = ("cadre", "organization")


@dataclass(frozen=True)
class _Outline:
    """The paths and templates of a rule that start at its shape."""

    subject: Path
    key: Template
    occurred_on: Path
    message: Message


def parse_rule(node: Node, plugin: str, kinds: FactKinds) -> tuple[Rule, Node | None]:
    """The rule of a node, and the node of its tests; raises Refused with the first problem."""
    entries = keys(node, _("a rule"), _REQUIRED, _OPTIONAL)
    rule_id = parse_rule_id(entries["id"], plugin)
    title = parse_text(entries["title"], "title")
    names = Vocabulary(kinds, parse_parameters(entries.get("parameters")))
    parsed = parse_form(entries, rule_id, node, names)
    outline = _outline(entries, parsed, names, node, title)
    level, reads = _level(parsed.form)
    first, last = _in_force(entries.get("in_force"))
    rule = Rule(
        id=rule_id,
        plugin=plugin,
        title=title,
        clause=parse_text(entries["clause"], "clause"),
        severity=Severity(one_of(entries["severity"], "severity", Severity)),
        enabled=_enabled(entries.get("enabled")),
        in_force_from=first,
        in_force_until=last,
        parameters=names.parameters,
        form=parsed.form,
        shape=parsed.shape,
        subject=outline.subject,
        key=outline.key,
        occurred_on=outline.occurred_on,
        message=outline.message,
        level=level,
        reads_rules=reads,
        position=node.position,
        digest=digest(node),
    )
    return rule, entries.get("tests")


def digest(node: Node) -> str:
    """A hash of what a rule says: its keys and values without places, comments and tests."""
    return hashlib.sha256("\x00".join(_tokens(node, top=True)).encode()).hexdigest()[:16]


def _tokens(node: Node, *, top: bool = False) -> Iterator[str]:
    if isinstance(node, Scalar):
        yield f"={node.text}"
        return
    yield "("
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _tokens(item)
    else:
        for key, value in node.entries.items():
            if not (top and key == "tests"):
                yield f":{key}"
                yield from _tokens(value)
    yield ")"


def _enabled(node: Node | None) -> bool:
    if node is None:
        return True
    found = scalar(node, "enabled")
    try:
        return bool(parse_literal(found.text, FieldType.BOOLEAN))
    except ValueError as error:
        raise Refused(found.position, str(error)) from error


def _in_force(node: Node | None) -> tuple[date | None, date | None]:
    if node is None:
        return None, None
    entries = keys(node, "in_force", (), ("from", "until"))
    first, last = (_day(entries.get(each), each) for each in ("from", "until"))
    if first and last and last < first:
        raise Refused(node.position, _("'until' lies before 'from'"))
    return first, last


def _day(node: Node | None, what: str) -> date | None:
    if node is None:
        return None
    found = scalar(node, what)
    try:
        return parse_date(found.text)
    except ValueError as error:
        raise Refused(found.position, str(error)) from error


def _outline(
    entries: Mapping[str, Node], parsed: Parsed, names: Vocabulary, at: Node, title: Text
) -> _Outline:
    shape = parsed.shape
    # A tally says in its own block whose date the flag bears; elsewhere it is a path.
    if isinstance(parsed.form, (Duty, Tally)) and "occurred_on" in entries:
        place = entries["occurred_on"].position
        raise Refused(place, _("the form derives 'occurred_on' itself"))
    text, place = _given(entries, "subject", parsed.subject, at)
    subject = parse_path(text, shape, names.kinds, place)
    _check_subject(subject, shape, place)
    text, place = _given(entries, "key", parsed.key, at)
    key = parse_template(text, shape, names, place, bare=True)
    text, place = _given(entries, "occurred_on", parsed.occurred_on, at)
    occurred_on = parse_path(text, shape, names.kinds, place)
    if occurred_on.type is not FieldType.DATE:
        message = _("'%(path)s' is of type %(type)s, not a date")
        raise Refused(place, message % {"path": text, "type": occurred_on.type})
    return _Outline(subject, key, occurred_on, _message(entries, title, shape, names))


def _given(
    entries: Mapping[str, Node], name: str, default: str | None, at: Node
) -> tuple[str, Position]:
    if name in entries:
        found = scalar(entries[name], name)
        return found.text, found.position
    if default is None:
        text = _("%(what)s lacks the key '%(key)s'")
        raise Refused(at.position, text % {"what": _("the rule"), "key": name})
    return default, at.position


def _check_subject(path: Path, shape: FactKind, place: Position) -> None:
    own_code = path.last.name == "code" and path.through is None and shape.name in _SUBJECTS
    if path.last.to in _SUBJECTS or own_code:
        return
    text = _("the subject '%s' names neither a cadre nor an organization")
    raise Refused(place, text % path.text)


def _message(
    entries: Mapping[str, Node], title: Text, shape: FactKind, names: Vocabulary
) -> Message:
    if "message" not in entries:
        return Message(Template((title.zh,)), Template((title.en,)))
    node = entries["message"]
    text = parse_text(node, "message")
    zh, en = (parse_template(each, shape, names, node.position) for each in (text.zh, text.en))
    return Message(zh, en)


def _level(form: Form) -> tuple[Level, tuple[str, ...]]:
    """The level of a form and the rules whose flags it names (rules-language.md)."""
    selections = [where for kind, where in _reads(form) if kind == FLAG.name]
    if not selections:
        return Level.RECORDS, ()
    named = [_named_rules(where) for where in selections]
    if any(rules is None for rules in named):
        return Level.ANY_FLAGS, ()
    rules = {rule for each in named if each is not None for rule in each}
    return Level.NAMED_FLAGS, tuple(sorted(rules))


def _reads(form: Form) -> Iterator[tuple[str, AllOf]]:
    """Every kind that a form reads, with its conditions."""
    if isinstance(form, When):
        yield from _of_selection(form.anchor)
    elif isinstance(form, Deadline):
        yield from _of_selection(form.anchor)
        for dated in (form.done, form.again):
            if dated is not None and not isinstance(dated, Path):
                yield dated.kind, dated.where
    elif isinstance(form, Duty):
        yield from _of_selection(form.owed_by)
        yield form.counts.kind, form.counts.where
    else:
        yield from _of_selection(form.of)


def _of_selection(selection: Selection) -> Iterator[tuple[str, AllOf]]:
    yield selection.kind, selection.where
    if selection.related is not None:
        yield selection.related.kind, selection.related.where


def kinds_read(form: Form) -> tuple[str, ...]:
    """The names of the fact kinds that a form reads, without those behind references."""
    return tuple(dict.fromkeys(kind for kind, _where in _reads(form)))


def _named_rules(where: AllOf) -> list[str] | None:
    for part in where.parts:
        if not (isinstance(part, Comparison) and isinstance(part.left, Path)):
            continue
        if part.left.text == "rule" and part.op in (Op.EQ, Op.IN):
            given = part.right if isinstance(part.right, tuple) else (part.right,)
            values = [str(each.value) for each in given if isinstance(each, Literal)]
            if len(values) == len(given):
                return values
    return None
