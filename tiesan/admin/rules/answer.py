"""What the page on why there is a flag shows of an answer: sentences, trees, records with links."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from flask import url_for
from sqlalchemy import select

from tiesan.extensions import Base, db
from tiesan.facts.kinds import Fact
from tiesan.flags.catalog import Catalog
from tiesan.flags.models import Flag
from tiesan.i18n import _, _l, current_language
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import row_id
from tiesan.rulebook.inquiring import Answer, Question, Told
from tiesan.rules import (
    FLAG,
    Counted,
    Inquiry,
    Line,
    Looked,
    Outcome,
    Review,
    WeighedLine,
    Weighing,
    explain,
)
from tiesan.words.evidence import flag_url, row_of
from tiesan.words.rows import endpoint_of
from tiesan.words.values import day as day_words

# More records than this behind one fact are not listed.
_MOST_RECORDS = 60

ANSWERS: Mapping[Answer, str] = {
    Answer.FLAGGED: _l("There is a flag."),
    Answer.WAIVED: _l("There is a flag, and it is waived."),
    Answer.FALSE: _l("No flag: a line of the rule is false."),
    Answer.NOTHING: _l("No flag: there is nothing of this kind on that day."),
    Answer.NOT_OWED: _l("No flag: nothing was owed for that day by who did not stand throughout."),
    Answer.EXCUSED: _l("No flag: leave excused from it."),
    Answer.NOT_YET: _l("No flag so far: it is not judged yet."),
    Answer.BEFORE_TRACKING: _l("No flag: that was before records are judged here."),
    Answer.NOT_IN_FORCE: _l("No flag: the rule was not in force then."),
    Answer.OFF: _l("The rule is switched off: nothing is said of it."),
    Answer.HELD: _l("The rule is held: nothing is said of it until that is confirmed."),
    Answer.NOT_EVALUATED: _l("The rule is not evaluated, so it is not known."),
}
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.HIT: _l("Flagged"),
    Outcome.MISS: _l("Not flagged"),
    Outcome.NOT_YET: _l("Not judged yet"),
    Outcome.NOT_IN_FORCE: _l("Rule not in force then"),
    Outcome.BEFORE_TRACKING: _l("Before records are judged"),
}


@dataclass(frozen=True, slots=True)
class RecordLines:
    """A record that counts, or does not: its name, its page, and its lines."""

    title: str
    url: str | None
    counts: bool
    lines: list[WeighedLine]


@dataclass(frozen=True, slots=True)
class Case:
    """A fact that was looked at; one that rests on what the viewer may not read says nothing."""

    title: str
    url: str | None
    outcome: str
    numbers: list[tuple[str, str]]
    lines: list[WeighedLine]
    records: list[RecordLines]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """The whole answer; ``said`` are sentences behind the first, ``flags`` what is stored."""

    answer: str
    sentence: str
    said: list[str]
    flags: list[Flag]
    cases: list[Case]
    records: list[RecordLines]
    exact: bool


def shown(
    told: Told, question: Question, catalog: Catalog, *, tried: bool = False, typed: bool = False
) -> Shown:
    """Return what the page shows of an answer, as far as the viewer of this request may read it.

    Of a version that is ``tried`` nothing is stored; of records that are ``typed`` all is shown.
    """
    flags = [] if tried else _stored(told, question)
    answer = told.answer
    if answer is Answer.FLAGGED and flags and all(f.review == Review.WAIVED for f in flags):
        answer = Answer.WAIVED
    reader = None if told.inquiry is None else _Reader(told.inquiry, catalog, typed=typed)
    cases = [] if reader is None else [reader.case(each) for each in told.looked]
    records = [] if reader is None else reader.records(told.beside)
    said = [] if tried and answer is Answer.FLAGGED else list(
        _said(told, answer, flags, cases, records)
    )  # fmt: skip
    sentence = str(ANSWERS[answer])
    if tried and answer is Answer.FLAGGED:
        sentence = _("It would raise a flag.")
    return Shown(answer.value, sentence, said, flags, cases, records, exact=told.exact)


def _stored(told: Told, question: Question) -> list[Flag]:
    """The stored active flags of what was found, and of the day, as the viewer may see them."""
    hits = [each.key for each in told.looked if each.outcome is Outcome.HIT]
    model = Cadre if question.subject_kind == "cadre" else Organization
    subject = Flag.cadre if model is Cadre else Flag.organization
    statement = (
        select(Flag)
        .where(Flag.rule == question.rule_id, Flag.active)
        .where(subject.has(model.code == question.subject))
        .where(Flag.key.in_(hits) | (Flag.occurred_on == question.day))
        .order_by(Flag.occurred_on, Flag.id)
    )
    return list(db.session.scalars(statement))


def _said(
    told: Told,
    answer: Answer,
    flags: Sequence[Flag],
    cases: Iterable[Case],
    records: Sequence[RecordLines],
) -> Iterator[str]:
    """What is to be known besides: since when, which line, until when, why not."""
    for flag in flags:
        yield _("It is stored since %(day)s.", day=day_words(flag.raised_as_of))
    match answer:
        case Answer.NOT_EVALUATED:
            yield _("Not evaluated: %(reason)s", reason=told.error)
        case Answer.FLAGGED if not flags:
            yield _("It is not stored yet: the next evaluation raises it.")
        case Answer.FALSE:
            yield from _what_is_false(cases, records)
        case Answer.NOT_YET:
            yield from _judged_when(told.looked)
        case Answer.BEFORE_TRACKING if told.tracked_from is not None:
            yield _("Records are judged from %(day)s on.", day=day_words(told.tracked_from))


def _what_is_false(cases: Iterable[Case], records: Sequence[RecordLines]) -> Iterator[str]:
    failing = (line for case in cases for line in case.lines if line.fails)
    line = next(failing, None)
    if line is not None:
        yield _("This line is false: %(line)s", line=line.text)
    elif records:
        number = sum(1 for each in records if each.counts)
        yield _("Records that count: %(number)d, which does not suffice.", number=number)


def _judged_when(looked: Iterable[Looked]) -> Iterator[str]:
    waiting = (each for each in looked if each.outcome is Outcome.NOT_YET)
    days = (each.judged_on or each.occurred_on for each in waiting)
    last = next((each for each in days if each is not None), None)
    if last is not None:
        yield _("It is judged when %(day)s is over.", day=day_words(last))


def _page(row: Base | None) -> str | None:
    if row is None:
        return None
    return url_for(f"{endpoint_of(type(row))}.details_view", id=row_id(row))


class _Reader:
    """Shows facts with the rows that they were, where the viewer may read them."""

    def __init__(self, inquiry: Inquiry, catalog: Catalog, *, typed: bool) -> None:
        self._inquiry, self._catalog, self._typed = inquiry, catalog, typed
        self._language = "en" if current_language().startswith("en") else "zh"
        rule, parameters = inquiry.rule, inquiry.parameters

        @lru_cache
        def lines_on(day: date) -> Sequence[Line]:
            return explain(rule, catalog.kinds, parameters, day, rules=catalog.rules)

        titles = {
            each.id: each.title.in_language(self._language) for each in catalog.rules.values()
        }
        self._weighing = Weighing(inquiry, self._language, lines_on, titles)

    def case(self, looked: Looked) -> Case:
        """One fact; nothing of it but that it is there where one of its rows is not readable."""
        weighing = self._weighing
        behind = list(weighing.rests_on(looked))[:_MOST_RECORDS]
        outcome = str(OUTCOMES[looked.outcome])
        if not all(map(self._is_readable, behind)):
            return Case("", None, "", [], [], [], hidden=True)
        kind, fact = behind[0] if behind else ("", ())
        title, url = self._named(kind, fact) if kind and not looked.counted else ("", None)
        return Case(
            title,
            url,
            outcome if looked.period else "",
            weighing.numbers(looked),
            weighing.of_fact(looked),
            self.records(looked.counted),
        )

    def records(self, counted: Sequence[Counted]) -> list[RecordLines]:
        """Records that count or not, those that the viewer may read."""
        found = []
        for each in counted[:_MOST_RECORDS]:
            if self._is_readable((each.kind, each.fact)):
                title, url = self._named(each.kind, each.fact)
                lines = self._weighing.of_record(each)
                found.append(RecordLines(title, url, each.counts, lines))
        return found

    def _is_readable(self, row: tuple[str, Fact]) -> bool:
        kind, fact = row
        if self._typed or kind in ("cadre", "organization"):
            return True
        said = self._identity(kind, fact)
        if kind == FLAG.name:
            return flag_url(said) is not None
        return row_of(self._catalog, kind, said) is not None

    def _named(self, kind: str, fact: Fact) -> tuple[str, str | None]:
        """What a record is called: its kind, and by what it is known; and its page."""
        known = self._inquiry.world.kinds[kind]
        said = self._identity(kind, fact)
        if kind == FLAG.name:
            url = None if self._typed else flag_url(said)
            return f"{known.title} · {said['key']}", url
        names = dict.fromkeys((*known.identity, *(n for n in known.principal if "." not in n)))
        values = (fact[known.index[name]] for name in names if known.by_name[name].to is None)
        words = [day_words(v) if isinstance(v, date) else str(v) for v in values if v is not None]
        row = None if self._typed else row_of(self._catalog, kind, said)
        return " · ".join([str(known.title), *words]), _page(row)

    def _identity(self, kind: str, fact: Fact) -> Mapping[str, object]:
        known = self._inquiry.world.kinds[kind]
        values = zip(known.fields, fact, strict=False)
        return {
            field.name: value.isoformat() if isinstance(value, date) else value
            for field, value in values
        }
