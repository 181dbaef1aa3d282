"""Evaluating at once what a saved record touches, and saying so on the next page."""

from collections.abc import Iterable

from flask import current_app, flash, url_for
from markupsafe import Markup, escape
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.clock import now, today
from tiesan.engine.deciding import Engine
from tiesan.extensions import db
from tiesan.flags.live import Live, LiveResult, evaluate_districts, evaluate_touched
from tiesan.flags.models import Flag
from tiesan.i18n import _, current_language, ngettext
from tiesan.records.base import Concerned

_MOST_NAMED = 3


def _live() -> Live:
    engine: Engine = current_app.extensions["engine"]
    actor = current_viewer().actor
    return Live(actor, installed(), engine.decide, today(), now())


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
            result = evaluate_touched(session, _live(), kind, concerned)
    except OperationalError as error:
        _tell_busy(error)
        return
    tell(result)


def _tell_busy(error: OperationalError) -> None:
    current_app.logger.error("what was saved was not evaluated", exc_info=error)
    flash(_("Saved, but not evaluated: the database was busy."), "warning")


def evaluate_whole(district_ids: set[int]) -> int | None:
    """Evaluate whole districts live; returns how many rules could not be decided.

    None means that the database was busy, which is said, and that nothing was evaluated.

    What the request was to store must be committed: a failure here does not lose it.
    """
    try:
        with _whole_session() as session:
            outcomes = evaluate_districts(session, _live(), district_ids)
    except OperationalError as error:
        _tell_busy(error)
        return None
    return sum(len(each.evaluation.not_evaluated) for each in outcomes)


def tell_unknown(number: int | None) -> None:
    """Flash how many rules could not be decided, if any."""
    if number:
        text = ngettext(
            "%(num)d rule was not evaluated.", "%(num)d rules were not evaluated.", number
        )
        flash(text, "warning")


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
