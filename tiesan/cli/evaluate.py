"""`tiesan evaluate`: evaluate every enabled rule, store the flags, print those that are active."""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
from tiesan.clock import day_of, now
from tiesan.database import begin_writing
from tiesan.engine.deciding import Engine
from tiesan.errors import UserError
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.evaluation import (
    DistrictOutcome,
    Outcome,
    Task,
    districts,
    evaluate_installation,
    evaluate_pending,
    pending_ids,
    standings,
)
from tiesan.i18n import _, _l, ngettext
from tiesan.scheduler.asking import take_back

NOT_EVALUATED = 3
DATE = click.DateTime(formats=["%Y-%m-%d"])


@dataclass(frozen=True)
class Asked:
    """What a command line asks: the whole of a day (None: yesterday), at a moment.

    ``ahead`` stores a day to come; ``back`` brings districts back to yesterday.
    """

    day: date | None
    moment: datetime
    ahead: bool = False
    back: bool = False

    @property
    def today(self) -> date:
        """The running day."""
        return day_of(self.moment)

    def task(self, engine: Engine) -> Task:
        """The task; leading back, the running day is known and yesterday the last one judged."""
        judged = self.today - timedelta(days=1) if self.day is None else self.day
        return Task(
            actor=COMMAND_LINE,
            catalog=installed_catalog(),
            decide=engine.decide,
            as_of=self.today if self.back else judged,
            judged_until=judged,
            now=self.moment,
            ahead=self.ahead,
            back=self.back,
        )


@click.command(
    help=_l("Evaluate every enabled rule, store the flags and print the active ones."),
    short_help=_l("Evaluate every enabled rule, print the active flags."),
)
@click.option(
    "--as-of",
    type=DATE,
    help=_l("Judge the whole of this day (YYYY-MM-DD); default: yesterday in Asia/Shanghai."),
)
@click.option("--ahead", is_flag=True, help=_l("Store a day to come too (for trials on a copy)."))
@click.option(
    "--back",
    is_flag=True,
    help=_l("Bring each district whose stored day lies in the future back to yesterday."),
)
@click.option("--format", "shape", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, writable=True), help=_l("Write here."))
@click.option("--quiet", is_flag=True, help=_l("No progress and no summary."))
def command(
    as_of: datetime | None,
    shape: str,
    output: str | None,
    *,
    ahead: bool,
    back: bool,
    quiet: bool,
) -> None:
    """Evaluate and print; exit status 3 when something was not evaluated or could not be stored."""
    if back and (as_of is not None or ahead):
        raise click.UsageError(_("--back goes with neither --as-of nor --ahead."))
    asked = Asked(None if as_of is None else judged_day(as_of), now(), ahead=ahead, back=back)
    check_output(output)
    begun = time.perf_counter()
    with stored_session() as session:
        outcome = run(session, asked, quiet=quiet)
    seconds = round(time.perf_counter() - begun, 3)
    entries = [entry for _district, entry in outcome.not_evaluated]
    text = _printed(outcome, shape, seconds)
    if shape == "table" and output is not None:
        text = with_not_evaluated(text, entries)
    write(text, output, marked=shape == "csv")
    if not quiet and shape == "table":
        _summarize(outcome, seconds)
    failed = as_of is None and not outcome.stored
    if failed or not quiet:
        _tell_stored(outcome, asked)
    _tell_new_rules(outcome)
    warn_not_evaluated(entries)
    if entries or failed:
        raise click.exceptions.Exit(NOT_EVALUATED)


def judged_day(given: datetime) -> date:
    """The day that a command line names; raises UserError for one that no calendar reaches."""
    if not FIRST_YEAR <= given.year <= LAST_YEAR:
        text = _("%(day)s lies outside the calendar; allowed: the years %(first)d to %(last)d")
        named = {"day": given.date().isoformat(), "first": FIRST_YEAR, "last": LAST_YEAR}
        raise UserError(text % named)
    return given.date()


