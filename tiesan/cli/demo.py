"""`tiesan demo`: fill an empty database with fictitious districts, their records and accounts."""

from dataclasses import dataclass
from datetime import timedelta

import click
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from tiesan.app import create_app
from tiesan.audit import Actor
from tiesan.cli.evaluate import NOT_EVALUATED, Asked, progress, run
from tiesan.cli.output import warn_not_evaluated
from tiesan.cli.stored import stored_session
from tiesan.clock import now, today
from tiesan.config import database_url, instance_folder
from tiesan.courses.installed import running_courses
from tiesan.database import make_engine
from tiesan.demo.accounts import PASSWORD, demo_accounts
from tiesan.demo.filling import fill, is_empty
from tiesan.demo.history import History
from tiesan.demo.plan import SEED, DemoPlan, large_districts, small_district
from tiesan.demo.told import read_older
from tiesan.demo.working_day import WorkingDay
from tiesan.discovery import load_plugins
from tiesan.flags.evaluation import Outcome
from tiesan.i18n import _, _l, ngettext
from tiesan.migrate import upgrade_all
from tiesan.records.attachments.store import FileStore

_ACTOR = Actor(None, "command line", "demo")
_POSITIVE = click.IntRange(min=1)


@dataclass(frozen=True)
class _Wanted:
    """What was asked for: without a number of districts, the small one for trying."""

    districts: int | None
    size: int
    years: int
    seed: int

    def plan(self) -> DemoPlan:
        """The plan as of today."""
        day = today()
        if self.districts is None:
            return small_district(day, seed=self.seed)
        return large_districts(
            self.districts, day, size=self.size, years=self.years, seed=self.seed
        )


@click.command(
    help=_l(
        "Fill an empty database with a fictitious district, its records since January 1 of last"
        " year and accounts for each role. Everybody knows the accounts' password: use it only"
        " where nobody else can reach the application."
    ),
    short_help=_l("Fill an empty database with a fictitious district."),
)
@click.option(
    "--districts",
    type=_POSITIVE,
    help=_l("Instead, so many districts of 110 cadres with a year of records, for measuring."),
)
@click.option("--if-empty", is_flag=True, help=_l("Do nothing when there are records already."))
@click.option("--seed", type=int, default=SEED, show_default=True, help=_l("Seed of chance."))
@click.option("--quiet", is_flag=True, help=_l("Print nothing."))
@click.option("--evaluate/--no-evaluate", default=True, help=_l("Whether to raise the flags."))
@click.option("--size", type=_POSITIVE, default=1, hidden=True)
@click.option("--years", type=_POSITIVE, default=1, hidden=True)
def command(  # noqa: PLR0913 - one argument per option
    districts: int | None,
    *,
    if_empty: bool,
    seed: int,
    quiet: bool,
    evaluate: bool,
    size: int,
    years: int,
) -> None:
    """Fill, evaluate as of yesterday, and say how to sign in."""
    _create_tables()
    with stored_session() as session:
        if if_empty and not is_empty(session):
            if not quiet:
                click.echo(_("There are records already; nothing was done."))
        else:
            session.rollback()
            _fill(session, _Wanted(districts, size, years, seed), evaluate=evaluate, quiet=quiet)
        if not quiet:
            _print_accounts(session)


def _create_tables() -> None:
    """Create the schema in a database without any table; any other one stays as it is."""
    engine = make_engine(database_url())
    try:
        if not inspect(engine).get_table_names():
            upgrade_all(engine, load_plugins())
    finally:
        engine.dispose()


def _fill(session: Session, wanted: _Wanted, *, evaluate: bool, quiet: bool) -> None:
    plan = wanted.plan()
    with progress(_("Writing"), plan.districts, quiet=quiet) as advance:
        counts = fill(_ACTOR, session, plan, load_plugins(), now=now(), progress=advance)
        session.commit()
    if not quiet:
        number = sum(counts.values())
        text = ngettext("%(num)d row written.", "%(num)d rows written.", number)
        click.echo(text)
    if not evaluate:
        return
    judge = _judge_and_answer if wanted.districts is None else _judge
    outcome = judge(session, plan, quiet=quiet)
    if not quiet:
        click.echo(ngettext("%(num)d flag raised.", "%(num)d flags raised.", len(outcome.hits)))
    entries = [entry for _district, entry in outcome.not_evaluated]
    warn_not_evaluated(entries)
    if entries:
        raise click.exceptions.Exit(NOT_EVALUATED)


def _judge(session: Session, plan: DemoPlan, *, quiet: bool) -> Outcome:
    return run(session, Asked(plan.today - timedelta(days=1), now()), quiet=quiet)


def _judge_and_answer(session: Session, plan: DemoPlan, *, quiet: bool) -> Outcome:
    """Let the small district judge on some days, and its people answer in between."""
    # Who may see and do what is asked as the pages ask it.
    with create_app().app_context():
        History(session, plan.today).unfold(
            lambda day, moment: run(session, Asked(day, moment), quiet=quiet)
        )
        kinds = {each.record_kind.name: each for each in load_plugins().records}
        store = FileStore(instance_folder())
        WorkingDay(session, plan.today, now(), running_courses(), store, kinds).unfold()
    read_older(session, plan.today)
    session.commit()
    return _judge(session, plan, quiet=quiet)


def _print_accounts(session: Session) -> None:
    accounts = demo_accounts(session)
    if accounts:
        click.echo(_("Accounts to sign in with (password: %(password)s):", password=PASSWORD))
    for each in accounts:
        click.echo(f"  {each.username:<12}{each.title}")
