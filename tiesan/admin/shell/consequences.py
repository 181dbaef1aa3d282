"""Evaluating at once what a saved record touches, and saying so on the next page."""

from collections.abc import Iterable
from datetime import date

from flask import current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.clock import now, today
from tiesan.engine.deciding import Engine
from tiesan.extensions import db
from tiesan.flags.evaluation import LiveResult, Task, evaluate_touched
from tiesan.flags.models import Flag
from tiesan.i18n import _, current_language, ngettext
from tiesan.records.base import Concerned
from tiesan.scheduler.asking import ask_evaluation
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.runner import Runner
from tiesan.words.runs import run_messages

_MOST_NAMED = 3


def _task(judged_until: date | None = None) -> Task:
    """A live evaluation, by default up to the last day that a district was judged whole."""
    engine: Engine = current_app.extensions["engine"]
    return Task(
        actor=current_viewer().actor,
        catalog=installed(),
        decide=engine.decide,
        as_of=today(),
        judged_until=judged_until,
        now=now(),
    )


def _whole_session() -> Session:
    """A session that sees everything: what the viewer may see does not narrow an evaluation.

    The request's own transaction ends here. It has nothing left to store, and would keep the
    evaluation from writing and itself from seeing what the evaluation wrote.
    """
    db.session.rollback()
    return Session(db.engine)


def evaluate_saved(kind: str, concerned: Concerned) -> None:
    """Evaluate what a change of a record touches, and flash what came of it.

    The record is committed already, so that a failure here does not lose it.
    """
    try:
        with _whole_session() as session:
            result = evaluate_touched(session, _task(), kind, concerned)
    except OperationalError as error:
        _tell_busy(error)
        return
    tell(result)


def _tell_busy(error: OperationalError) -> None:
    current_app.logger.error("what was saved was not evaluated", exc_info=error)
    flash(_("Saved, but not evaluated: the database was busy."), "warning")


def want_evaluation(district_ids: Iterable[int], *, judged_until: date | None = None) -> int | None:
    """Ask for an evaluation of whole districts in the request's own transaction.

    What was not done is judged up to a day, by default the last that was judged whole before.
    Returns the id of its run, None for no districts. The caller commits, and then follows the run:
    should the process end in between, it is run all the same.
    """
    wanted = set(district_ids)
    if not wanted:
        return None
    run = ask_evaluation(
        current_viewer().actor, db.session(), wanted, judged_until=judged_until, now=now()
    )
    return run.id


def follow(run_id: int | None, then: str) -> ResponseReturnValue:
    """Have a run done in the background, and go to ``then`` when that takes no time.

    Otherwise the answer is the page on which its progress can be watched, and which leads there.
    """
    if run_id is None:
        return redirect(then)
    # A session that is not let go of would keep what it has seen, and its connection.
    db.session.rollback()
    runner: Runner = current_app.extensions["runner"]
    if not runner.call_for(run_id, current_app.config["PATIENCE_SECONDS"]):
        return redirect(url_for("operation.details_view", id=run_id, then=then))
    run = db.session.get(JobRun, run_id)
    if run is not None:
        for category, text in run_messages(run):
            flash(text, category)
    return redirect(then)


def tell(result: LiveResult) -> None:
    """Flash the flags that a change raised and cleared, as far as the viewer may see them."""
    raised = flag_links(result.changes.raised)
    if raised:
        text = ngettext("%(num)d new suspected flag:", "%(num)d new suspected flags:", len(raised))
        links = Markup(" ").join(raised[:_MOST_NAMED])
        more = _("and more") if len(raised) > _MOST_NAMED else ""
        flash(Markup("{} {} {}").format(text, links, more), "flag")
    number = _visible(result.changes.cleared)
    if number:
        flash(ngettext("%(num)d flag cleared.", "%(num)d flags cleared.", number), "success")
    if result.not_evaluated:
        rules = ", ".join(sorted({each.rule for each in result.not_evaluated}))
        flash(_("Not evaluated: %(rules)s", rules=rules), "warning")


def _visible(ids: Iterable[int]) -> int:
    """How many of these flags the viewer may see: a number tells of the others too."""
    statement = select(func.count()).select_from(Flag).where(Flag.id.in_(ids))
    return db.session.scalar(statement) or 0


def flag_links(ids: Iterable[int]) -> list[Markup]:
    """Return what these flags say, as links to those among them that the viewer may see."""
    statement = select(Flag).where(Flag.id.in_(ids)).order_by(Flag.id)
    return [_link(flag) for flag in db.session.scalars(statement)]


def _link(flag: Flag) -> Markup:
    url = url_for("flag.details_view", id=flag.id)
    message = flag.message_en if current_language() == "en" else flag.message_zh
    return Markup('<a href="{}">{}</a>').format(escape(url), message)
