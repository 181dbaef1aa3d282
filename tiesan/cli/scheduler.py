"""`tiesan scheduler`: run what is due, looking every minute, until it is told to stop."""

import signal

import click

from tiesan.cli.stored import ended_by_sigterm, stored_session
from tiesan.clock import now
from tiesan.config import database_url
from tiesan.i18n import _, _l, current_language, use_language
from tiesan.scheduler.beat import Beat
from tiesan.scheduler.claims import Claim, Ended
from tiesan.scheduler.jobs import installed_jobs
from tiesan.scheduler.runner import Runner, Told


def telling(runner: Runner) -> Told:
    """Return what prints a line for each run that begins and ends, in the present language."""
    language = current_language()

    def told(claim: Claim, ended: Ended | None) -> None:
        # It is told in a thread, which knows no language.
        with use_language(language):
            named = {"number": claim.run_id, "job": runner.jobs[claim.job].title}
            if ended is None:
                text = _("Run %(number)d has begun: %(job)s", **named)
            elif ended.well:
                text = _("Run %(number)d is done: %(job)s", **named)
            else:
                text = _("Run %(number)d was not finished: %(job)s", **named)
            click.echo(text)

    return told


@click.command(help=_l("Run what is due, looking every minute, until it is stopped."))
def command() -> None:
    """Beat until an interrupt or SIGTERM; what runs then is given back."""
    with stored_session():
        # The database is there and up to date.
        pass
    runner = Runner(database_url(), installed_jobs(), now)
    runner.told = telling(runner)
    beat = Beat(runner)
    with ended_by_sigterm():
        try:
            beat.start()
            click.echo(_("Looking every minute for what is due. Stop with Ctrl-C."))
            while True:
                signal.pause()
        except KeyboardInterrupt:
            pass
        finally:
            beat.stop()
            runner.close()
    click.echo(_("Stopped."))
