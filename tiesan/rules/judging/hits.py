"""A hit: a rule's finding about a subject, with its evidence, before it becomes a stored flag."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from operator import itemgetter

from tiesan.facts.kinds import Fact, FactKinds, Field, FieldType, Value
from tiesan.rules.choices import Severity
from tiesan.rules.judging.forms.derived import Derived
from tiesan.rules.judging.found import Found
from tiesan.rules.judging.printing import Printer
from tiesan.rules.judging.reach import anchor_kind
from tiesan.rules.judging.references import Reference, References
from tiesan.rules.literals import raw_text
from tiesan.rules.parameters import Values
from tiesan.rules.tree import Deadline, Duty, Path, Rule, Tally, Template, When

EvidenceEntry = dict[str, str | bool | int | None]

# More facts than this behind one flag are counted, not copied, and beyond a thousand not even that.
MAX_EVIDENCE = 60
MAX_COUNTED = 1_000


@dataclass(frozen=True)
class Hit:
    """What a flag will say; ``message`` holds both languages, ``evidence`` is frozen with it.

    ``rests_on`` are the rows that the evidence is and refers to, also those too many to be named in
    it. ``posted`` is the code of the cadre whose posting makes an organization the subject.
    """

    rule: str
    severity: Severity
    subject_kind: str
    subject: str
    key: str
    occurred_on: date
    message: dict[str, str]
    evidence: list[EvidenceEntry]
    rests_on: frozenset[Reference] = frozenset()
    posted: str | None = None

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """Rule, kind of subject, subject and key (the episode is the store's affair)."""
        return (self.rule, self.subject_kind, self.subject, self.key)


class HitWriter:
    """Turns what a rule found into hits, with message and evidence."""

    def __init__(self, rule: Rule, derived: Derived, printer: Printer) -> None:
        """Bind the rule's paths to the facts of the printer's world."""
        self._rule, self._derived, self._printer = rule, derived, printer
        self._posted = _posting(rule, printer)
        self._references = References(printer.kinds)

    def hit(self, found: Found) -> Hit:
        """The hit of what was found, complete."""
        rule, fact, values = self._rule, found.fact, found.values
        behind = self._behind(fact)
        return Hit(
            rule=rule.id,
            severity=rule.severity,
            subject_kind=rule.subject_kind,
            subject=found.subject,
            key=found.key,
            occurred_on=found.occurred_on,
            message={
                "zh": self._message(rule.message.zh, fact, values, "zh"),
                "en": self._message(rule.message.en, fact, values, "en"),
            },
            evidence=self._evidence(fact, values, behind),
            rests_on=frozenset(self._rests_on(fact, behind)),
            posted=self._posted(fact),
        )

    def _message(self, template: Template, fact: Fact, values: Values, language: str) -> str:
        return self._printer.filled(template, self._rule, fact, values, language)

    def _behind(self, fact: Fact) -> list[tuple[str, Fact]]:
        """The stored facts behind a hit besides the one decided about.

        A record is a member of one tally, so that all members together are no more than there are
        records; a record that is merely related may stand behind every hit, and one of a window
        behind every window that it lies in.
        """
        behind, form = self._derived.evidence(fact), self._rule.form
        whole = isinstance(form, Tally) and form.within is None
        return list(behind if whole else islice(behind, MAX_COUNTED))

    def _rests_on(self, fact: Fact, behind: Iterable[tuple[str, Fact]]) -> Iterator[Reference]:
        form, kind = self._rule.form, anchor_kind(self._rule)
        if isinstance(form, Duty):
            yield from self._references.own(kind, fact)
        elif isinstance(form, Tally) and form.owed_by is not None:
            # The first field of its fact is the code of who owes, who may have no record at all.
            yield form.owed_by.kind, (str(fact[0]),)
        elif not isinstance(form, Tally):
            yield from self._references.named(kind, fact)
        for each, related in behind:
            yield from self._references.named(each, related)

    def _evidence(
        self, fact: Fact, values: Values, behind: list[tuple[str, Fact]]
    ) -> list[EvidenceEntry]:
        rule, kinds = self._rule, self._printer.kinds
        entries = list(_judged(rule, kinds, fact))
        found = behind[:MAX_COUNTED]
        for kind, related in found[:MAX_EVIDENCE]:
            entries.append(_entry(kind, kinds[kind].fields, related))
        if len(found) > MAX_EVIDENCE:
            entries.append({"fact": found[0][0], "more": len(found) - MAX_EVIDENCE})
        entries.extend(
            {
                "fact": "parameter",
                "name": name,
                "value": rule.parameters[name].written(value),
            }
            for name, value in values.items()
        )
        return entries


def _posting(rule: Rule, printer: Printer) -> Callable[[Fact], str | None]:
    """Reads of a fact the cadre whose present organization is the subject; None for other rules."""
    subject, kinds = rule.subject, printer.kinds
    place = subject.last.name == "organization"
    if place and len(subject.through) == 1 and subject.field.to == "cadre":
        path = Path(subject.field.name, subject.kind, subject.field)
        return _code(printer.binding.getter(path, rule.shape))
    of_cadres = anchor_kind(rule) == "cadre" and not isinstance(rule.form, Tally)
    if place and not subject.through and of_cadres:
        return _code(itemgetter(kinds["cadre"].index["code"]))
    return lambda _fact: None


def _code(read: Callable[[Fact], Value]) -> Callable[[Fact], str | None]:
    def code(fact: Fact) -> str | None:
        value = read(fact)
        return None if value is None else str(value)

    return code


def _judged(rule: Rule, kinds: FactKinds, fact: Fact) -> Iterator[EvidenceEntry]:
    """The fact that was decided about: the record that it starts from, and what the form derived.

    Of who owes a duty only the code is kept: a change of name or post is no new evidence.
    """
    form, fields = rule.form, rule.shape.fields
    if isinstance(form, When):
        yield _entry(form.anchor.kind, fields, fact)
        return
    if isinstance(form, Tally):
        yield _entry("tally", fields, fact)
        return
    selection = form.anchor if isinstance(form, Deadline) else form.owed_by
    width = len(kinds[selection.kind].fields)
    own = _entry(selection.kind, fields[:width], fact[:width])
    if isinstance(form, Deadline):
        yield own
        yield _entry("deadline", fields[width:], fact[width:])
    else:
        yield {"fact": selection.kind, "code": own["code"]}
        yield _entry("duty", fields[width:], fact[width:])


def _entry(kind: str, fields: Iterable[Field], fact: Fact) -> EvidenceEntry:
    entry: EvidenceEntry = {"fact": kind}
    for field, value in zip(fields, fact, strict=True):
        entry[field.name] = value if isinstance(value, bool) else _text(value, field.type)
    return entry


def _text(value: Value, kind: FieldType) -> str | None:
    return None if value is None else raw_text(value, kind)
