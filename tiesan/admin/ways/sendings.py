"""What was sent, is to be sent, and was not: for the administrators of the whole installation."""

from collections.abc import Iterable
from datetime import datetime

from flask import current_app, flash, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select, true

from tiesan.access.viewer import current_viewer
from tiesan.admin.lists.columns import Column
from tiesan.admin.lists.filters import ChoiceFilter, Filter
from tiesan.admin.lists.view import ListView
from tiesan.admin.shell.pages import page
from tiesan.admin.ways.view import administers_everything
from tiesan.clock import SHANGHAI, now
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.notifications.sending.models import Purpose, Sending, SendingAttempt, State, Way
from tiesan.notifications.sending.queue import send_again
from tiesan.notifications.sending.wording import (
    PURPOSES,
    STATES,
    purpose_of,
    reason_words,
    state_of,
)
from tiesan.people.notifications import name_of_account
from tiesan.records.policy import ADMINISTRATORS
from tiesan.scheduler.runner import Runner
from tiesan.words.rows import Block, Entry
from tiesan.words.values import moment

_AGAIN = (State.FAILED, State.UNKNOWN)


class SendingView(ListView):
    """The sendings; none says what was sent, which is made when it leaves and kept nowhere."""

    model_class = Sending
    roles = ADMINISTRATORS
    place = "sendings"
    newest_first = ("id",)
    file_name = "sendings"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Sendings"), "sending", "/sendings")

    def is_accessible(self) -> bool:
        """Whoever administers the whole installation."""
        return administers_everything()

    def make_columns(self) -> Iterable[Column]:
        """Return the columns of the list."""
        return (
            Column("made_at", _l("Made"), lambda row: moment(row.made_at), _written, "made_at",
                   "date"),
            Column("purpose", _l("What it is for"), purpose_of, purpose_of, "purpose", "place"),
            Column("to", _l("To"), _to, _to, None, "place"),
            Column("way", _l("Way"), lambda row: row.way.title, lambda row: row.way.title, None,
                   "place"),
            Column("state", _l("State"), state_of, state_of, "state", "state"),
            Column("answer", _l("What was answered"), _answer, _answer, None, "long"),
        )  # fmt: skip

    def make_filters(self) -> Iterable[Filter]:
        """Return the filters of the list."""
        return (
            ChoiceFilter("state", _l("State"),
                         lambda: {each.value: str(words) for each, words in STATES.items()},
                         lambda state: Sending.state == state),
            ChoiceFilter("purpose", _l("What it is for"),
                         lambda: {each.value: str(words) for each, words in PURPOSES.items()},
                         lambda purpose: Sending.purpose == purpose),
            ChoiceFilter("way", _l("Way"), _ways, lambda way: Sending.way_id == int(way)),
        )  # fmt: skip

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the sendings: all of them."""
        return true()

    def loaded(self) -> Iterable[str]:
        """Return the references whose rows the list shows."""
        return ("way", "account", "organization")

    @page("/details/")
    def details_view(self) -> ResponseReturnValue:
        """Show a sending with its attempts; while it is not over, the page looks again."""
        sending: Sending = self.row_or_404()
        return self.render(
            "ways/sending.html",
            sending=sending,
            heading=purpose_of(sending),
            state=state_of(sending),
            reason=reason_words(sending.reason),
            blocks=[_block(sending)],
            attempts=[(each, *_attempt(each)) for each in sending.tries],
            is_test=sending.purpose == Purpose.TEST,
            may_send_again=_may_be_sent_again(sending),
            looks_again=sending.state == State.CLAIMED or _is_waited_for(sending),
        )

    @page("/again/", methods=("POST",))
    def again_view(self) -> ResponseReturnValue:
        """Have a sending done again that failed, or may not have arrived."""
        begin_storing(db.session())
        sending: Sending = self.row_or_404()
        sending_id = sending.id
        try:
            send_again(current_viewer().actor, db.session(), sending, at=now())
            db.session.commit()
        except UserError as error:
            db.session.rollback()
            flash(" ".join(error.lines), "warning")
        else:
            runner: Runner = current_app.extensions["runner"]
            runner.plan()
            runner.call(asked_only=False)
            flash(_("It is being sent. This page shows what comes of it."), "success")
        return redirect(self.get_url(".details_view", id=sending_id))


def _ways() -> dict[str, str]:
    rows = db.session.execute(select(Way.id, Way.title).order_by(Way.id))
    return {str(way_id): title for way_id, title in rows}


def _may_be_sent_again(sending: Sending) -> bool:
    is_kept = sending.purpose in (Purpose.NOTIFICATIONS, Purpose.GROUP)
    return is_kept and sending.state in _AGAIN and sending.way.active


def _is_waited_for(sending: Sending) -> bool:
    return sending.state == State.WAITING and sending.attempts == sending.round_from


def _to(sending: Sending) -> str:
    if sending.organization is not None:
        return sending.organization.name
    if sending.account is not None:
        return name_of_account(db.session(), sending.account_id) or ""
    return ""


def _answer(sending: Sending) -> str:
    return " ".join(filter(None, [reason_words(sending.reason), sending.answer]))


def _written(sending: Sending) -> datetime:
    return sending.made_at.astimezone(SHANGHAI).replace(tzinfo=None)


def _attempt(attempt: SendingAttempt) -> tuple[str, str]:
    state = STATES[State(attempt.result)] if attempt.result else _("Being sent out")
    return str(state), reason_words(attempt.reason)


def _block(sending: Sending) -> Block:
    due = sending.due_at if sending.state == State.WAITING else None
    entries = [
        Entry(_("To"), _to(sending)),
        Entry(_("Way"), sending.way.title),
        Entry(_("Made"), moment(sending.made_at)),
        Entry(_("Is sent next"), moment(due) if due else ""),
        Entry(_("Ended"), moment(sending.ended_at) if sending.ended_at else ""),
    ]
    return Block("", [entry for entry in entries if entry.value])
