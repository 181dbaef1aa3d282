"""What robots say to groups: how many organizations still owe what, and how long there is.

A group sees counts and duties, never whose they are: names, persons, flags and requests stay in
the house. So only what organizations owe is counted, and nothing of what a cadre owes.

Source: the page on what leaves the house, "To groups".
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.i18n import DEFAULT_LANGUAGE, _, ngettext, use_language
from tiesan.notifications.due.duties import Place, owed_soon
from tiesan.notifications.sending.models import Way
from tiesan.notifications.sending.queue import queue_group
from tiesan.notifications.sending.schemes import OF_GROUPS
from tiesan.people.models import Organization, OrganizationAbove
from tiesan.records.kinds import table_of
from tiesan.rules import Owed
from tiesan.words.flags import rule_title

_ONE_DAY = timedelta(days=1)
_PLACE, _ABOVE = table_of(Organization), table_of(OrganizationAbove)


def group_texts(session: Session, place: Place) -> dict[int, str]:
    """Return what the robots of each organization are to say on a day; none where there is nothing.

    It evaluates what is owed, so that it is asked before anything is locked.
    """
    groups = _groups(session, place.scope.district_id)
    if not groups:
        return {}
    owed = [each for each in owed_soon(session, place) if each.subject_kind == "organization"]
    found: dict[int, str] = {}
    for organization_id, codes in groups.items():
        with use_language(DEFAULT_LANGUAGE):
            lines = list(_lines(place, [each for each in owed if each.subject in codes]))
            if lines:
                found[organization_id] = "\n".join([_("Due soon"), *lines])
    return found


def tell_groups(session: Session, texts: Mapping[int, str], *, at: datetime) -> int:
    """Write down what robots are to say; returns how many do. The caller commits."""
    made = 0
    for organization_id, text in texts.items():
        queued = queue_group(
            session,
            organization_id=organization_id,
            details={"text": text},
            due_at=at,
            urgent=False,
            at=at,
        )
        made += len(queued)
    return made


def _groups(session: Session, district_id: int) -> Mapping[int, frozenset[str]]:
    """The organizations of a district that have a robot, with the codes of all that are in them."""
    with_robot = (
        select(_PLACE.c.id)
        .join(Way, Way.organization_id == _PLACE.c.id)
        .where(_PLACE.c.district_id == district_id, Way.active, Way.scheme.in_(OF_GROUPS))
        .distinct()
        .order_by(_PLACE.c.id)
    )
    found: dict[int, frozenset[str]] = {}
    for organization_id in session.scalars(with_robot).all():
        within = (
            select(_PLACE.c.code)
            .join(_ABOVE, _ABOVE.c.organization_id == _PLACE.c.id)
            .where(_ABOVE.c.above_id == organization_id)
        )
        found[organization_id] = frozenset(session.scalars(within))
    return found


def _lines(place: Place, owed: Iterable[Owed]) -> Iterator[str]:
    """A line for each duty and day, the soonest first."""
    counts = Counter((each.due_on, each.rule.id) for each in owed)
    for (due_on, rule), number in sorted(counts.items()):
        yield ngettext(
            "“%(rule)s”: %(num)d organization still has to act, %(left)s",
            "“%(rule)s”: %(num)d organizations still have to act, %(left)s",
            number,
            rule=rule_title(place.catalog, rule),
            left=_left(place, due_on),
        )


def _left(place: Place, due_on: date) -> str:
    if due_on == place.day:
        return _("today is the last day")
    number = place.calendar.count(place.day + _ONE_DAY, due_on)
    return ngettext("%(num)d working day left", "%(num)d working days left", number)
