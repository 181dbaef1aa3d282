"""One verb on many rows: a transaction for each, and a result for each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from tiesan.courses.carrying import (
    Attempt,
    carry_out,
    case_of,
)
from tiesan.courses.errors import CourseError, NotThere, Wrong
from tiesan.courses.given import FILES
from tiesan.courses.seeing import SEEN_EVENTS, SEEN_STATE
from tiesan.courses.values import NEW, Case, Course, Verb
from tiesan.database import begin_writing
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.records.base import Concerned

MOST = 500


@dataclass(frozen=True, slots=True)
class Named:
    """A row in a list: its id and what was seen of it."""

    id: int
    state: str = ""
    version: str = ""
    events: str = ""

    @classmethod
    def read(cls, token: str) -> "Named":
        """Read ``id:state:version:events``; raises NotThere for what is no such thing."""
        parts = token.split(":")
        if len(parts) != len(cls.__slots__) or not parts[0].isdecimal():
            raise NotThere
        return cls(int(parts[0]), *parts[1:])


@dataclass(slots=True)
class Results:
    """What became of each row: those done with their state, those refused with the error."""

    done: list[tuple[int, str]] = field(default_factory=list)
    refused: list[tuple[int, UserError]] = field(default_factory=list)
    concerned: Concerned = field(default_factory=lambda: Concerned(frozenset(), frozenset()))


def carry_out_many(
    session: Session, course: Course, verb: str, rows: Iterable[Named], attempt: Attempt
) -> Results:
    """Carry a verb out on rows in the order of their ids; each is committed by itself.

    What was pending in the session is undone. Raises what is wrong for all of them before the
    first: NotThere for a verb that is none, Wrong for what must be given in any case and for files,
    which go with one row, UserError for too many rows. What only some of them need is refused at
    each.
    """
    found = next((each for each in course.verbs if each.name == verb), None)
    if found is None or found.from_ is NEW:
        raise NotThere
    if attempt.form.get(FILES):
        raise Wrong(FILES, _("Files go with one at a time."))
    named = sorted({each.id: each for each in rows}.values(), key=lambda each: each.id)
    if len(named) > MOST:
        raise UserError(_("At most %(most)d at once.", most=MOST))
    session.rollback()
    _check_for_all(session, course, found, attempt)
    results = Results()
    for each in named:
        _one(session, course, verb, each, attempt, results)
    return results


def _check_for_all(session: Session, course: Course, verb: Verb, attempt: Attempt) -> None:
    """Read what does not depend on the row."""
    case: Case = case_of(session, course, verb, None, attempt)
    for each in verb.given:
        if isinstance(each.required, bool):
            case.given[each.name] = each.read(attempt.form, case)
    session.rollback()


def _one(  # one argument for each thing that the next row needs as well
    session: Session,
    course: Course,
    verb: str,
    row: Named,
    attempt: Attempt,
    results: Results,
) -> None:
    seen = {SEEN_STATE: row.state, course.seen_version: row.version, SEEN_EVENTS: row.events}
    begin_writing(session)
    try:
        done = carry_out(
            session, course, verb, row.id, replace(attempt, form={**attempt.form, **seen})
        )
    except UserError as error:
        session.rollback()
        results.refused.append((row.id, error))
        return
    session.commit()
    results.done.append((row.id, done.state))
    results.concerned = Concerned(
        results.concerned.cadres | done.concerned.cadres,
        results.concerned.organizations | done.concerned.organizations,
    )


def named_all(tokens: Sequence[Any]) -> list[Named]:
    """Read the rows of a form; what names no row is left out."""
    found = []
    for token in tokens:
        try:
            found.append(Named.read(str(token)))
        except CourseError:
            continue
    return found
