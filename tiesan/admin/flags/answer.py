"""A flag as JSON: what it is, how it stands, what the viewer may do, and what happened."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select

from tiesan.access.viewer import current_viewer
from tiesan.admin.notices.following import follow_up_of
from tiesan.admin.waivers.lines import waiver_of
from tiesan.clock import today
from tiesan.courses.carrying import verbs_open_to
from tiesan.courses.standing import Standing
from tiesan.courses.values import Event
from tiesan.extensions import db
from tiesan.flags.models import Flag, FlagEvent
from tiesan.flags.waiving import BY_WAIVER
from tiesan.people.models import Account
from tiesan.records.kinds import table_of
from tiesan.reviews.assigned import assignee
from tiesan.reviews.flag_course import FLAG_COURSE
from tiesan.words.attachments import files_as_json


def flag_as_json(flag: Flag, standing: Standing) -> dict[str, Any]:
    """Return a flag as the interface shows it to the viewer of this request."""
    viewer = current_viewer()
    offers = verbs_open_to(db.session(), FLAG_COURSE, standing, viewer.actor, today())
    follow_up = follow_up_of(flag)
    waived = standing.state == "waived" and flag.waived_until is not None
    return {
        "flag": flag.id,
        "rule": flag.rule,
        "subject": None if flag.subject is None else flag.subject.code,
        "key": flag.key,
        "active": flag.active,
        "state": standing.state,
        "revision": flag.revision,
        "changed": flag.changed_since_decision and standing.lapse is None,
        "waived_until": _day(flag.waived_until) if waived else None,
        "cases": [each.code for each in follow_up.cases if not each.voided],
        "notices": [each.notice.id for each in follow_up.notices],
        "waiver": None if standing.lapse is not None else _waiver(flag),
        "assigned_to": _assigned_to(flag),
        "verbs": [verb.name for verb, _case in offers],
        "events": _events(standing.events),
    }


def _assigned_to(flag: Flag) -> str | None:
    found = assignee(db.session(), flag, today())
    return None if found is None else found.username


def _waiver(flag: Flag) -> dict[str, Any] | None:
    """What waives a flag at present, with its text: a standing waiver, or one of this flag."""
    line = waiver_of(flag)
    return None if line is None else dict(line.plain)


def _events(events: Collection[Event]) -> list[dict[str, Any]]:
    """What happened, with its files, and which standing waiver did it where one did."""
    names, waivers = _names(events), _waivers(events)
    files = files_as_json({each for event in events for each in event.attachments})
    return [_event(each, names, files) | {"waiver": waivers.get(each.id or 0)} for each in events]


def _waivers(events: Collection[Event]) -> dict[int, int]:
    event = table_of(FlagEvent)
    ids = [each.id for each in events if each.id is not None and each.verb in BY_WAIVER]
    statement = select(event.c.id, event.c.waiver_id).where(event.c.id.in_(ids))
    return {row.id: row.waiver_id for row in db.session.execute(statement)}


def _event(
    event: Event, names: Mapping[int, str], files: Mapping[int, dict[str, Any]]
) -> dict[str, Any]:
    return {
        "verb": event.verb,
        "from": event.from_,
        "to": event.to or None,
        "day": event.day.isoformat(),
        "actor": names.get(event.account_id or 0, event.actor_name),
        "text": event.text,
        "attachments": [files[each] for each in event.attachments if each in files],
    }


def _names(events: Collection[Event]) -> dict[int, str]:
    """The user names of those who did something, as they are now."""
    account = table_of(Account)
    ids = {event.account_id for event in events if event.account_id is not None}
    statement = select(account.c.id, account.c.username).where(account.c.id.in_(sorted(ids)))
    return {row.id: row.username for row in db.session.execute(statement)}


def _day(day: Any) -> str | None:
    return None if day is None else str(day.isoformat())
