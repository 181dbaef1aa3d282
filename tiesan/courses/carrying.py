"""Carrying a verb out, and which verbs are open: the same questions by the same code.

The order of the questions is fixed, so that who may not see a row learns nothing of it, and a form
sent twice acts once. The caller commits, or rolls back what was refused.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from tiesan.access.criterion import AS_THEY_ARE
from tiesan.audit import Actor, record_entry
from tiesan.courses.errors import NotThere, Refused
from tiesan.courses.given import FILES, TEXT
from tiesan.courses.locking import lock_account, lock_row
from tiesan.courses.models import ONCE_LENGTH
from tiesan.courses.seeing import compare_seen
from tiesan.courses.standing import Standing, may_act, read_standings, row_id, state_of
from tiesan.courses.telling import tell_of
from tiesan.courses.values import (
    BEFORE,
    NEW,
    SAME,
    Case,
    Course,
    Done,
    Event,
    Form,
    Verb,
    Who,
)
from tiesan.courses.writing import create_row, hang_files, set_fields
from tiesan.database import begin_writing
from tiesan.i18n import _
from tiesan.people.models import Account
from tiesan.people.notifications import name_of_account
from tiesan.records.base import Concerned, Record
from tiesan.records.kinds import table_of

ONCE = "once"
_NOBODY = Concerned(frozenset(), frozenset())

# What is told of every verb inside its transaction; a listener that fails undoes all of it.
Listener: TypeAlias = Callable[[Session, Done], None]


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who wants to do something on which day, and with which form.

    ``clock`` gives the time of the event; it is asked after the lock. An ``inner`` verb is one that
    another verb carries out: it has seen nothing and is not sent twice, all else is asked. Of a
    ``quiet`` one nobody is told, because the verb that brings it about tells of both.
    """

    actor: Actor
    day: date
    clock: Callable[[], datetime]
    form: Form = field(default_factory=dict)
    inner: bool = False
    listeners: tuple[Listener, ...] = ()
    quiet: bool = False

    @property
    def once(self) -> str | None:
        """What tells this form from every other one, if it says so."""
        return None if self.inner else str(self.form.get(ONCE) or "")[:ONCE_LENGTH] or None


def carry_out(
    session: Session, course: Course, verb: str, of_row: int | None, attempt: Attempt
) -> Done:
    """Carry a verb out on a row, or for a verb that makes one on None; returns what was done.

    The session must be in a transaction that was begun for writing, or in none. Raises NotThere,
    Refused, Wrong and Changed.
    """
    found = next((each for each in course.verbs if each.name == verb), None)
    if found is None or (found.from_ is NEW) != (of_row is None):
        raise NotThere
    if not session.in_transaction():
        begin_writing(session)
    return (_begin if of_row is None else _go_on)(session, course, found, of_row or 0, attempt)


def _go_on(session: Session, course: Course, verb: Verb, of_row: int, attempt: Attempt) -> Done:
    lock_row(session, course, of_row)
    standing = look(session, course, of_row, attempt.actor, attempt.day)
    repeated = _sent_before(session, course, verb, of_row, attempt)
    if repeated is not None:
        return repeated
    if standing.lapse is not None:
        _write_lapse(session, course, standing, attempt)
    case = case_of(session, course, verb, standing, attempt)
    who = person_for(case, standing)
    read_given(case, attempt.form)
    if not attempt.inner:
        compare_seen(course, attempt.form, standing)
    pass_gates(case, given=True)
    before = _subjects(case.row)
    changed = set_fields(case)
    return _finish(case, who, attempt, changed, before)


def _begin(session: Session, course: Course, verb: Verb, _row: int, attempt: Attempt) -> Done:
    """Store a new row, ask of it who may, and write its first event."""
    lock_account(session, attempt.actor)
    repeated = _sent_before(session, course, verb, None, attempt)
    if repeated is not None:
        return repeated
    case = case_of(session, course, verb, None, attempt)
    pass_gates(case, given=False)
    read_given(case, attempt.form)
    case.row = create_row(case)
    standing = read_standings(
        session, course, [case.row.id], attempt.actor.account_id, attempt.day
    )[case.row.id]
    who = person_for(case, standing)
    pass_gates(case, given=True)
    # The services of records write the entry of a new record themselves.
    written: dict[str, Any] | None = None if isinstance(case.row, Record) else {}
    return _finish(case, who, attempt, written, _NOBODY)


