"""The log of what serves and of what runs jobs: on standard error, as lines or as JSON objects."""

import logging
import sys
from typing import Any

import click

from tiesan.admin.shell.request_log import JsonLine, LogLine
from tiesan.i18n import _, current_language, use_language
from tiesan.scheduler.claims import Claim, Ended
from tiesan.scheduler.runner import Runner, Told

log = logging.getLogger("tiesan.runs")


def write_log(form: str) -> None:
    """Write the log to standard error: ``text``, ``json``, or only errors with ``off``."""
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(JsonLine() if form == "json" else LogLine())
    logging.getLogger().addHandler(lines)
    for name in ("tiesan.requests", "tiesan.runs"):
        logging.getLogger(name).setLevel(logging.WARNING if form == "off" else logging.INFO)


def telling(runner: Runner, form: str) -> Told:
    """Return what tells of each run that begins and ends: a line for persons, or an object."""
    return _log_run if form == "json" else _printing(runner)


def _log_run(claim: Claim, ended: Ended | None) -> None:
    """Log that a run has begun or ended; what it said is in the database and may name persons."""
    state = "begun" if ended is None else "done" if ended.well else "not finished"
    fields: dict[str, Any] = {"run": claim.run_id, "job": claim.job, "state": state}
    if ended is not None:
        fields["peak_memory_kb"] = ended.peak_memory_kb
    # It may have been given back by a process that was told to stop.
    level = logging.WARNING if state == "not finished" else logging.INFO
    log.log(level, "run %d %s: %s", claim.run_id, state, claim.job, extra={"fields": fields})


def _printing(runner: Runner) -> Told:
    """Return what prints a line for each run, in the present language."""
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
