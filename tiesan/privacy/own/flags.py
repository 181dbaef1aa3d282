"""Flags on oneself with what was found and said, notices, waivers, and bulletins that name one."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import or_, select

from tiesan.bulletins.models import Bulletin, BulletinName, BulletinState, bulletin_reference
from tiesan.flags.follow_up import NOTICE, EscalatedFlag, Notice, NoticeFinding, reference_of
from tiesan.flags.models import Flag, FlagEvent, FlagRevision
from tiesan.flags.waivers import Waiver
from tiesan.i18n import _, current_language
from tiesan.privacy.own.secret import among
from tiesan.privacy.own.sections import Own, Row, Section, kept_value, plain
from tiesan.records.kinds import table_of
from tiesan.rules import FLAG, REVIEW_LABELS, SEVERITY_LABELS
from tiesan.words.flags import CLEARED, EVENTS, rule_title, verb_done

_FLAG, _REVISION, _EVENT = table_of(Flag), table_of(FlagRevision), table_of(FlagEvent)
_NOTICE, _FINDING, _CASE = table_of(Notice), table_of(NoticeFinding), table_of(EscalatedFlag)
_WAIVER, _BULLETIN, _NAME = table_of(Waiver), table_of(Bulletin), table_of(BulletinName)


def of_flags(own: Own) -> Iterator[Section]:
    """Yield the flags on a cadre, with their history, and what followed them."""
    flags = _own_flags(own)
    named = {row.id: _called(own, row) for row in flags}
    yield _flags(own, flags)
    yield _found(own, named)
    yield _history(own, named)
    yield _measures(own, named)
    yield _notices(own)
    yield _waivers(own)
    yield _bulletins(own)


def _own_flags(own: Own) -> list[Any]:
    """The flags on the cadre, and those on an organization by their posting."""
    if own.cadre_id is None:
        return []
    mine = or_(_FLAG.c.cadre_id == own.cadre_id, _FLAG.c.posted_cadre_id == own.cadre_id)
    found = own.session.execute(select(_FLAG).where(mine).order_by(_FLAG.c.id))
    flags = [row for row in found if not own.secret.hides(FLAG.name, row.id)]
    own.own(FLAG.name, {row.id for row in flags})
    return flags


def _called(own: Own, row: Any) -> Row:
    """By what a flag is known in the other sections: its rule and its day."""
    return {"rule": rule_title(own.catalog, row.rule), "day": plain(row.occurred_on)}


def _message(row: Any) -> str:
    return str(row.message_en if current_language() == "en" else row.message_zh)


def _flags(own: Own, flags: list[Any]) -> Section:
    columns = {
        "rule": _("Rule"),
        "day": _("Day"),
        "severity": _("Severity"),
        "message": _("What it says"),
        "raised_at": _("Raised"),
        "cleared_at": _("Cleared"),
        "cleared_reason": _("Why it was cleared"),
        "review": _("Review"),
        "waived_until": _("Waived until"),
        "appeal_until": _("Appeal until"),
        "assigned_to": _("Assigned to"),
    }
    rows = [
        {
            **_called(own, row),
            "severity": str(SEVERITY_LABELS[row.severity]),
            "message": _message(row),
            "raised_at": plain(row.raised_at),
            "cleared_at": plain(row.cleared_at),
            "cleared_reason": str(CLEARED.get(row.cleared_reason, row.cleared_reason or "")),
            "review": str(REVIEW_LABELS[row.review]),
            "waived_until": plain(row.waived_until),
            "appeal_until": plain(row.appeal_until),
            "assigned_to": own.by(row.assigned_to_id) if row.assigned_to_id else "",
        }
        for row in flags
    ]
    return Section("flags", _("Flags on me"), columns, rows)


def _found(own: Own, named: Mapping[int, Row]) -> Section:
    """The evidence as it was frozen, each time."""
    columns = {
        "rule": _("Rule"),
        "day": _("Day"),
        "at": _("Time"),
        "message": _("What it says"),
        "evidence": _("Evidence"),
    }
    rows = []
    for row in _of(own, _REVISION, named):
        evidence = [_fact(own, each) for each in row.evidence]
        frozen = {"at": plain(row.at), "message": _message(row), "evidence": evidence}
        rows.append({**named[row.flag_id], **frozen})
    return Section("evidence", _("What was found"), columns, rows)


def _fact(own: Own, fact: Mapping[str, Any]) -> Row:
    """A fact of the evidence, with names for codes of persons."""
    kind = own.catalog.kinds.get(fact["fact"])
    fields = {} if kind is None else kind.by_name
    return {
        name: value if name == "fact" else kept_value(own, fields.get(name), value)
        for name, value in fact.items()
    }


def _history(own: Own, named: Mapping[int, Row]) -> Section:
    columns = {
        "rule": _("Rule"),
        "day": _("Day"),
        "at": _("Time"),
        "verb": _("Done"),
        "by": _("By"),
        "state": _("State"),
        "text": _("Text"),
    }
    rows = [
        {
            **named[row.flag_id],
            "at": plain(row.at),
            "verb": str(EVENTS.get(row.verb) or verb_done(row.verb)),
            "by": own.by(row.actor_id, row.actor_name),
            "state": str(REVIEW_LABELS[row.to_state]) if row.to_state else "",
            "text": row.text,
        }
        for row in _of(own, _EVENT, named)
    ]
    return Section("flag_history", _("History of these flags"), columns, rows)


def _measures(own: Own, named: Mapping[int, Row]) -> Section:
    """What was to be done about flags that were made cases; the cases are records."""
    columns = {
        "rule": _("Rule"),
        "day": _("Day"),
        "on": _("Made a case on"),
        "measure": _("Measure"),
        "due_on": _("To be done by"),
    }
    rows = [
        {
            **named[row.flag_id],
            "on": plain(row.day),
            "measure": row.measure,
            "due_on": plain(row.due_on),
        }
        for row in _of(own, _CASE, named)
    ]
    return Section("measures", _("Measures"), columns, rows)


def _of(own: Own, table: Any, named: Mapping[int, Row]) -> list[Any]:
    """The rows of a table that belong to the person's flags, in the order of the flags."""
    found: list[Any] = []
    for some in among(table.c.flag_id, named.keys()):
        chosen = select(table).where(some).order_by(table.c.flag_id, table.c.id)
        found += own.session.execute(chosen).all()
    return found


