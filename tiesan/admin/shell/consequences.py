"""Evaluating at once what a saved record touches, and saying so on the next page."""

from collections.abc import Iterable
from datetime import date, timedelta

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tiesan.access.clearing import OwnFlags, own_flags
from tiesan.access.installation import installed, rule_problems
from tiesan.access.viewer import current_viewer
from tiesan.admin.shell.protection import needs_nothing_stored
from tiesan.audit import COMMAND_LINE, Actor
from tiesan.clock import now, today
from tiesan.engine.deciding import Engine
from tiesan.extensions import db
from tiesan.flags.evaluation import LiveResult, Task, evaluate_pending, pending_ids
from tiesan.flags.models import Flag
from tiesan.i18n import _, current_language, ngettext
from tiesan.records.pending import leave_to_whole, take_awaited
from tiesan.scheduler.asking import ask_evaluation
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.runner import Runner
from tiesan.words.runs import run_messages

_MOST_NAMED = 3
# Databases limit the number of values in one statement.
_MOST_AT_ONCE = 500
# Nobody evaluates what was saved for so long.
_GONE_AFTER = timedelta(seconds=60)
_LEFT_OVER = "left over evaluations"


def live_task(actor: Actor, judged_until: date | None = None) -> Task:
    """Return a live evaluation, by default up to the last day that a district was judged whole."""
    engine: Engine = current_app.extensions["engine"]
    return Task(
        actor=actor,
        catalog=installed(),
        decide=engine.decide,
        as_of=today(),
        judged_until=judged_until,
        now=now(),
    )


def watch_own_flags() -> OwnFlags:
    """Return the viewer's own flags as they stand before a change of theirs; see ``refuse_own``."""
    return own_flags(db.session.connection(), live_task(current_viewer().actor), current_viewer())


def refuse_own(watched: OwnFlags) -> None:
    """Raise UserError if what the request has changed clears a flag of the viewer's own."""
    db.session.flush()
    watched.refuse_cleared(db.session.connection())


def _whole_session() -> Session:
    """A session that sees everything: what the viewer may see does not narrow an evaluation.

    The request's own transaction ends here. It has nothing left to store, and would keep the
    evaluation from writing and itself from seeing what the evaluation wrote.
    """
    db.session.rollback()
    return Session(db.engine)


def evaluate_saved() -> None:
    """Evaluate what the request has stored, and flash what came of it.

    Everything is committed already, and written down as still to be evaluated, so that a failure
    here loses neither: the next request makes up for it.
    """
    awaited = take_awaited(db.session())
    if not awaited:
        return
    if rule_problems():
        _remember_left_over()
        flash(_("Saved, but not evaluated: the rule files are wrong."), "warning")
        return
    try:
        with _whole_session() as session:
            result = evaluate_pending(session, live_task(current_viewer().actor), awaited)
    except OperationalError as error:
        _tell_busy(error)
        return
    if result.not_evaluated:
        _remember_left_over()
    tell(result)


def work_off_left_over() -> None:
    """Evaluate what an earlier request, or a process that was killed, did not come to.

    A process looks for it with its first request and after a failure of its own, and otherwise for
    what has been waiting for so long that whoever wrote it must be gone. What somebody else is
    evaluating is left to them.
    """
    if request.endpoint is None or needs_nothing_stored() or rule_problems():
        return
    mine = current_app.extensions.pop(_LEFT_OVER, True)
    current_app.extensions[_LEFT_OVER] = False
    try:
        with Session(db.engine) as session:
            ids = pending_ids(session, None if mine else now() - _GONE_AFTER)
            session.rollback()
            # What is evaluated is ascribed to who made the change.
            task = live_task(COMMAND_LINE)
            if ids and evaluate_pending(session, task, ids, patient=False).incomplete:
                _remember_left_over()
    except OperationalError:
        current_app.logger.exception("what is still to be evaluated was not")
        _remember_left_over()


def _remember_left_over() -> None:
    current_app.extensions[_LEFT_OVER] = True


def _tell_busy(error: OperationalError) -> None:
    _remember_left_over()
    current_app.logger.error("what was saved was not evaluated", exc_info=error)
    flash(_("Saved, but not evaluated: the database was busy."), "warning")


def want_evaluation(
    district_ids: Iterable[int] = (), *, judged_until: date | None = None
) -> int | None:
    """Ask for an evaluation of whole districts in the request's own transaction.

    They are those of what the request has changed, and ``district_ids``. What was not done is
    judged up to a day, by default the last that was judged whole before. Returns the id of the run,
    None for no districts. The caller commits, and then follows the run: should the process end in
    between, it is run all the same.
    """
    if rule_problems():
        flash(_("Not evaluated: the rule files are wrong."), "error")
        return None
    # What the request has changed is evaluated by the run, and by no request before it.
    changed = leave_to_whole(db.session(), take_awaited(db.session()))
    wanted = changed.union(district_ids)
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
    found: list[Flag] = []
    ordered = sorted(ids)
    for start in range(0, len(ordered), _MOST_AT_ONCE):
        some = Flag.id.in_(ordered[start : start + _MOST_AT_ONCE])
        found.extend(db.session.scalars(select(Flag).where(some).order_by(Flag.id)))
    return [_link(flag) for flag in found]


def _link(flag: Flag) -> Markup:
    url = url_for("flag.details_view", id=flag.id)
    message = flag.message_en if current_language() == "en" else flag.message_zh
    return Markup('<a href="{}">{}</a>').format(escape(url), message)