def run(session: Session, asked: Asked, *, quiet: bool) -> Outcome:
    """Evaluate the installation, with a progress bar on a terminal."""
    engine = Engine()
    only = None
    number = len(districts(session))
    if asked.back:
        found = standings(session, asked.today)
        only = [each.district_id for each in found if each.is_ahead]
        number = len(only)
        session.rollback()
        # Days with a run count as done: until it is forgotten, no night up to it would be judged.
        begin_writing(session)
        take_back(COMMAND_LINE, session, now=asked.moment)
        session.commit()
    session.rollback()
    try:
        with progress(_("Evaluating"), number, quiet=quiet) as advance:
            task = asked.task(engine)
            outcome = evaluate_installation(session, task, only=only, progress=advance)
        if asked.day is None:
            # What was saved since is of a day that was not judged.
            live = replace(task, as_of=asked.today, judged_until=None, back=False)
            ids = pending_ids(session)
            session.rollback()
            evaluate_pending(session, live, ids)
        return outcome
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
    every = outcome.districts
    flags = [flag_entry(hit) | {"review": review} for hit, review in outcome.reviewed]
    summary = {
        "facts": sum(each.evaluation.facts for each in every),
        "rules": max((each.rules for each in every), default=0),
        "flags": len(flags),
        "added": sum(len(each.changes.raised) for each in every),
        "cleared": sum(len(each.changes.cleared) for each in every),
        "new_rules": any(each.new_rules for each in every),
        "settled_before": sum(each.evaluation.settled_before for each in every),
        "seconds": seconds,
    }
    return {
        "as_of": outcome.as_of.isoformat(),
        "flags": flags,
        "not_evaluated": [not_evaluated_entry(entry) for _code, entry in outcome.not_evaluated],
        "stored": outcome.stored,
        "summary": summary,
    }


def _summarize(outcome: Outcome, seconds: float) -> None:
    number = len(outcome.hits)
    added = sum(len(each.changes.raised) for each in outcome.districts)
    cleared = sum(len(each.changes.cleared) for each in outcome.districts)
    named = {"day": outcome.as_of.isoformat(), "added": added, "cleared": cleared}
    text = ngettext(
        "As of %(day)s: %(num)d flag; %(added)d raised, %(cleared)d cleared.",
        "As of %(day)s: %(num)d flags; %(added)d raised, %(cleared)d cleared.",
        number,
        **named,
    )
    click.echo(f"{text} ({seconds} s)", err=True)


def _tell_stored(outcome: Outcome, asked: Asked) -> None:
    """Say of which districts the answer was not stored and why, and which were brought back."""
    if asked.back and not outcome.districts:
        click.echo(_("No district's stored day lies in the future."), err=True)
    for each in outcome.districts:
        back = _("%(district)s: brought back to %(day)s.")
        text = back if each.stored else _unstored(each, asked)
        if asked.back or not each.stored:
            day = asked.today - timedelta(days=1) if asked.back else each.whole_until
            named = {"district": each.district, "day": "" if day is None else day.isoformat()}
            click.echo(text % named, err=True)


def _tell_new_rules(outcome: Outcome) -> None:
    """Say, also to who wants it quiet, that other rules have judged last."""
    found = [each.district for each in outcome.districts if each.new_rules]
    if found:
        text = _("The rules are not those that judged last: %s") % ", ".join(found)
        click.echo(text, err=True)


def _unstored(district: DistrictOutcome, asked: Asked) -> str:
    """Why the answer for a district was not stored."""
    last = district.whole_until
    if last is not None and last > asked.today:
        return _(
            "%(district)s: the day that was stored last, %(day)s, lies in the future, so this"
            " answer was not stored; `tiesan evaluate --back` brings the district back to"
            " yesterday."
        )
    if asked.day is not None and asked.day > asked.today:
        return _(
            "%(district)s: the day has not come yet, so this answer was not stored;"
            " --ahead stores it all the same."
        )
    return _(
        "%(district)s: a later day (%(day)s) has been evaluated already, so this answer was not"
        " stored."
    )