def _notices(own: Own) -> Section:
    columns = {
        "number": _("Number"),
        "issued_on": _("Issued on"),
        "text": _("What is to be done"),
        "due_on": _("Due on"),
        "findings": _("What was found"),
        "by": _("By"),
    }
    mine = select(_NOTICE, reference_of(_NOTICE.c).label("reference")).order_by(_NOTICE.c.id)
    found = own.session.execute(mine.where(_NOTICE.c.cadre_id == (own.cadre_id or 0)))
    notices = [row for row in found if not own.secret.hides(NOTICE, row.id)]
    own.own(NOTICE, {row.id for row in notices})
    rows = []
    for row in notices:
        findings = select(_FINDING).where(_FINDING.c.notice_id == row.id)
        said = [
            _message(each) for each in own.session.execute(findings.order_by(_FINDING.c.flag_id))
        ]
        values = (row.reference, plain(row.issued_on), row.text, plain(row.due_on), said,
                  own.by(row.issued_by_id) if row.issued_by_id else "")  # fmt: skip
        rows.append(dict(zip(columns, values, strict=True)))
    return Section("notices", _("Rectification notices to me"), columns, rows)


def _waivers(own: Own) -> Section:
    columns = {
        "what": _("What is waived"),
        "first_day": _("First day"),
        "until": _("Until"),
        "text": _("Reason"),
        "by": _("By"),
    }
    mine = select(_WAIVER).where(_WAIVER.c.cadre_id == (own.cadre_id or 0))
    found = own.session.execute(mine.order_by(_WAIVER.c.id)).all()
    waivers = [row for row in found if row.rule not in own.catalog.confidential_rules]
    own.own("waiver", {row.id for row in waivers})
    plugins = own.catalog.plugins.by_name
    rows = []
    for row in waivers:
        plugin = plugins.get(row.plugin or "")
        whole = str(row.plugin if plugin is None else plugin.title)
        what = rule_title(own.catalog, row.rule) if row.rule else whole
        values = (what, plain(row.first_day), plain(row.until), row.text, own.by(row.giver_id))
        rows.append(dict(zip(columns, values, strict=True)))
    return Section("waivers", _("Standing waivers on me"), columns, rows)


def _bulletins(own: Own) -> Section:
    """The bulletins that were issued and name the cadre."""
    columns = {"number": _("Number"), "issued_on": _("Issued on"), "said": _("What it says")}
    mine = (
        select(bulletin_reference(_BULLETIN.c), _BULLETIN.c.issued_on, _NAME.c.praise,
               _NAME.c.flag_id)
        .join(_NAME, _NAME.c.bulletin_id == _BULLETIN.c.id)
        .where(_NAME.c.cadre_id == (own.cadre_id or 0))
        .where(_BULLETIN.c.state == BulletinState.ISSUED.value)
        .order_by(_NAME.c.id)
    )  # fmt: skip
    rows = []
    for number, day, praise, flag_id in own.session.execute(mine).all():
        if not own.secret.hides(FLAG.name, flag_id) or flag_id is None:
            said = praise or _message_of(own, flag_id)
            rows.append(dict(zip(columns, (number, plain(day), said), strict=True)))
    return Section("bulletins", _("Bulletins that name me"), columns, rows)


def _message_of(own: Own, flag_id: int) -> str:
    return _message(own.session.execute(select(_FLAG).where(_FLAG.c.id == flag_id)).one())
