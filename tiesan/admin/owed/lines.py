"""One line of what is owed, in words, with the one button that does it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from flask import g
from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.access.installation import installed, rule_problems
from tiesan.access.owing import Owing, own_owing
from tiesan.access.viewer import Viewer
from tiesan.admin.owed.answering import Answering, Button, answer_of
from tiesan.admin.owed.wording import (
    day_in_words,
    days_left,
    left_in_words,
    period_in_words,
    record_in_words,
)
from tiesan.admin.shell.asked_once import asked_once
from tiesan.admin.shell.days import working_calendar
from tiesan.extensions import db
from tiesan.facts.kinds import FieldType
from tiesan.flags.duties import read_owed
from tiesan.people.models import Organization
from tiesan.records.kinds import fact_kind, record_kind, table_of
from tiesan.rules import Owed, Rule
from tiesan.words.values import in_words


@dataclass(frozen=True, slots=True)
class OwedLine:
    """What somebody owes, as a row of the list.

    ``title`` says what is to be done and ``about`` of which period or record. ``of`` is the
    organization that owes it, where it is not owed by the reader themself; ``chairless`` says that
    it has no chair, so that who supervises it sees to it. ``days_left`` are working days: 0 on the
    due date, below zero when it is past and was not judged yet; ``left`` says so in words.
    ``button`` is None where somebody else does it, as ``remark`` says.
    """

    title: str
    about: str
    of: str
    chairless: bool
    due_on: date
    due: str
    days_left: int
    left: str
    done: int
    required: int
    button: Button | None
    remark: str
    rule: str
    subject_code: str
    key: str


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of something owed, whoever reads it: what, about which, until when."""

    title: str
    about: str
    due: str
    days_left: int
    left: str


class Telling:
    """Says in words what is owed, on a day."""

    def __init__(self, viewer: Viewer, day: date, owed: Sequence[Owed]) -> None:
        """Take what is owed; of all of it the records are read at once."""
        self.answering = Answering(viewer, day, owed)
        self._day, self._calendar = day, working_calendar()

    def told(self, owed: Owed) -> Told:
        """Return one thing in words."""
        left = days_left(self._calendar, self._day, owed.due_on)
        row = self.answering.row(owed)
        return Told(
            self._title(owed),
            period_in_words(owed) if row is None else record_in_words(row),
            day_in_words(owed.due_on),
            left,
            left_in_words(left, self._day, owed.due_on),
        )

    def _title(self, owed: Owed) -> str:
        """What is to be done: a verb's word, or what the record is called that is to be entered."""
        verb, answer = self.answering.verb(owed), answer_of(owed.rule)
        if verb is not None:
            return str(verb.word)
        if answer is None:
            return ""
        model = installed().records[answer.kind]
        kind, fields = record_kind(model), fact_kind(model).by_name
        if answer.field is not None:
            return f"{kind.title} · {fields[answer.field].label}"
        chosen = [
            in_words(fields[name], value)
            for name, value in owed.filled.items()
            if name in fields and fields[name].type is FieldType.CHOICE
        ]
        return chosen[0] if len(chosen) == 1 else str(kind.title)


@asked_once
def owings(viewer: Viewer, day: date) -> list[Owing]:
    """Return who owes what is the viewer's to do on a day."""
    return own_owing(db.session(), viewer, day)


def own_lines(viewer: Viewer, day: date, horizon: int) -> list[OwedLine]:
    """Return what the viewer owes or sees to within so many days, by due date."""
    found = [(owing, each) for owing in owings(viewer, day) for each in read(owing, day, horizon)]
    telling = Telling(viewer, day, [each for _owing, each in found])
    names = organization_names({each.subject for _owing, each in found})
    lines = [_line(telling, owing, each, names) for owing, each in found]
    return sorted(lines, key=lambda line: line.due_on)


def _line(telling: Telling, owing: Owing, owed: Owed, names: dict[str, str]) -> OwedLine:
    told = telling.told(owed)
    of_place = owed.subject_kind == record_kind(Organization).name
    chairless = of_place and owed.subject in owing.chairless
    button, remark = telling.answering.button(owed, own=not chairless)
    return OwedLine(
        told.title,
        told.about,
        names.get(owed.subject, "") if of_place else "",
        chairless,
        owed.due_on,
        told.due,
        told.days_left,
        told.left,
        owed.done,
        owed.required,
        button,
        remark,
        owed.rule.id,
        owed.subject,
        owed.key,
    )


def read(owing: Owing, day: date, horizon: int) -> list[Owed]:
    """Return what some owe, by rules that have an answer; read once in a request.

    While rule files are wrong nothing is judged, and so nothing is said to be owed.
    """
    if rule_problems():
        return []
    known: dict[tuple[Owing, date, int], list[Owed]] = g.setdefault("owed", {})
    asked = owing, day, horizon

    def looked_at(rule: Rule) -> bool:
        return owing.asks(rule) and answer_of(rule) is not None

    if asked not in known:
        # It sees everything: what somebody owes does not depend on what they may see.
        with Session(db.session.connection(), join_transaction_mode="rollback_only") as session:
            known[asked] = read_owed(session, installed(), owing.scope, day, horizon, looked_at)
    return known[asked]


def organization_names(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of organizations by code."""
    table = table_of(Organization)
    wanted = sorted(codes)
    if not wanted:
        return {}
    statement = select(table.c.code, table.c.name).where(table.c.code.in_(wanted))
    return {row.code: row.name for row in db.session.execute(statement)}
