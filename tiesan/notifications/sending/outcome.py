"""What came of one attempt to send: what is known, why, and what was answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from tiesan.notifications.sending.models import ANSWER_LENGTH, State

_LEAST_HIDDEN = 4


class Reason(StrEnum):
    """Why a sending ended as it did, or what is known of it."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_REACHED = "not_reached"
    CERTIFICATE = "certificate"
    HOST_REFUSED = "host_refused"
    NO_ANSWER = "no_answer"
    NOT_UNDERSTOOD = "not_understood"
    PROCESS_ENDED = "process_ended"
    NOTHING_TO_SAY = "nothing_to_say"
    NOBODY_TO_TELL = "nobody_to_tell"
    WAY_CLOSED = "way_closed"
    KEY_CHANGED = "key_changed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: ``failed`` may be tried again, ``unknown`` never by itself."""

    state: State
    reason: Reason
    answer: str = ""

    def without(self, hidden: Iterable[str]) -> "Outcome":
        """Return the outcome with nothing secret in its answer, and no longer than is kept."""
        answer = self.answer
        for each in sorted(hidden, key=len, reverse=True):
            if len(each) >= _LEAST_HIDDEN:
                answer = answer.replace(each, "***").replace(quote(each, safe=""), "***")
        tidy = " ".join("".join(each if each.isprintable() else " " for each in answer).split())
        return Outcome(self.state, self.reason, tidy[:ANSWER_LENGTH])


def sent(answer: str) -> Outcome:
    """Return that it was taken."""
    return Outcome(State.SENT, Reason.ACCEPTED, answer)


def failed(reason: Reason, answer: str = "") -> Outcome:
    """Return that it was not taken, for sure."""
    return Outcome(State.FAILED, reason, answer)


def unknown(reason: Reason, answer: str = "") -> Outcome:
    """Return that it has left, and that nobody knows whether it was taken."""
    return Outcome(State.UNKNOWN, reason, answer)


def dropped(reason: Reason) -> Outcome:
    """Return that nothing was sent, because there was nothing to send or nobody to send it to."""
    return Outcome(State.DROPPED, reason)
