"""Runs of jobs in words: what a job is called, where a run stands, what it did."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app
from sqlalchemy import func, select

from tiesan.extensions import db
from tiesan.flags.models import Flag, FlagEvent
from tiesan.i18n import _, _l, ngettext
from tiesan.people.models import Organization
from tiesan.records.kinds import table_of
from tiesan.scheduler.evaluating import LATER_DAY_STORED
from tiesan.scheduler.heads import HEADS_NOT_WRITTEN
from tiesan.scheduler.jobs import BACKUP
from tiesan.scheduler.models import JobRun, State
from tiesan.scheduler.runner import Runner
from tiesan.scheduler.work import FAILED, SENDINGS
from tiesan.words.values import day

_MEGABYTE = 1 << 20
STATES = {
    State.WAITING: _l("Waiting"),
    State.RUNNING: _l("Running"),
    State.DONE: _l("Done well"),
    State.FAILED: _l("Failed"),
    State.COVERED: _l("Covered by a later run"),
}
# Why a job says that it has failed.
_REASONS = {
    LATER_DAY_STORED: _l(
        "Nothing was stored: the district has been evaluated as of a later day already. The clock"
        " of the machine is or was wrong."
    ),
    HEADS_NOT_WRITTEN: _l(
        "The heads of the audit trail could not be added to the file that TIESAN_AUDIT_HEADS names:"
        " see whether it is there and may be written. Nothing else is affected."
    ),
}


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run as a line shows it."""

    run: JobRun
    title: str
    place: str
    result: str


def job_titles() -> dict[str, str]:
    """Return the jobs with what they are called."""
    runner: Runner = current_app.extensions["runner"]
    return {name: str(job.title) for name, job in runner.jobs.items()}


def title_of(run: JobRun) -> str:
    """Return what the job of a run is called."""
    return job_titles().get(run.job, run.job)


def place_of(run: JobRun) -> str:
    """Return for which districts a run is."""
    if run.district is not None:
        return run.district.name
    number = len(run.given.get("districts", ()))
    if number:
        return ngettext("%(num)d district", "%(num)d districts", number)
    return _("Installation")


def state_of(run: JobRun) -> str:
    """Return where a run stands."""
    return str(STATES[State(run.state)])


def reason_of(run: JobRun) -> str:
    """Return why a run has failed so far; an empty text when it has not."""
    if run.state in (State.DONE, State.COVERED) or not run.attempts:
        return ""
    reason = run.outcome.get(FAILED)
    if reason is not None:
        return str(_REASONS.get(reason, reason))
    lines = run.output.splitlines()
    return lines[-1] if lines else ""


def covered_days(run: JobRun) -> str:
    """Return the missed days that a run made up for; an empty text when there are none."""
    if run.covers_from == run.day:
        return ""
    last = date.fromordinal(run.day.toordinal() - 1)
    return _("Also for the missed days from %(first)s to %(last)s",
             first=day(run.covers_from), last=day(last))  # fmt: skip


def result_of(run: JobRun) -> str:
    """Return in one line what a run did, and for which days, without the flags."""
    if run.state != State.DONE:
        return reason_of(run)
    told = [_("As of %(day)s", day=day(as_of))] if (as_of := _as_of(run)) else []
    return " · ".join([*told, *filter(None, [covered_days(run)]), *_unknown(run), *_sent(run),
                       *_saved(run)])  # fmt: skip


def _as_of(run: JobRun) -> date | None:
    text = run.outcome.get("as_of")
    return None if text is None else date.fromisoformat(text)


def _unknown(run: JobRun) -> Iterator[str]:
    number = run.outcome.get("not_evaluated", 0)
    if number:
        yield ngettext("%(num)d rule was not evaluated.", "%(num)d rules were not evaluated.",
                       number)  # fmt: skip


def _sent(run: JobRun) -> Iterator[str]:
    numbers = run.outcome.get(SENDINGS, {})
    if numbers:
        sent = numbers.get("sent", 0)
        yield _("Sent: %(sent)d; not sent, or not known: %(others)d",
                sent=sent, others=sum(numbers.values()) - sent)  # fmt: skip


def _saved(run: JobRun) -> Iterator[str]:
    if run.job == BACKUP.name:
        megabytes = max(1, round(run.outcome.get("bytes", 0) / _MEGABYTE))
        yield _("%(name)s, %(size)d MB", name=run.outcome.get("archive", ""), size=megabytes)


def run_messages(run: JobRun) -> Iterator[tuple[str, str]]:
    """Yield what is said of an evaluation that has ended, each with its category.

    Flags are counted as far as the viewer may see them.
    """
    if run.state != State.DONE:
        yield "warning", _("The evaluation failed; it is tried again in a few minutes.")
        return
    if "at" not in run.outcome:
        # It evaluated nothing; the page that asked for it says what came of it.
        return
    numbers = _flags_of(run)
    raised = numbers.get("raised", 0) + numbers.get("raised_again", 0)
    yield "success", _("Evaluated up to now: %(raised)d flags raised, %(cleared)d cleared.",
                       raised=raised, cleared=numbers.get("cleared", 0))  # fmt: skip
    for text in _unknown(run):
        yield "warning", text


def _flags_of(run: JobRun) -> Mapping[str, int]:
    """How many flags a run raised and cleared: each step of their history has its moment."""
    at = datetime.fromisoformat(run.outcome["at"])
    statement = (
        select(FlagEvent.verb, func.count(FlagEvent.id))
        .join(Flag, FlagEvent.flag_id == Flag.id)
        .where(FlagEvent.at == at)
        .group_by(FlagEvent.verb)
    )
    districts = [run.district_id] if run.district_id else run.given.get("districts", [])
    rows = db.session.execute(statement.where(Flag.district_id.in_(districts)))
    return dict(rows.all())


def flags_line(run: JobRun) -> str:
    """Return how many flags a run raised and cleared, as far as the viewer may see them."""
    if "at" not in run.outcome:
        return ""
    numbers = _flags_of(run)
    raised = numbers.get("raised", 0) + numbers.get("raised_again", 0)
    return _("%(raised)d flags raised, %(cleared)d cleared",
             raised=raised, cleared=numbers.get("cleared", 0))  # fmt: skip


def failed_runs() -> list[RunLine]:
    """Return the runs that wait for a person, as far as the viewer may see them."""
    failed = select(JobRun).where(JobRun.state == State.FAILED.value)
    organization = table_of(Organization)
    ordered = failed.outerjoin(organization, JobRun.district_id == organization.c.id).order_by(
        JobRun.day.desc(), organization.c.code
    )
    return [
        RunLine(run, title_of(run), place_of(run), reason_of(run))
        for run in db.session.scalars(ordered)
    ]