def look(session: Session, course: Course, of_row: int, actor: Actor, day: date) -> Standing:
    """Return how a row stands for an actor; raises NotThere for one that they may not see."""
    found = read_standings(session, course, [of_row], actor.account_id, day).get(of_row)
    if found is None or not found.visible:
        raise NotThere
    return found


_ACCOUNT = table_of(Account)
# Made once: every row that a page offers verbs of asks it.
_STANDS_FOR = select(_ACCOUNT.c.cadre_id).where(_ACCOUNT.c.id == bindparam("account"))


def case_of(
    session: Session, course: Course, verb: Verb, standing: Standing | None, attempt: Attempt
) -> Case:
    """Return the case of a verb on a row as it stands, nothing being given yet."""
    return Case(
        session=session,
        course=course,
        verb=verb,
        row=None if standing is None else standing.row,
        actor=attempt.actor,
        cadre_id=session.scalar(_STANDS_FOR, {"account": attempt.actor.account_id}),
        day=attempt.day,
        at=attempt.clock(),
        state=None if standing is None else standing.state,
        events=() if standing is None else standing.events,
    )


# --- the questions --------------------------------------------------------------------------------


def person_for(case: Case, standing: Standing) -> Who:
    """Return as what the actor may carry the verb out; raises Refused by person, state or gate."""
    who = next((each for each in case.verb.who if each.name in standing.holds), None)
    if who is None:
        raise Refused(str(case.verb.who[0].refusal))
    case.capacity = who.name
    if not standing.live:
        raise Refused(_("This record was voided and cannot be changed."))
    if case.verb.from_ is not NEW:
        if standing.state not in case.verb.from_:
            word = case.course.state(standing.state).word
            raise Refused(_("Not possible now: this is “%(state)s”.", state=str(word)))
        pass_gates(case, given=False)
    return who


def pass_gates(case: Case, *, given: bool) -> None:
    """Ask the course's gates, then the verb's, that need what was given or do not."""
    for gate in (*case.course.gates, *case.verb.gates):
        if gate.needs_given is given and case.verb.name not in gate.but and not gate.holds(case):
            raise Refused(gate.said(case), str(gate.clause), told=gate.told)


def verbs_open_to(
    session: Session, course: Course, standing: Standing, actor: Actor, day: date
) -> list[tuple[Verb, Case]]:
    """Return the verbs that are open to an actor on a row, with their cases.

    What is offered here is refused for nothing but what is given, and what has changed since.
    """
    return [
        (case.verb, case)
        for case, refused in _asked(session, course, standing, actor, day)
        if refused is None
    ]


def _asked(
    session: Session, course: Course, standing: Standing, actor: Actor, day: date
) -> Iterator[tuple[Case, Refused | None]]:
    """Ask every verb of a row that the actor sees, with what refuses it."""
    known: Case | None = None
    for verb in course.verbs:
        if verb.from_ is NEW or not standing.visible:
            continue
        known = known or case_of(session, course, verb, standing, Attempt(actor, day, _no_time))
        case = replace(known, verb=verb, capacity=None, given={})
        try:
            person_for(case, standing)
        except Refused as error:
            yield case, error
        else:
            yield case, None


def held_back(
    session: Session, course: Course, standing: Standing, actor: Actor, day: date
) -> list[tuple[Verb, Refused]]:
    """Return the verbs that only a gate keeps from an actor, with what it says, if it is told."""
    return [
        (case.verb, refused)
        for case, refused in _asked(session, course, standing, actor, day)
        if refused is not None
        and refused.told
        and case.capacity is not None
        and standing.live
        and standing.state in case.verb.from_
    ]


def may_begin(session: Session, course: Course, verb: Verb, attempt: Attempt) -> bool:
    """Whether an actor has not left, and nothing known before a new row refuses them one."""
    if not may_act(session, attempt.actor.account_id, attempt.day):
        return False
    try:
        pass_gates(case_of(session, course, verb, None, attempt), given=False)
    except Refused:
        return False
    return True


def _no_time() -> datetime:
    """A look has no time of its own."""
    return datetime.min  # noqa: DTZ901 - nothing is stored of it


def read_given(case: Case, form: Form) -> None:
    """Read what the verb takes, in its order; raises Wrong for the first that is wrong."""
    for each in case.verb.given:
        case.given[each.name] = each.read(form, case)


def _sent_before(
    session: Session, course: Course, verb: Verb, of_row: int | None, attempt: Attempt
) -> Done | None:
    """Return the former answer to a form that was sent before."""
    account_id = attempt.actor.account_id
    if attempt.once is None or account_id is None:
        return None
    sent = (account_id, verb.name, attempt.once)
    found = course.history.sent_before(session, course.name, of_row, sent)
    if found is None:
        return None
    row, event = found
    kept = session.scalars(select(course.of).where(row_id(course) == row)).one()
    return Done(course, verb, kept, event.to, event, _subjects(kept), repeated=True)


