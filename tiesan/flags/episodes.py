"""What becomes of a hit that has a stored flag: nothing, the same flag again, or a new episode.

Said once for what an evaluation stores and for what it lets rules over flags see, so that the two
cannot differ.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from tiesan.flags.covering import Cover
from tiesan.flags.stored import Identity, PastReviews, StoredFlag
from tiesan.flags.waiving import UNDECIDED
from tiesan.rules import Hit, Review

FINISHED = frozenset(
    {Review.CONFIRMED, Review.DISMISSED, Review.WAIVED, Review.REMEDIED, Review.CLOSED}
)
CONDITION_GONE = "condition"
RULE_GONE = "rule"
# The flag speaks of a day that was stored ahead of its time and has been taken back.
DAY_NOT_LIVED = "ahead"
RULE_EDITED = "rule_edited"
# Whose rule is back, of that it is told that meanwhile its condition has gone.
BY_RULE = frozenset({RULE_GONE, RULE_EDITED})
# What ends a flag without any record having been corrected.
_WITHOUT_CORRECTION = BY_RULE | {DAY_NOT_LIVED}


class Found(Enum):
    """What a hit does to the latest flag of its identity."""

    STANDS = "stands"
    AGAIN = "again"
    ANEW = "anew"


def found(flag: StoredFlag | None) -> Found:
    """Return what becomes of the latest flag of an identity, or of none, when it is found.

    A rule that was switched off and on again, or edited and edited back, says nothing new about
    what was decided.
    """
    if flag is None:
        return Found.ANEW
    if flag.active:
        return Found.STANDS
    ended = flag.cleared_reason not in _WITHOUT_CORRECTION
    return Found.ANEW if ended and flag.review in FINISHED else Found.AGAIN


@dataclass(frozen=True)
class Reviewing:
    """The reviews of hits in one evaluation, with what it will waive when it stores them.

    ``known`` are the latest flags of identities, ``past`` their reviews as of the day. ``covers``
    says which standing waiver covers a hit that is raised.
    """

    as_of: date
    known: Mapping[Identity, StoredFlag]
    past: PastReviews
    covers: Callable[[Hit], Cover | None]

    def of(self, hit: Hit) -> str:
        """Return the review of a hit as of the day, whether or not its flag is stored yet."""
        state = self.past.states.get(hit.identity)
        flag = self.known.get(hit.identity)
        if state is not None and flag is not None and not self._rises(flag, state):
            return state
        cover = self.covers(hit)
        if cover is not None and cover.since <= self.as_of:
            return Review.WAIVED.value
        is_again = flag is not None and found(flag) is Found.AGAIN
        return state if is_again and state is not None else Review.OPEN.value

    def cover_of(self, hit: Hit, flag: StoredFlag | None) -> Cover | None:
        """Return what covers a hit that raises its flag, anew (None) or again."""
        return self.covers(hit) if flag is None or self._is_free(flag, flag.review) else None

    def _rises(self, flag: StoredFlag, state: str) -> bool:
        """Whether finding a flag raises it, so that a standing waiver may cover it."""
        if flag.known_as_of > self.as_of:
            return False
        match found(flag):
            case Found.ANEW:
                return True
            case Found.AGAIN:
                return self._is_free(flag, state)
        return False

    def _is_free(self, flag: StoredFlag, state: str) -> bool:
        """Whether nobody has decided on a flag, nor taken a decision back."""
        return state in UNDECIDED and flag.id not in self.past.reopened
