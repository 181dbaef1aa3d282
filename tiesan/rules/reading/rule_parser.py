"""One rule of a rule file, parsed and checked as far as it can be on its own."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from tiesan.facts.kinds import FactKind, FactKinds, FieldType
from tiesan.i18n import _
from tiesan.rules.bilingual import Text
from tiesan.rules.choices import Severity
from tiesan.rules.literals import parse_date, parse_literal
from tiesan.rules.positions import Problems, Refused
from tiesan.rules.reading.form_parser import FORMS, parse_form
from tiesan.rules.reading.nodes import Node, Scalar, Sequence
from tiesan.rules.reading.parameter_parser import parse_parameters
from tiesan.rules.reading.parsed import Parsed
from tiesan.rules.reading.path_parser import Vocabulary, parse_path, parse_template
from tiesan.rules.reading.structure import keys, mapping, one_of, scalar
from tiesan.rules.reading.tally_parser import check_key
from tiesan.rules.reading.text_parser import parse_rule_id, parse_text
from tiesan.rules.reads import level_of
from tiesan.rules.spelling import listing
from tiesan.rules.tree import Deadline, Duty, Message, Path, Rule, Tally, Template

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
# What tells two clocks of one record apart.
_CLOCK = ("deadline", "clock_start")


@dataclass(frozen=True)
class _Outline:
    """The paths and templates of a rule that start at its shape."""

    subject: Path
    key: Template
    occurred_on: Path
    message: Message


@dataclass(frozen=True)
class _Heading:
    """What a rule says of itself before its form."""

    id: str
    title: Text
    clause: Text
    severity: Severity
    enabled: bool
    in_force: tuple[date | None, date | None]


def parse_rule(
    node: Node, plugin: str, kinds: FactKinds, problems: Problems
) -> tuple[Rule, Node | None] | None:
    """The rule of a node, and the node of its tests; None when ``problems`` were added.

    A problem in one part does not hide those in the others. Raises Refused when the node as a whole
    is no rule.
    """
    before = len(problems.found)
    entries = keys(node, _("a rule"), _REQUIRED, _OPTIONAL)
    heading = _heading(entries, plugin, problems)
    names = _vocabulary(entries, kinds, problems)
    parsed = outline = None
    if names is not None:
        parsed = problems.tried(lambda: parse_form(entries, heading.id, node, names), None)
    if parsed is not None and names is not None:
        outline = _outline(entries, parsed, names, node, heading.title)
        if len(problems.found) == before:
            _check_used(entries, names)
    if parsed is None or names is None or outline is None or len(problems.found) > before:
        return None
    level, reads = level_of(parsed.form)
    rule = Rule(
        id=heading.id,
        plugin=plugin,
        title=heading.title,
        clause=heading.clause,
        severity=heading.severity,
        enabled=heading.enabled,
        in_force_from=heading.in_force[0],
        in_force_until=heading.in_force[1],
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


def _heading(entries: Mapping[str, Node], plugin: str, problems: Problems) -> _Heading:
    """The heading; what is refused is remembered, and something stands in for it."""
    none, severity = Text("", ""), entries["severity"]
    return _Heading(
        problems.tried(lambda: parse_rule_id(entries["id"], plugin), ""),
        problems.tried(lambda: parse_text(entries["title"], "title"), none),
        problems.tried(lambda: parse_text(entries["clause"], "clause"), none),
        problems.tried(lambda: Severity(one_of(severity, "severity", Severity)), Severity.NOTICE),
        problems.tried(lambda: _enabled(entries.get("enabled")), instead=True),
        problems.tried(lambda: _in_force(entries.get("in_force")), (None, None)),
    )


def _vocabulary(
    entries: Mapping[str, Node], kinds: FactKinds, problems: Problems
) -> Vocabulary | None:
    """What the rule may name; None when a parameter is refused, since its uses look wrong then."""
    before = len(problems.found)
    parameters = problems.tried(lambda: parse_parameters(entries.get("parameters"), problems), None)
    if parameters is None or len(problems.found) > before:
        return None
    return Vocabulary(kinds, parameters, problems)


def _check_used(entries: Mapping[str, Node], names: Vocabulary) -> None:
    """Refuse a parameter that can be set without effect; of a rule with other problems not asked.

    Key and message are no use: they say the value, and nothing depends on it.
    """
    for name in names.parameters:
        if name not in names.used:
            text = _(
                "the parameter '%s' is not used: no condition and no number of the rule names it"
            )
            place = mapping(entries["parameters"], "parameters").keys[name]
            names.problems.add(Refused(place, text % name))


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
) -> _Outline | None:
    """The paths and templates; None when one of them was refused, which is remembered."""
    tried = names.problems.tried
    subject = tried(lambda: _subject(entries, parsed, names, at), None)
    key = tried(lambda: _key(entries, parsed, names, at, subject), None)
    occurred_on = tried(lambda: _occurred_on(entries, parsed, names, at), None)
    message = tried(lambda: _message(entries, title, parsed.named, names), None)
    if subject is None or key is None or occurred_on is None or message is None:
        return None
    return _Outline(subject, key, occurred_on, message)


def _subject(entries: Mapping[str, Node], parsed: Parsed, names: Vocabulary, at: Node) -> Path:
    given = _given(entries, "subject", parsed.subject, at)
    path = parse_path(given.text, parsed.shape, names.kinds, given.position)
    own_code = path.last.name == "code" and not path.through and path.kind in _SUBJECTS
    if path.part is None and (path.last.to in _SUBJECTS or own_code):
        return path
    wrong = _("the subject '%(path)s' names neither a cadre nor an organization; such are: %(fit)s")
    fitting = listing(each.name for each in parsed.shape.fields if each.to in _SUBJECTS)
    raise Refused(given.position, wrong % {"path": path.text, "fit": fitting or _("none")})


def _key(
    entries: Mapping[str, Node],
    parsed: Parsed,
    names: Vocabulary,
    at: Node,
    subject: Path | None,
) -> Template:
    form = parsed.form
    if isinstance(form, Tally) and subject is not None and "key" not in entries:
        check_key(form, subject, None, at.position)
    given = _given(entries, "key", parsed.key, at)
    key = parse_template(given, parsed.named, names, bare=True)
    if isinstance(form, Tally) and subject is not None:
        check_key(form, subject, key, given.position)
    again = isinstance(form, Deadline) and form.again is not None
    if again and not any(isinstance(part, Path) and part.text in _CLOCK for part in key.parts):
        # Otherwise all the deadlines of one record would be one flag.
        wrong = _("with 'again' the key must hold one of these: %(allowed)s; found: '%(found)s'")
        allowed = listing(f"{{{name}}}" for name in _CLOCK)
        raise Refused(given.position, wrong % {"allowed": allowed, "found": given.text})
    return key


def _occurred_on(entries: Mapping[str, Node], parsed: Parsed, names: Vocabulary, at: Node) -> Path:
    if isinstance(parsed.form, Duty) and "occurred_on" in entries:
        raise Refused(entries["occurred_on"].position, _("the form derives 'occurred_on' itself"))
    if isinstance(parsed.form, Tally):
        given = Scalar(str(parsed.occurred_on), quoted=False, position=at.position)
    else:
        given = _given(entries, "occurred_on", parsed.occurred_on, at)
    path = parse_path(given.text, parsed.shape, names.kinds, given.position)
    if path.type is not FieldType.DATE:
        message = _("'%(path)s' is of type %(type)s, not a date")
        raise Refused(given.position, message % {"path": given.text, "type": path.type})
    return path


def _given(entries: Mapping[str, Node], name: str, default: str | None, at: Node) -> Scalar:
    if name in entries:
        return scalar(entries[name], name)
    if default is None:
        text = _("%(what)s lacks the key '%(key)s'")
        raise Refused(at.position, text % {"what": _("the rule"), "key": name})
    return Scalar(default, quoted=False, position=at.position)


def _message(
    entries: Mapping[str, Node], title: Text, shape: FactKind, names: Vocabulary
) -> Message:
    if "message" not in entries:
        return Message(Template((title.zh,)), Template((title.en,)))
    parse_text(entries["message"], "message")
    texts = mapping(entries["message"], "message").entries
    zh, en = (scalar(texts[each], f"message.{each}") for each in ("zh", "en"))
    tried, none = names.problems.tried, Template(())
    # Both languages are read, so that a problem in one does not hide those of the other.
    return Message(
        tried(lambda: parse_template(zh, shape, names), none),
        tried(lambda: parse_template(en, shape, names), none),
    )
