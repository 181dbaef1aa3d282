"""Why a flag waits for a reviewer, in the order in which the inbox shows it.

Source: the page on reviews, "The inbox". Of flags that are no longer active only appeals wait, and
what has changed since its decision. Inside a reason the gravest come first, then the oldest.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true

from tiesan.courses.values import DAY, StateOf, Waits
from tiesan.flags.models import Flag
from tiesan.i18n import _l
from tiesan.rules import Review

_DECIDED = (
    Review.CONFIRMED.value,
    Review.DISMISSED.value,
    Review.WAIVED.value,
    Review.REMEDIED.value,
    Review.CLOSED.value,
)
_ORDER: tuple[Any, ...] = (Flag.rank, Flag.occurred_on)
# As what reviewers are told that they have to judge what somebody said.
ANSWER_WAITS = "answer waits"
APPEAL_WAITS = "appeal waits"


def any_flag(state: StateOf) -> ColumnElement[bool]:  # noqa: ARG001 - as every condition
    """Also where the condition of its rule holds no more."""
    return true()


def decided_and_changed(state: StateOf) -> ColumnElement[bool]:
    """It was decided, and its evidence has changed since; also where it holds no more."""
    return and_(Flag.changed_since_decision, state.in_(_DECIDED))


def holds(state: StateOf) -> ColumnElement[bool]:  # noqa: ARG001 - as every condition
    """The condition of its rule holds."""
    return Flag.active.is_(True)


def remedy_is_reported(state: StateOf) -> ColumnElement[bool]:
    """It is active and confirmed, unchanged since, and somebody reported what was done."""
    unchanged = and_(Flag.remedy_reported, ~Flag.changed_since_decision)
    return and_(unchanged, Flag.active, state == Review.CONFIRMED.value)


def came_back(state: StateOf) -> ColumnElement[bool]:  # noqa: ARG001 - as every condition
    """It holds again after an earlier flag of the same was finished."""
    return and_(Flag.active, Flag.previous_id.is_not(None))


def first_time(state: StateOf) -> ColumnElement[bool]:  # noqa: ARG001 - as every condition
    """The condition of its rule holds, for the first time."""
    return and_(Flag.active, Flag.previous_id.is_(None))


def may_be_closed(state: StateOf) -> ColumnElement[bool]:  # noqa: ARG001 - as every condition
    """It holds, is unchanged since its decision, and nobody may appeal any more."""
    over = or_(Flag.appeal_until.is_(None), Flag.appeal_until < DAY)
    return and_(Flag.active, ~Flag.changed_since_decision, ~Flag.remedy_reported, over)


WAITS = (
    Waits("appealed", _l("Appeal"), "uphold", any_flag, _ORDER, ("appealed",), tells=APPEAL_WAITS),
    Waits("changed", _l("Changed since the decision"), "keep", decided_and_changed, _ORDER),
    Waits(
        "explained", _l("Explained"), "confirm", holds, _ORDER, ("explained",), tells=ANSWER_WAITS
    ),
    Waits(
        "remedy_reported",
        _l("Remedy reported"),
        "remedy",
        remedy_is_reported,
        _ORDER,
        tells=ANSWER_WAITS,
    ),
    Waits("came_back", _l("It came back"), "acknowledge", came_back, _ORDER, ("open",)),
    Waits("new", _l("New"), "acknowledge", first_time, _ORDER, ("open",)),
    Waits("acknowledged", _l("Acknowledged"), "confirm", holds, _ORDER, ("acknowledged",)),
    Waits(
        "to_close", _l("Ready to close"), "close", may_be_closed, _ORDER, ("remedied", "confirmed")
    ),
)
