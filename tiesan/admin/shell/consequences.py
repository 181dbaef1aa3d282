"""Evaluating at once what a saved record touches, and saying so on the next page."""

import time
from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta

from flask import current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tiesan.access.clearing import Change, OwnFlags, own_flags
from tiesan.access.installation import installed, rule_problems
from tiesan.access.viewer import current_viewer
from tiesan.admin.shell.background import Background
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
from tiesan.trouble import Trouble, trouble_of
from tiesan.words.runs import run_messages

_MOST_NAMED = 3
# Databases limit the number of values in one statement.
_MOST_AT_ONCE = 500
# Nobody evaluates what was saved for so long.
_GONE_AFTER = timedelta(seconds=60)
_LEFT_OVER = "left over evaluations"


def live_task(actor: Actor, judged_until: date | None = None) -> Task:
    """Return a live evaluation, by default up to the last day that a district was judged whole.

    It does not wait for an engine that gives no answer for longer than a save may take: whoever
    evaluates keeps others from saving meanwhile.
    """
    engine: Engine = current_app.extensions["engine"]
    return Task(
        actor=actor,
        catalog=installed(),
        decide=engine.within(current_app.config["SAVE_SECONDS"]),
        as_of=today(),
        judged_until=judged_until,
        now=now(),
    )


def watch_own_flags(change: Change | None = None) -> OwnFlags:
    """Return the viewer's own flags as they stand before a change of theirs; see ``refuse_own``.

    ``change`` says of which kind the records are that are about to change, where no others do.
    """
    seconds_to_save()
    viewer = current_viewer()
    return own_flags(db.session.connection(), live_task(viewer.actor), viewer, change)


def refuse_own(watched: OwnFlags) -> None:
    """Raise UserError if what the request has changed clears a flag of the viewer's own."""
    db.session.flush()
    watched.refuse_cleared(db.session.connection())


def evaluate_saved() -> None:
    """Evaluate what the request has stored, and flash what came of it.

    Everything is committed already, and written down as still to be evaluated, so that a failure
    here loses neither: the next request makes up for it. What takes longer than a save may is done
    in the background, and said to be.
    """
    awaited = take_awaited(db.session())
    if not awaited:
        return
    if rule_problems():
        remember_left_over()
        flash(_("Saved, but not evaluated: the rule files are wrong."), "warning")
        return
    # The request has nothing left to store: its transaction would keep the evaluation from writing
    # and itself from seeing what that wrote.
    db.session.rollback()
    try:
        result = _evaluated(live_task(current_viewer().actor), awaited, seconds_to_save())
    except DBAPIError as error:
        _tell_trouble(error)
        return
    if result is None:
        # Should it not have been begun, or end with the process, somebody makes up for it.
        remember_left_over()
        flash(_("Saved. What follows from it is still being evaluated."), "warning")
        return
    tell(result)


def seconds_to_save() -> float:
    """Return for how long the request may still wait for what is done beside storing."""
    limit: float = current_app.config["SAVE_SECONDS"]
    if "saving_until" not in g:
        g.saving_until = time.monotonic() + limit
    until: float = g.saving_until
    return max(until - time.monotonic(), 0.0)


def _evaluated(
    task: Task, ids: Collection[int], seconds: float, *, patient: bool = True
) -> LiveResult | None:
    """Evaluate entries beside the request; None when that takes longer than so many seconds.

    It sees everything: what the viewer may see does not narrow an evaluation. What it leaves is
    remembered, also when nobody waits for it any more.
    """
    engine, leave = db.engine, remembering_left_over()

    def evaluate() -> LiveResult:
        try:
            with Session(engine) as session:
                result = evaluate_pending(session, task, ids, patient=patient)
        except DBAPIError:
            leave()
            raise
        if result.incomplete:
            leave()
        return result

    background: Background = current_app.extensions["background"]
    return background.wait_for(evaluate, seconds)


def work_off_left_over() -> None:
    """Evaluate what an earlier request, or a process that was killed, did not come to.

    A process looks for it with its first request and after a failure of its own, and otherwise for
    what has been waiting for so long that whoever wrote it must be gone. What somebody else is
    evaluating is left to them.
    """
    background: Background = current_app.extensions["background"]
    if request.endpoint is None or needs_nothing_stored() or rule_problems():
        return
    if background.is_at_work:
        return
    mine = current_app.extensions.pop(_LEFT_OVER, True)
    current_app.extensions[_LEFT_OVER] = False
    try:
        with db.engine.connect() as connection:
            ids = pending_ids(connection, None if mine else now() - _GONE_AFTER)
        # What is evaluated is ascribed to who made the change.
        task, seconds = live_task(COMMAND_LINE), seconds_to_save()
        if ids and _evaluated(task, ids, seconds, patient=False) is None:
            remember_left_over()
    except DBAPIError as error:
        if trouble_of(error) is None:
            raise
        current_app.logger.exception("what is still to be evaluated was not")
        remember_left_over()


def remember_left_over() -> None:
    """Have the next request look for what is still to be evaluated, as this one did not do it."""
    remembering_left_over()()


def remembering_left_over() -> Callable[[], None]:
    """Return what does the same outside of the request."""
    extensions = current_app.extensions
    return lambda: extensions.update({_LEFT_OVER: True})


def _tell_trouble(error: DBAPIError) -> None:
    """Say why what was saved is not evaluated; raises the error again where nothing explains it."""
    trouble = trouble_of(error)
    if trouble is None:
        raise error
    remember_left_over()
    current_app.logger.error("what was saved was not evaluated", exc_info=error)
    said = {
        Trouble.BUSY: _("Saved, but not evaluated: the database was busy."),
        Trouble.FULL: _("Saved, but not evaluated: the disk of the database is full."),
    }
    text = said.get(
        trouble, _("Saved, but not evaluated: the database did not answer as it should.")
    )
    flash(text, "warning")


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
    few = list(ids)
    statement = select(func.count()).select_from(Flag).where(Flag.id.in_(few))
    return (db.session.scalar(statement) or 0) if few else 0


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
