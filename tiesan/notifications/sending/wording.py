"""Ways and sendings in words."""

from tiesan.i18n import _, _l
from tiesan.notifications.sending.models import Purpose, Sending, State, Trouble, Way
from tiesan.notifications.sending.outcome import Reason
from tiesan.notifications.sending.schemes import SCHEMES

STATES = {
    State.WAITING: _l("Waiting to be sent"),
    State.CLAIMED: _l("Being sent out"),
    State.SENT: _l("Sent"),
    State.FAILED: _l("Not sent: failed"),
    State.UNKNOWN: _l("Not known whether it arrived"),
    State.DROPPED: _l("Not sent any more"),
}
PURPOSES = {
    Purpose.NOTIFICATIONS: _l("Short reminders"),
    Purpose.GROUP: _l("Figures for a group"),
    Purpose.CODE: _l("Code or link that was asked for"),
    Purpose.TEST: _l("Test"),
}
_REASONS = {
    Reason.ACCEPTED: _l("It was taken."),
    Reason.REFUSED: _l("It was refused."),
    Reason.NOT_REACHED: _l("The server could not be reached; nothing has left."),
    Reason.CERTIFICATE: _l("The certificate of the server is not right; nothing has left."),
    Reason.HOST_REFUSED: _l(
        "The settings of this server do not allow it to speak to that host (TIESAN_HOSTS_OUT)."
    ),
    Reason.NO_ANSWER: _l("It has left, but there was no answer in time."),
    Reason.NOT_UNDERSTOOD: _l("It has left, but the answer was not one of that service."),
    Reason.PROCESS_ENDED: _l("The process that sent it ended before it was known what came of it."),
    Reason.NOTHING_TO_SAY: _l("When it was to leave, there was nothing new to be told any more."),
    Reason.NOBODY_TO_TELL: _l("The person cannot sign in any more, or took the address away."),
    Reason.WAY_CLOSED: _l("The way was switched off, or the address changed or taken away."),
    Reason.KEY_CHANGED: _l(
        "The secret key of the installation was changed, so that the address cannot be read any"
        " more; it is to be entered anew."
    ),
}
TROUBLES = {
    Trouble.KEY_CHANGED: _l(
        "The secret key of the installation was changed: what is secret of this way cannot be read"
        " any more, and nothing is sent. Enter it once more."
    ),
    Trouble.HOST_REFUSED: _l(
        "The settings of this server do not allow it to speak to that host (TIESAN_HOSTS_OUT):"
        " nothing is sent."
    ),
}


def scheme_of(way: Way) -> str:
    """Return what kind of way it is."""
    return str(SCHEMES[way.scheme].title)


def state_of(sending: Sending) -> str:
    """Return where a sending stands; one that is tried again says so."""
    if sending.state == State.WAITING and sending.attempts > sending.round_from:
        return _("Failed, is tried again")
    return str(STATES[State(sending.state)])


def purpose_of(sending: Sending) -> str:
    """Return what a sending is for."""
    return str(PURPOSES[Purpose(sending.purpose)])


def reason_words(reason: str | None) -> str:
    """Return why an attempt ended as it did; an empty text when nothing is known."""
    return "" if reason is None else str(_REASONS[Reason(reason)])
