"""Entries of the audit trail in words: what was done, to what kind of row, and the values.

The trail itself is kept in plain terms that do not change with a language. Whatever has no words
here is shown as it is kept.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from tiesan.access.installation import installed
from tiesan.audit import REMOVE_CONTENTS, AuditEntry
from tiesan.clock import day_of
from tiesan.courses.installed import running_courses
from tiesan.extensions import Base
from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import _, _l
from tiesan.people.models import ROLE_TITLES
from tiesan.records.kinds import core_classes, fact_kind, record_kind
from tiesan.records.settings import CalendarException
from tiesan.rules import FLAG
from tiesan.words.merges import what_went_along
from tiesan.words.rows import Block, Entry, coded_name
from tiesan.words.values import day, moment, plain_words, yes_or_no, yuan

VERBS = {
    "create": _l("Entered"),
    "update": _l("Changed"),
    "move": _l("Moved"),
    "leave": _l("Left"),
    "come back": _l("Came back"),
    "merge": _l("Entries merged"),
    "undo merge": _l("Merge undone"),
    "void": _l("Void"),
    "withdraw": _l("Withdrawn"),
    "import": _l("Imported"),
    "undo import": _l("Import undone"),
    "tell columns": _l("Columns of a file told"),
    "fetch file": _l("Imported file fetched"),
    "export": _l("Exported"),
    "look": _l("Looked at"),
    "evaluate": _l("Evaluation"),
    "create account": _l("Account created"),
    "set password": _l("Password set"),
    "use one-time codes": _l("One-time codes set up"),
    "renew recovery codes": _l("New recovery codes made"),
    "take off one-time codes": _l("One-time codes taken off"),
    "invite": _l("Link to set a password made"),
    "activate account": _l("Account switched on"),
    "deactivate account": _l("Account switched off"),
    "pause sign-in": _l("Signing in paused after wrong passwords"),
    "sign out": _l("Signed out"),
    "sign out elsewhere": _l("Signed out elsewhere"),
    "set sign-in": _l("Signing in set"),
    "grant role": _l("Role given"),
    "revoke role": _l("Role taken away"),
    "set parameter": _l("Parameter set"),
    "set calendar exception": _l("Calendar exception set"),
    "remove calendar exception": _l("Calendar exception removed"),
    "switch plugin on": _l("Institution switched on"),
    "switch plugin off": _l("Institution switched off"),
    "remove plugin": _l("Institution removed"),
    "fill with demo records": _l("Filled with demo records"),
    "run job": _l("Had the daily run's work done"),
    "name deputy": _l("Deputy named"),
    "end deputy": _l("Deputy ended"),
    "remind of request": _l("Reminded those who decide"),
    "remind": _l("Reminded"),
    "take back runs": _l("Took back runs of days to come"),
    "read": _l("Notifications read"),
    "unread": _l("Notifications marked as unread again"),
    "choose notifications": _l("Ways of notifications chosen"),
    REMOVE_CONTENTS: _l("Contents of entries removed"),
    "set hours": _l("Hours of notifications set"),
    "set reminder": _l("Working days of reminders set"),
    "switch way on": _l("Way switched on"),
    "switch way off": _l("Way switched off"),
    "test way": _l("Test sent"),
    "send again": _l("Sent again"),
    "enter address": _l("Address entered"),
    "confirm address": _l("Address confirmed"),
    "remove address": _l("Address taken away"),
    "set retention": _l("Retention set"),
    "remove by retention": _l("Removed by retention"),
    "ask for own data": _l("Own data asked for"),
    "fetch own data": _l("Own data fetched"),
}
_KINDS = {
    "account": _l("Account"),
    "audit": _l("Audit trail"),
    "deputy": _l("Deputy"),
    "evaluation": _l("Evaluation"),
    "flag": FLAG.title,
    "import": _l("Import"),
    "data_import": _l("Import"),
    "installation": _l("Installation"),
    "parameter": _l("Parameter"),
    "plugin": _l("Institution"),
    "job_run": _l("Run"),
    "notification": _l("Notification"),
    "notification_hours": _l("Hours of notifications"),
    "waiver": _l("Standing waiver"),
    "correction": _l("Correction asked for"),
    "sending": _l("Sending"),
    "sign_in": _l("Signing in"),
    "way": _l("Way out"),
    "way_address": _l("Address of a person"),
    "own_data": _l("Own data"),
    "retention": _l("Retention"),
}
_LABELS = {
    "added": _l("Flags raised"),
    "address": _l("Address of the network"),
    "codes required: administrator": _l("One-time codes needed by administrators"),
    "codes required: audit_committee": _l("One-time codes needed by audit committees"),
    "codes required: cadre": _l("One-time codes needed by cadres"),
    "codes required: supervisor": _l("One-time codes needed by supervisors"),
    "phone idle days": _l("Own phone: days without use"),
    "phone most days": _l("Own phone: days in all"),
    "sessions": _l("Sessions ended"),
    "as_of": _l("As of"),
    "before": _l("Value before"),
    "cadre": _l("Cadre"),
    "attachments": _l("Attachments"),
    "capacity": _l("Acted as"),
    "cleared": _l("Flags cleared"),
    "days": _l("Working days"),
    "deputy": _l("Deputy"),
    "due_on": _l("Due on"),
    "facts": _l("Facts read"),
    "first_day": _l("First day"),
    "flags": _l("Flags"),
    "fields": _l("Fields"),
    "files": _l("Files"),
    "counts": _l("Rows"),
    "for_whom": _l("Deputy of"),
    "last_day": _l("Last day"),
    "merged": _l("Entry that went"),
    "from": _l("Valid from"),
    "from_state": _l("State before"),
    "key": _l("Key"),
    "name": _l("Parameter"),
    "organization": _l("Organization"),
    "correction": _l("Correction asked for"),
    "requested_by": _l("Requested by"),
    "role": _l("Role"),
    "rows": _l("Rows"),
    "rule": _l("Rule"),
    "runs": _l("Runs"),
    "rules": _l("Rules"),
    "scheme": _l("Kind"),
    "sheets": _l("By file"),
    "to_state": _l("State after"),
    "until": _l("Until"),
    "value": _l("Value"),
}
# By which rule contents are removed.
_RULES = {"retention": _l("How long data are kept")}
_DAYS = frozenset({"as_of", "due_on", "first_day", "from", "last_day", "until"})
_PARSED: Mapping[FieldType, Callable[[str], date | time]] = {
    FieldType.DATE: date.fromisoformat,
    FieldType.TIME: time.fromisoformat,
}


def verb_words() -> dict[str, str]:
    """Return the verbs of the trail with their words in this language.

    Where courses have verbs of one name, the word of the first stands for all of them.
    """
    words: dict[str, str] = {}
    for course in running_courses().values():
        for verb in course.verbs:
            words.setdefault(verb.name, str(verb.done))
    return words | {verb: str(text) for verb, text in VERBS.items()}


def verb_of(entry: AuditEntry) -> str:
    """Return what was done; by a verb of a course, in the words of that course."""
    course = running_courses().get(entry.object_kind)
    verbs = {} if course is None else {verb.name: verb.done for verb in course.verbs}
    return str(verbs.get(entry.verb) or VERBS.get(entry.verb, entry.verb))


def kind_of(entry: AuditEntry) -> str:
    """Return to what kind of row it was done."""
    model = _models().get(entry.object_kind)
    if model is not None:
        return str(record_kind(model).title)
    return str(_KINDS.get(entry.object_kind, entry.object_kind))


def plain_kind(kind: str) -> str:
    """Return what a kind of row that is no record is called; as it is kept where it has no word."""
    return str(_KINDS.get(kind, kind))


def kind_words() -> dict[str, str]:
    """Return the kinds of rows of the trail with their words in this language."""
    titles = {name: str(record_kind(model).title) for name, model in _models().items()}
    words = titles | {name: str(text) for name, text in _KINDS.items()}
    return dict(sorted(words.items(), key=lambda each: each[1]))


def removal_of(entry: AuditEntry) -> str:
    """Return when and by which rule what an entry said was removed; nothing where it was not."""
    if entry.removed_at is None:
        return ""
    rule = str(entry.removed_by)
    return _("Contents removed on %(day)s by the rule “%(rule)s”",
             day=day(day_of(entry.removed_at)), rule=str(_RULES.get(rule, rule)))  # fmt: skip


def subject_of(entry: AuditEntry) -> str:
    """Return which row it was done to: by its code, or by names and days where it has none."""
    code = entry.object_code or ""
    model = _models().get(entry.object_kind)
    identity = () if model is None else record_kind(model).identity
    parts = code.split(" + ")
    if model is None or len(identity) < 2 or len(parts) != len(identity):  # noqa: PLR2004
        return code
    fields = fact_kind(model).by_name
    named = zip(identity, parts, strict=True)
    return " · ".join(_part(fields[name], part) for name, part in named)


def _part(field: Field, kept: str) -> str:
    """One of the values that tell a row from others."""
    if field.type is FieldType.REFERENCE:
        return coded_name(str(field.to), kept) or kept
    return kept_words(field, kept)


def detail_blocks(entry: AuditEntry) -> Iterator[Block]:
    """Yield what the entry keeps: values, changes with before and after, reason, all else."""
    model = _models().get(entry.object_kind)
    fields = {} if model is None else fact_kind(model).by_name
    rest = dict(entry.details)
    if entry.removed_at is not None:
        yield Block(_("Contents"), [Entry("", removal_of(entry), wide=True)])
    values, changed, reason = (rest.pop(name, None) for name in ("values", "changed", "reason"))
    rest |= _course_words(entry.object_kind, rest)
    if values:
        yield Block(_("Values"), list(_values(fields, values)))
    if changed:
        yield Block(_("What was changed"), list(_changes(fields, changed)))
    if reason:
        yield Block(_("Reason"), [Entry("", str(reason), wide=True)])
    kept = [_kept(name, value) for name, value in rest.items() if value is not None]
    if kept:
        yield Block(_("Details"), kept)


def _course_words(kind: str, details: Mapping[str, Any]) -> dict[str, str]:
    """States and capacity of a verb in the words of its course."""
    course = running_courses().get(kind)
    if course is None or "to_state" not in details:
        return {}
    states = {state.name: str(state.word) for state in course.states}
    found = {name: states.get(details[name], details[name]) for name in ("from_state", "to_state")}
    persons = {who.name: str(who.word) for verb in course.verbs for who in verb.who}
    return {**found, "capacity": persons.get(details["capacity"], details["capacity"])}


def _models() -> Mapping[str, type[Base]]:
    core: tuple[type[Base], ...] = (*core_classes(), CalendarException)
    return {**{record_kind(each).name: each for each in core}, **installed().records}


def _values(fields: Mapping[str, Field], values: Mapping[str, Any]) -> Iterator[Entry]:
    for name, value in values.items():
        if value is not None:
            yield Entry(_label(fields, name), kept_words(fields.get(name), value))


def _changes(fields: Mapping[str, Field], changed: Mapping[str, Any]) -> Iterator[Entry]:
    for name, (before, after) in changed.items():
        field = fields.get(name)
        text = f"{kept_words(field, before)} → {kept_words(field, after)}"
        yield Entry(_label(fields, name), text)


def _label(fields: Mapping[str, Field], name: str) -> str:
    return str(fields[name].label if name in fields else _LABELS.get(name, name))


def kept_words(field: Field | None, value: Any) -> str:
    """Return a value of the trail in words; it keeps fen, days as text, references as codes."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return yes_or_no(value)
    if field is None:
        return str(value)
    if field.type is FieldType.AMOUNT:
        return yuan(value)
    if field.type in _PARSED:
        return plain_words(_PARSED[field.type](value))
    return str(field.choices.get(value, value))


def _kept(name: str, value: Any) -> Entry:
    label = str(_LABELS.get(name, name))
    if name == "rows" and isinstance(value, dict):
        return Entry(label, what_went_along(value), wide=True)
    if isinstance(value, dict | list):
        text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)
        return Entry(label, text, wide=True)
    if name in _DAYS and "T" in value:
        return Entry(label, moment(datetime.fromisoformat(value)))
    if name in _DAYS:
        return Entry(label, day(date.fromisoformat(value)))
    return Entry(label, str(ROLE_TITLES.get(value, value)) if name == "role" else str(value))
