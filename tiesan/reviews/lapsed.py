"""A flag as it stands on a day: a waiver that has ended counts whether or not that is written.

What a page reads is not written by looking at it; the daily run or the next verb does that.
"""

from datetime import date, datetime, time

from sqlalchemy.orm.attributes import set_committed_value

from tiesan.clock import SHANGHAI
from tiesan.flags.models import Flag, FlagEvent
from tiesan.flags.waiving import AFTER_THE_END, WAIVER_ENDED
from tiesan.reviews.flag_course import day_after
from tiesan.rules import Review


def as_it_stands(flag: Flag, day: date, *, events: bool = False) -> Flag:
    """Return a flag with its waiver ended if a day has ended it; with its ``events`` if wanted.

    Only what is held in memory changes, and nothing of it is ever stored.
    """
    if flag.review != Review.WAIVED or flag.waived_until is None or flag.waived_until >= day:
        return flag
    if events:
        ended = FlagEvent(
            flag_id=flag.id,
            at=datetime.combine(day_after(flag), time(), SHANGHAI),
            on=day_after(flag),
            verb=WAIVER_ENDED,
            actor_name="",
            from_state=Review.WAIVED.value,
            to_state=Review.OPEN.value,
        )
        set_committed_value(flag, "events", [*flag.events, ended])
    for name, value in {"review": Review.OPEN.value, **AFTER_THE_END}.items():
        set_committed_value(flag, name, value)
    return flag
