"""`tiesan evaluate`: evaluate every enabled rule, store the flags, print those that are active."""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import click
from sqlalchemy.orm import Session

from tiesan.audit import COMMAND_LINE
from tiesan.calendar.working_days import FIRST_YEAR, LAST_YEAR
from tiesan.cli.output import (
    FORMATS,
    as_json,
    check_output,
    flag_entry,
    flags_as_csv,
    flags_as_table,
    not_evaluated_entry,
    warn_not_evaluated,
    with_not_evaluated,
    write,
)
from tiesan.cli.stored import stored_session
from tiesan.clock import now, today
from tiesan.engine.deciding import Engine
from tiesan.errors import UserError
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.evaluate import Outcome, Task, districts, evaluate_installation
from tiesan.i18n import _, _l, ngettext

NOT_EVALUATED = 3
DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.command(
    help=_l("Evaluate every enabled rule, store the flags and print the active ones."),
    short_help=_l("Evaluate every enabled rule, print the active flags."),
)
@click.option(
    "--as-of",
    type=DATE,
    help=_l("Judge the whole of this day (YYYY-MM-DD); default: yesterday in Asia/Shanghai."),
)
@click.option("--format", "shape", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, writable=True), help=_l("Write here."))
@click.option("--quiet", is_flag=True, help=_l("No progress and no summary."))
def command(as_of: datetime | None, shape: str, output: str | None, *, quiet: bool) -> None:
    """Evaluate and print; exit status 3 when something was not evaluated."""
    day = today() - timedelta(days=1) if as_of is None else judged_day(as_of)
    check_output(output)
    begun = time.perf_counter()
    with stored_session() as session:
        outcome = run(session, day, quiet=quiet)
    seconds = round(time.perf_counter() - begun, 3)
    entries = [entry for _district, entry in outcome.not_evaluated]
    text = _printed(outcome, shape, seconds)
    if shape == "table" and output is not None:
        text = with_not_evaluated(text, entries)
    write(text, output, marked=shape == "csv")
    if not quiet and shape == "table":
        _summarize(outcome, seconds)
    warn_not_evaluated(entries)
    if entries:
        raise click.exceptions.Exit(NOT_EVALUATED)


def judged_day(given: datetime) -> date:
    """The day that a command line names; raises UserError for one that no calendar reaches."""
    if not FIRST_YEAR <= given.year <= LAST_YEAR:
        text = _("%(day)s lies outside the calendar; allowed: the years %(first)d to %(last)d")
        named = {"day": given.date().isoformat(), "first": FIRST_YEAR, "last": LAST_YEAR}
        raise UserError(text % named)
    return given.date()


def run(session: Session, day: date, *, quiet: bool) -> Outcome:
    """Evaluate the installation as of the end of a day, with a progress bar on a terminal."""
    engine = Engine()
    task = Task(
        actor=COMMAND_LINE,
        catalog=installed_catalog(),
        decide=engine.decide,
        as_of=day,
        judged_until=day,
        now=now(),
    )
    number = len(districts(session))
    session.rollback()
    try:
        with progress(_("Evaluating"), number, quiet=quiet) as advance:
            return evaluate_installation(session, task, progress=advance)
    finally:
        engine.close()


@contextmanager
def progress(label: str, number: int, *, quiet: bool) -> Generator[Callable[[str], None]]:
    """A progress bar on standard error when that is a terminal; otherwise nothing."""
    if quiet or not sys.stderr.isatty():
        yield lambda _step: None
        return
    with click.progressbar(length=number, label=label, file=sys.stderr) as bar:
        yield lambda _step: bar.update(1)


def _printed(outcome: Outcome, shape: str, seconds: float) -> str:
    if shape == "json":
        return as_json(_as_json(outcome, seconds))
    hits = outcome.hits
    return flags_as_csv(hits) if shape == "csv" else flags_as_table(hits)


def _as_json(outcome: Outcome, seconds: float) -> dict[str, object]:
    hits, every = outcome.hits, outcome.districts
    summary = {
        "facts": sum(each.evaluation.facts for each in every),
        "rules": max((each.rules for each in every), default=0),
        "flags": len(hits),
        "added": sum(len(each.changes.raised) for each in every),
        "cleared": sum(each.changes.cleared for each in every),
        "settled_before": sum(each.evaluation.settled_before for each in every),
        "seconds": seconds,
    }
    return {
        "as_of": outcome.as_of.isoformat(),
        "flags": [flag_entry(hit) for hit in hits],
        "not_evaluated": [not_evaluated_entry(entry) for _code, entry in outcome.not_evaluated],
        "stored": outcome.stored,
        "summary": summary,
    }


def _summarize(outcome: Outcome, seconds: float) -> None:
    number = len(outcome.hits)
    added = sum(len(each.changes.raised) for each in outcome.districts)
    cleared = sum(each.changes.cleared for each in outcome.districts)
    named = {"day": outcome.as_of.isoformat(), "added": added, "cleared": cleared}
    text = ngettext(
        "As of %(day)s: %(num)d flag; %(added)d raised, %(cleared)d cleared.",
        "As of %(day)s: %(num)d flags; %(added)d raised, %(cleared)d cleared.",
        number,
        **named,
    )
    click.echo(f"{text} ({seconds} s)", err=True)
    for each in outcome.districts:
        if not each.stored:
            text = _("%s: a later day has been evaluated already, so this answer was not stored.")
            click.echo(text % each.district, err=True)
