"""How records came to say what they say: entered late (补录) and why, and corrected by whom.

Source: design.md, "Who typed a date matters". Late entries and corrections are kept in the audit
trail, which is for administrators; what it says of a record is shown here to whoever may see the
record. So the rows given must be ones that the viewer may read.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, false, or_, select

from tiesan.access.criterion import readable_rows
from tiesan.audit import AuditEntry
from tiesan.clock import SHANGHAI
from tiesan.extensions import Base, db
from tiesan.facts.kinds import Field
from tiesan.i18n import _
from tiesan.people.models import Account, Cadre, Organization
from tiesan.records.base import Record
from tiesan.records.kinds import fact_kind, record_kind, table_of
from tiesan.words.audit import kept_words
from tiesan.words.rows import Entry, who
from tiesan.words.values import moment

_ENTRY = table_of(AuditEntry)
_NAMED: Mapping[str, type[Base]] = {"cadre": Cadre, "organization": Organization}
_LONGEST = 120
CADRE = record_kind(Cadre).name

Names = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Change:
    """What a field said before and after, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """One correction: what it was, when and by whom, what it changed, and why."""

    what: str
    at: str
    who: str
    changes: list[Change]
    reason: str


@dataclass(frozen=True, slots=True)
class History:
    """What the trail says of a record: the line of its late entry, if it was one; corrections.

    ``hidden`` are the accounts of those whom it was about by mistake and whom the viewer may not
    see: who is named now need not know who was.
    """

    late: list[Entry]
    steps: list[Step]
    hidden: frozenset[int] = frozenset()


UNTOUCHED = History([], [])
# By the kind and the id of the record.
Histories = Mapping[tuple[str, int], History]


def histories(rows: Collection[Record]) -> Histories:
    """Return the histories of records by kind and id, read at once; untouched ones are left out."""
    entries = _entries(rows)
    models = {record_kind(type(row)).name: type(row) for row in rows}
    names = _names(models, entries)
    hidden = _hidden(models, entries, names)
    found: dict[tuple[str, int], History] = {}
    for entry in entries:
        key = (entry["object_kind"], entry["object_id"])
        history = found.setdefault(key, History([], [], hidden))
        model = models[entry["object_kind"]]
        if entry["verb"] == "update":
            history.steps.append(_step(model, entry, names, hidden))
        else:
            history.late.extend(_late_entry(model, entry))
    return found


def history_of(row: Record) -> History:
    """Return the history of one record."""
    return histories([row]).get((record_kind(type(row)).name, row.id), UNTOUCHED)


def _entries(rows: Collection[Record]) -> list[Mapping[str, Any]]:
    ids: dict[str, list[int]] = {}
    for row in rows:
        ids.setdefault(record_kind(type(row)).name, []).append(row.id)
    about = [
        and_(_ENTRY.c.object_kind == kind, _ENTRY.c.object_id.in_(found))
        for kind, found in ids.items()
    ]
    statement = select(_ENTRY).where(_ENTRY.c.verb.in_(["create", "update"]), or_(false(), *about))
    if not about:
        return []
    found = db.session.execute(statement.order_by(_ENTRY.c.id)).mappings()
    return [dict(entry) for entry in found]


def _late_entry(model: type[Record], entry: Mapping[str, Any]) -> Iterable[Entry]:
    """The line that says that a record was entered late, and why."""
    details = entry["details"]
    reason = details.get("reason")
    if reason or _is_late(model, entry["at"], details.get("values", {})):
        said = _("Yes; reason: %(reason)s", reason=reason) if reason else _("Yes")
        yield Entry(_("Late entry"), said, wide=True)


def _is_late(model: type[Record], at: datetime, values: Mapping[str, Any]) -> bool:
    """Whether a date of doing is another day than that on which it was entered."""
    entered = at.astimezone(SHANGHAI).date().isoformat()
    return any(values.get(name) not in (None, entered) for name in model.policy.set_by_system)


def _step(
    model: type[Record], entry: Mapping[str, Any], names: Names, hidden: frozenset[int]
) -> Step:
    fields = fact_kind(model).by_name
    changed: Mapping[str, list[Any]] = entry["details"].get("changed", {})
    late = _is_late(model, entry["at"], {name: after for name, (_b, after) in changed.items()})
    secret = model.policy.confidential
    return Step(
        what=_("Late entry") if late else _("Correction"),
        at=moment(entry["at"]),
        who=_("not shown")
        if entry["actor_id"] in hidden
        else who(entry["actor_name"], entry["actor_id"]),
        changes=[
            _change(fields[name], values, names, secret=secret)
            for name, values in changed.items()
            if name in fields
        ],
        reason=entry["details"].get("reason") or "",
    )


def _change(field: Field, values: list[Any], names: Names, *, secret: bool) -> Change:
    # A confidential record is not for the cadre that it was about before it was corrected either.
    if secret and field.to == CADRE:
        return Change(str(field.label), _("not shown"), _("not shown"))
    before, after = (_in_words(field, value, names) for value in values)
    return Change(str(field.label), before, after)


def _in_words(field: Field, value: Any, names: Names) -> str:
    name = names.get((str(field.to), str(value)))
    if field.to == CADRE and value is not None and name is None:
        return _("not shown")
    text = name or kept_words(field, value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _hidden(
    models: Mapping[str, type[Record]], entries: Iterable[Mapping[str, Any]], names: Names
) -> frozenset[int]:
    """The accounts of the cadres that were named before, as far as the viewer may not see them."""
    codes = {
        values[0]
        for entry in entries
        for name, values in entry["details"].get("changed", {}).items()
        if (field := fact_kind(models[entry["object_kind"]]).by_name.get(name)) is not None
        and field.to == CADRE
        and values[0] is not None
        and (CADRE, values[0]) not in names
    }
    if not codes:
        return frozenset()
    account, cadre = table_of(Account), table_of(Cadre)
    statement = select(account.c.id).join(cadre, cadre.c.id == account.c.cadre_id)
    return frozenset(db.session.scalars(statement.where(cadre.c.code.in_(sorted(codes)))))


def _names(models: Mapping[str, type[Record]], entries: Iterable[Mapping[str, Any]]) -> Names:
    """The names of the cadres and organizations that were named before or after a correction.

    Of cadres those whom the viewer may see: who is named now need not know who was, by mistake.
    """
    codes: dict[str, set[str]] = {}
    for entry in entries:
        fields = fact_kind(models[entry["object_kind"]]).by_name
        for name, values in entry["details"].get("changed", {}).items():
            if name in fields and fields[name].to in _NAMED:
                codes.setdefault(str(fields[name].to), set()).update(filter(None, values))
    found: dict[tuple[str, str], str] = {}
    for kind, wanted in codes.items():
        table = table_of(_NAMED[kind])
        statement = select(table.c.code, table.c.name).where(table.c.code.in_(sorted(wanted)))
        if kind == CADRE:
            seen = select(Cadre.id).where(readable_rows(Cadre))
            statement = statement.where(table.c.id.in_(seen))
        found |= {(kind, code): name for code, name in db.session.execute(statement)}
    return found
