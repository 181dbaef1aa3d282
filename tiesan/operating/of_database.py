"""What a doctor looks at in the database: days, clock, runs, backups, sendings, accounts."""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tiesan.audit import AuditEntry
from tiesan.calendar.working_days import officially_announced
from tiesan.clock import SHANGHAI, day_of
from tiesan.demo.accounts import demo_accounts
from tiesan.flags.evaluation.standing import standings
from tiesan.i18n import _, ngettext
from tiesan.notifications.sending.models import Sending, Way
from tiesan.notifications.sending.models import State as SendingState
from tiesan.notifications.sending.sealing import Seal
from tiesan.operating.findings import Level, Patient, Trouble
from tiesan.operating.of_machine import is_public, key_of, of_this_year
from tiesan.records.kinds import table_of
from tiesan.records.settings import CalendarException
from tiesan.scheduler.backups import OLD, last_backup, unsaved_since
from tiesan.scheduler.models import JobRun, State

_ENTRY, _RUN, _SENDING = table_of(AuditEntry), table_of(JobRun), table_of(Sending)
_WAY, _EXCEPTION = table_of(Way), table_of(CalendarException)

# Clocks of two machines differ by that much without anything being wrong.
_DIFFERENCE = timedelta(minutes=2)
# The State Council announces a year in the autumn before.
_ANNOUNCED_DAYS = 31
_LATELY = timedelta(days=7)
_WAITS_LONG = timedelta(hours=2)


def of_calendar(session: Session, patient: Patient) -> Iterator[Trouble]:
    """Whether the working days of this year are known, and in December those of the next."""
    year, left = of_this_year(patient)
    for each in [year, year + 1] if left <= _ANNOUNCED_DAYS else [year]:
        if officially_announced(each) or _has_exceptions(session, each):
            continue
        text = _("The working days of %(year)d are not known: install a newer version, or enter "
                 "calendar exceptions.")  # fmt: skip
        yield Level.FAULT if each == year else Level.WARNING, text % {"year": each}


def _has_exceptions(session: Session, year: int) -> bool:
    """Whether somebody has entered days of a year themselves."""
    of_year = _EXCEPTION.c.day.between(date(year, 1, 1), date(year, 12, 31))
    return session.scalar(select(_EXCEPTION.c.id).where(of_year).limit(1)) is not None


def of_clock(session: Session, patient: Patient) -> Iterator[Trouble]:
    """Whether the clock stands before what was written last, or days to come were evaluated."""
    newest = session.scalar(select(func.max(_ENTRY.c.at)))
    if newest is not None and newest > patient.now + _DIFFERENCE:
        text = _("The clock of the machine is wrong, or was: the newest entry is of %(moment)s.")
        said = f"{newest.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        yield Level.FAULT, text % {"moment": said}
    ahead = [each.name for each in standings(session, day_of(patient.now)) if each.is_ahead]
    if ahead:
        text = _("Days to come were evaluated (%(names)s): run `tiesan evaluate --back`.")
        yield Level.FAULT, text % {"names": _(", ").join(ahead)}


def of_runs(session: Session, patient: Patient) -> Iterator[Trouble]:
    """Whether the daily run judges every district, and whether runs wait for a person."""
    # Until it is due, and for a day after, yesterday may be missing.
    today = day_of(patient.now)
    for each in standings(session, today, due=today - timedelta(days=1)):
        if each.unjudged_since is not None:
            text = _("%(name)s has not been judged since %(day)s: nobody does the daily run, or it "
                     "fails.")  # fmt: skip
            yield Level.FAULT, text % {"name": each.name, "day": each.unjudged_since.isoformat()}
    statement = (
        select(func.count())
        .select_from(_RUN)
        .where(_RUN.c.state == State.FAILED.value, _RUN.c.ended_at > patient.now - _LATELY)
    )
    failed = session.scalar(statement) or 0
    if failed:
        yield Level.WARNING, ngettext("%(num)d run has failed and waits for a person.",
                                      "%(num)d runs have failed and wait for a person.",
                                      failed)  # fmt: skip


def of_backup(session: Session, patient: Patient) -> Iterator[Trouble]:
    """Whether the newest backup is as new as it should be."""
    since = unsaved_since(session)
    if since is None or patient.now - since <= OLD:
        return
    if last_backup(session) is None:
        yield Level.WARNING, _("There is no backup: run `tiesan backup`.")
    else:
        day = day_of(since).isoformat()
        yield Level.WARNING, _("The latest backup is of %(day)s.", day=day)


def of_sendings(session: Session, patient: Patient) -> Iterator[Trouble]:
    """Messages that could not be sent lately, and those that nobody sends."""
    lately = _SENDING.c.ended_at > patient.now - _LATELY
    failed = session.scalar(
        select(func.count())
        .select_from(_SENDING)
        .where(_SENDING.c.state == SendingState.FAILED.value, lately)
    )
    if failed:
        yield Level.WARNING, ngettext("%(num)d message could not be sent in the last 7 days.",
                                      "%(num)d messages could not be sent in the last 7 days.",
                                      failed)  # fmt: skip
    late = session.scalar(
        select(func.count())
        .select_from(_SENDING)
        .where(
            _SENDING.c.state == SendingState.WAITING.value,
            _SENDING.c.due_at < patient.now - _WAITS_LONG,
        )
    )
    if late:
        yield (
            Level.WARNING,
            ngettext(
                "%(num)d message has been waiting for two hours: nobody sends.",
                "%(num)d messages have been waiting for two hours: nobody sends.",
                late,
            ),
        )


def of_accounts(session: Session, patient: Patient) -> Iterator[Trouble]:
    """Accounts of the demo, whose password everybody knows, where others can sign in."""
    found = [each.username for each in demo_accounts(session)]
    if not found:
        return
    text = _("Everybody can sign in with the accounts of the demo: %(names)s.")
    level = Level.FAULT if is_public(patient) else Level.WARNING
    yield level, text % {"names": _(", ").join(found)}


def of_seals(session: Session, patient: Patient) -> Iterator[Trouble]:
    """Whether the secrets of the ways out can be opened by the key that is there."""
    key = key_of(patient)
    rows = session.execute(select(_WAY.c.title, _WAY.c.sealed).where(_WAY.c.active)).all()
    seal = None if key is None else Seal(key)
    shut = [title for title, sealed in rows if seal is None or not seal.can_open(sealed)]
    if shut:
        yield Level.WARNING, _("The secrets of these ways out have to be entered anew: %(names)s.",
                               names=_(", ").join(shut))  # fmt: skip
