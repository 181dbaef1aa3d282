"""What one was told, what was sent, and what the trail says of what one did or what was done."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from tiesan.audit import AuditEntry
from tiesan.courses.telling import SECRET
from tiesan.facts.kinds import Field
from tiesan.i18n import _
from tiesan.notifications.kinds import KINDS
from tiesan.notifications.sending.models import Purpose, Sending, SendingNotification, Way
from tiesan.people.models import ROLE_TITLES
from tiesan.people.notifications import Notification
from tiesan.privacy.own.secret import among
from tiesan.privacy.own.sections import Own, Row, Section, kept_value, plain
from tiesan.records.kinds import core_classes, fact_kind, record_kind, table_of
from tiesan.words.audit import VERBS, plain_kind
from tiesan.words.flags import rule_title

_TOLD, _SENT, _WAY = table_of(Notification), table_of(Sending), table_of(Way)
_TELLS, _ENTRY = table_of(SendingNotification), table_of(AuditEntry)
# What is said of a notification: names and days; numbers of rows are left out.
_NAMED = ("by", "who", "organization", "day", "days")


def of_told(own: Own) -> Iterator[Section]:
    """Yield the notifications, the sendings, and the entries of the trail."""
    yield _notifications(own)
    yield _sendings(own)
    yield _entries(own)


# --- told -----------------------------------------------------------------------------------------


def _is_secret(own: Own, row: Any) -> bool:
    return bool(row.details.get(SECRET)) or own.secret.hides(row.row_kind, row.row_id)


def _notifications(own: Own) -> Section:
    columns = {
        "at": _("Time"),
        "kind": _("What"),
        "about": _("About"),
        "read_at": _("Read"),
        "left_at": _("Left the house"),
    }
    mine = select(_TOLD).where(_TOLD.c.account_id == own.account_id).order_by(_TOLD.c.id)
    rows = [
        {
            "at": plain(row.at),
            "kind": str(KINDS[row.kind].title) if row.kind in KINDS else row.kind,
            "about": _about(own, row.details),
            "read_at": plain(row.read_at),
            "left_at": plain(row.left_at),
        }
        for row in own.session.execute(mine)
        if not _is_secret(own, row)
    ]
    return Section("notifications", _("Notifications"), columns, rows)


def _about(own: Own, details: Mapping[str, Any]) -> Row:
    found: Row = {name: details[name] for name in _NAMED if details.get(name)}
    if "rule" in details:
        found["rule"] = rule_title(own.catalog, details["rule"])
    if "role" in details:
        found["role"] = str(ROLE_TITLES.get(details["role"], details["role"]))
    course = own.courses.get(details.get("course", ""))
    if course is not None:
        done = {verb.name: str(verb.done) for verb in course.verbs}
        found["course"] = str(course.title)
        found["verb"] = done.get(details.get("verb", ""), "")
    return {name: value for name, value in found.items() if value}


def _sendings(own: Own) -> Section:
    columns = {
        "way": _("By which way"),
        "made_at": _("Time"),
        "state": _("State"),
        "ended_at": _("Ended"),
        "attempts": _("Attempts"),
    }
    mine = (
        select(_SENT, _WAY.c.title)
        .join(_WAY, _WAY.c.id == _SENT.c.way_id)
        .where(_SENT.c.account_id == own.account_id)
        .order_by(_SENT.c.id)
    )
    found = own.session.execute(mine).all()
    open_ones = _telling_openly(own, [row.id for row in found])
    rows = [
        dict(zip(columns, (row.title, plain(row.made_at), row.state, plain(row.ended_at),
                           row.attempts), strict=True))
        for row in found
        if row.purpose != Purpose.NOTIFICATIONS or row.id in open_ones
    ]  # fmt: skip
    return Section("sendings", _("What was sent to me"), columns, rows)


def _telling_openly(own: Own, ids: list[int]) -> set[int]:
    """Those of some sendings that tell of anything that is no secret."""
    joined = select(_TELLS.c.sending_id, _TOLD.c.details, _TOLD.c.row_kind, _TOLD.c.row_id).join(
        _TOLD, _TOLD.c.id == _TELLS.c.notification_id
    )
    return {
        row.sending_id
        for some in among(_TELLS.c.sending_id, ids)
        for row in own.session.execute(joined.where(some))
        if not _is_secret(own, row)
    }


# --- the trail ------------------------------------------------------------------------------------


def _about_own(own: Own) -> Iterator[ColumnElement[bool]]:
    """Conditions of the entries about the person's own rows."""
    for kind, ids in sorted(own.ids.items()):
        for some in among(_ENTRY.c.object_id, ids):
            yield and_(_ENTRY.c.object_kind == kind, some)


def _entries(own: Own) -> Section:
    """What the person did, and what was done to what is theirs; of the rest nothing is said."""
    columns = {
        "at": _("Time"),
        "by": _("Who"),
        "verb": _("What"),
        "kind": _("Kind"),
        "code": _("Code"),
        "said": _("Details"),
    }
    own.own("own_data", {own.account_id})
    found: dict[int, Any] = {}
    for which in (_ENTRY.c.actor_id == own.account_id, *_about_own(own)):
        for row in own.session.execute(select(_ENTRY).where(which)):
            found[row.id] = row
    rows = [
        _entry(own, row)
        for _id, row in sorted(found.items())
        if not own.secret.hides(row.object_kind, row.object_id)
    ]
    return Section("trail", _("Audit trail"), columns, rows)


def _entry(own: Own, row: Any) -> Row:
    is_own = row.object_id in own.ids.get(row.object_kind, ())
    code = row.object_code or ""
    return {
        "at": plain(row.at),
        "by": own.by(row.actor_id, row.actor_name),
        "verb": _verb(own, row),
        "kind": _kind(own, row.object_kind),
        # Some rows are named by their number, which is nobody's business.
        "code": code if is_own and not code.startswith("#") else "",
        "said": _said(own, row) if is_own else {},
    }


def _verb(own: Own, row: Any) -> str:
    course = own.courses.get(row.object_kind)
    verbs = {} if course is None else {verb.name: verb.done for verb in course.verbs}
    return str(verbs.get(row.verb) or VERBS.get(row.verb, row.verb))


def _kind(own: Own, kind: str) -> str:
    models = {record_kind(each).name: each for each in core_classes()} | dict(own.catalog.records)
    if kind in models:
        return str(record_kind(models[kind]).title)
    course = own.courses.get(kind)
    return plain_kind(kind) if course is None else str(course.title)


def _said(own: Own, row: Any) -> Row:
    """What an entry says of one's own row: values, changes and a reason."""
    model = own.catalog.records.get(row.object_kind)
    fields = {} if model is None else fact_kind(model).by_name
    found: Row = {}
    for name in ("values", "changed"):
        if row.details.get(name):
            found[name] = {
                _label(fields, each): kept_value(own, fields.get(each), value)
                for each, value in row.details[name].items()
            }
    return found | {name: row.details[name] for name in ("reason",) if row.details.get(name)}


def _label(fields: Mapping[str, Field], name: str) -> str:
    return str(fields[name].label) if name in fields else name