# --- what is written ------------------------------------------------------------------------------


def _write_lapse(session: Session, course: Course, standing: Standing, attempt: Attempt) -> None:
    """Write what a day has done, which the rest of the verb counts as done already."""
    lapse, event = standing.lapse, standing.events[-1]
    if lapse is None or course.column is None:
        return
    for name, value in {course.column: lapse.to, **lapse.sets}.items():
        setattr(standing.row, name, value)
    written = Event(lapse.verb, event.day, lapse.from_, lapse.to, at=attempt.clock())
    course.history.write(session, course.name, standing.row.id, written)


def _finish(
    case: Case,
    who: Who,
    attempt: Attempt,
    changed: Mapping[str, Any] | None,
    before: Concerned,
) -> Done:
    """Settle the state, do what concerns other rows, and write event and audit entry.

    ``changed`` are the fields with their values before and after; None for a new row, whose audit
    entry is written.
    """
    if case.course.column is not None:
        setattr(case.row, case.course.column, _target(case))
    case.session.flush()
    if case.verb.then is not None:
        case.verb.then(case)
        case.session.flush()
    state = _settled(case)
    if case.course.after is not None and state != case.state:
        case.course.after(case)
    files = hang_files(case)
    event = _event(case, who, state, attempt)
    written = case.course.history.write(case.session, case.course.name, case.row.id, event)
    if changed is not None:
        details = {
            "from_state": case.state,
            "to_state": state,
            "capacity": who.name,
            "changed": changed,
            **({"attachments": files} if files else {}),
            **_for_whom(case, event),
        }
        subject = case.course.subject(case.row)
        record_entry(case.session, case.actor, case.verb.name, subject, at=case.at, details=details)
    if not attempt.quiet:
        tell_of(case, state)
    concerned = _united(before, _subjects(case.row))
    done = Done(case.course, case.verb, case.row, state, written, concerned)
    for listener in attempt.listeners:
        listener(case.session, done)
    return done


def _for_whom(case: Case, event: Event) -> dict[str, str | None]:
    """In whose place it was done, by name; the trail names both."""
    if event.for_id is None:
        return {}
    return {"for_whom": name_of_account(case.session, event.for_id)}


def _event(case: Case, who: Who, state: str, attempt: Attempt) -> Event:
    return Event(
        verb=case.verb.name,
        day=case.day,
        from_=case.state,
        to=state,
        at=case.at,
        actor_name=case.actor.name,
        account_id=case.actor.account_id,
        for_id=None if who.for_whom is None else who.for_whom(case),
        capacity=who.name,
        text=case.given.get(TEXT),
        attachments=tuple(case.given.get(FILES) or ()),
        once=attempt.once,
    )


def _target(case: Case) -> str:
    """Return the state to store."""
    match case.verb.to:
        case str() as name if name == SAME:
            return str(case.state)
        case str() as name if name == BEFORE:
            return state_before(case.events, str(case.state))
        case str() as name:
            return name
    message = f"{case.course.name}.{case.verb.name} stores one of several states"
    raise RuntimeError(message)


def state_before(events: Iterable[Event], state: str) -> str:
    """Return where a row was before it came into its present state; itself if it was always there.

    The latest event that led into that state says so; events that changed nothing do not count.
    """
    before = state
    for event in events:
        if event.to == state and event.from_ not in (None, state):
            before = str(event.from_)
    return before


def _settled(case: Case) -> str:
    """Return the state as it is now; a read one must be what the verb claims."""
    statement = select(state_of(case.course)).where(row_id(case.course) == case.row.id)
    # Whoever decides for somebody else may not see the row any more once it is decided.
    found = case.session.scalar(statement, {"day": case.day}, execution_options=AS_THEY_ARE)
    state = str(found)
    to = case.verb.to
    allowed = {case.state} if to is SAME else {to} if isinstance(to, str) else to
    if to is not BEFORE and state not in allowed:
        message = f"{case.course.name}.{case.verb.name} led to {state}"
        raise RuntimeError(message)
    return state


def _subjects(row: Any) -> Concerned:
    return row.subjects() if isinstance(row, Record) else _NOBODY


def _united(one: Concerned, other: Concerned) -> Concerned:
    return Concerned(one.cadres | other.cadres, one.organizations | other.organizations)
