"""`tiesan run-due`: run what is due now, and end; for cron."""

from collections.abc import Iterable, Sequence

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.cli import NOT_EVALUATED
from tiesan.cli.stored import ended_by_sigterm, stored_session
from tiesan.clock import now
from tiesan.config import database_url
from tiesan.i18n import _, _l, ngettext
from tiesan.people.models import Organization
from tiesan.records.kinds import table_of
from tiesan.scheduler.jobs import Job, installed_jobs
from tiesan.scheduler.models import JobRun, State
from tiesan.scheduler.runner import Runner


@click.command(
    help=_l("Run what is due now, and end; for cron, where no scheduler runs."),
    short_help=_l("Run what is due now, and end."),
)
@click.option("--quiet", is_flag=True, help=_l("Say only what failed or was not evaluated."))
def command(*, quiet: bool) -> None:
    """Plan and run; exit status 3 when something failed or was not evaluated."""
    with stored_session() as session:
        session.rollback()
        runner = Runner(database_url(), installed_jobs(), now)
        with ended_by_sigterm():
            ids = _run(runner)
        runs = session.scalars(select(JobRun).where(JobRun.id.in_(ids)).order_by(JobRun.id)).all()
        for run in runs:
            _say(session, runner.jobs[run.job], run, quiet=quiet)
    if any(not _is_well(run) for run in runs):
        raise click.exceptions.Exit(NOT_EVALUATED)


def _run(runner: Runner) -> Sequence[int]:
    """Run what is due; an interrupt gives back what is running."""
    try:
        runner.plan()
        return [claim.run_id for claim, _ended in runner.run_due()]
    finally:
        runner.close()


def _is_well(run: JobRun) -> bool:
    return run.state == State.DONE and not run.outcome.get("not_evaluated")


def _say(session: Session, job: Job, run: JobRun, *, quiet: bool) -> None:
    if quiet and _is_well(run):
        return
    organization = table_of(Organization)
    named = select(organization.c.code).where(organization.c.id == run.district_id)
    place = session.scalar(named) or _("installation")
    text = ": ".join([f"{run.day.isoformat()} {job.title}", place, _ended(run)])
    click.echo("\n".join([text, *_indented(run.output)]), err=not _is_well(run))


def _ended(run: JobRun) -> str:
    if run.state != State.DONE:
        return _("failed, attempt %(number)d", number=run.attempts)
    number = run.outcome.get("not_evaluated", 0)
    if number:
        return ngettext("%(num)d rule was not evaluated.", "%(num)d rules were not evaluated.",
                        number)  # fmt: skip
    return _("done")


def _indented(output: str) -> Iterable[str]:
    return (f"    {line}" for line in output.splitlines())
