"""`tiesan scheduler`: run what is due, looking every minute, until it is told to stop."""

import signal

import click

from tiesan.cli.log_lines import telling, write_log
from tiesan.cli.stored import ended_by_sigterm, stored_session
from tiesan.clock import now
from tiesan.config import database_url
from tiesan.i18n import _, _l
from tiesan.scheduler.beat import Beat
from tiesan.scheduler.jobs import installed_jobs
from tiesan.scheduler.runner import Runner


@click.command(help=_l("Run what is due, looking every minute, until it is stopped."))
@click.option(
    "--log",
    type=click.Choice(["text", "json", "off"]),
    default="text",
    show_default=True,
    help=_l("How runs and errors are logged."),
)
def command(log: str) -> None:
    """Beat until an interrupt or SIGTERM; what runs then is given back."""
    with stored_session():
        # The database is there and up to date.
        pass
    write_log(log)
    runner = Runner(database_url(), installed_jobs(), now)
    runner.told = telling(runner, log)
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
