"""Evidence in words: the frozen facts of a flag, field by field, with labels, names and links.

Facts are kept as a file would hold them: dates and amounts as text, references as codes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import select

from tiesan.access.criterion import readable_rows
from tiesan.extensions import Base, db
from tiesan.facts.kinds import Field, FieldType
from tiesan.flags.catalog import Catalog
from tiesan.flags.models import Flag
from tiesan.i18n import _, _l, current_language
from tiesan.money import parse_amount
from tiesan.people.merges import known_code
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Record
from tiesan.records.kinds import core_classes, fact_kind, record_kind, row_id, table_of
from tiesan.rules import FLAG, Parameter, Rule, offending_fields, parse_value
from tiesan.words.flags import rule_title
from tiesan.words.history import UNTOUCHED, Histories, Step, histories
from tiesan.words.rows import Entry, bookkeeping, endpoint_of, row_id_of
from tiesan.words.values import day, yes_or_no, yuan

Fact = Mapping[str, Any]
_PARAMETER = "parameter"
_RULE = FLAG.by_name["rule"]
_LONG_TEXT = 500
# What the forms of the rules derive from records.
_DERIVED = {
    "deadline": _l("Deadline"),
    "duty": _l("Duty"),
    "tally": _l("What was counted"),
}


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One fact of the evidence: what it is and its lines.

    Where it is a record, the address of its page and the later corrections stand beside it.
    """

    title: str
    entries: list[Entry]
    url: str | None = None
    steps: Sequence[Step] = ()


class EvidenceReader:
    """Reads the evidence of one rule's flags."""

    def __init__(self, catalog: Catalog, rule: Rule | None) -> None:
        """Take the installation, and the rule as it is now (None: it is gone)."""
        self._catalog, self._rule = catalog, rule
        self._names: dict[tuple[str, str], str] = {}
        self._offending = {} if rule is None else offending_fields(rule)

    def parameters(self, evidence: Iterable[Fact]) -> list[Entry]:
        """Return the parameter values with which a flag was decided."""
        facts = (fact for fact in evidence if fact.get("fact") == _PARAMETER)
        return [self._parameter(str(fact["name"]), str(fact["value"])) for fact in facts]

    def exhibits(self, evidence: Iterable[Fact]) -> list[Exhibit]:
        """Return the facts of the evidence in words."""
        facts = [fact for fact in evidence if fact.get("fact") != _PARAMETER]
        rows = [row_of(self._catalog, str(fact["fact"]), fact) for fact in facts]
        kept = histories([row for row in rows if isinstance(row, Record)])
        return [self._exhibit(fact, row, kept) for fact, row in zip(facts, rows, strict=True)]

    def _parameter(self, name: str, value: str) -> Entry:
        declared = self._rule.parameters.get(name) if self._rule else None
        if declared is None:
            return Entry(name, value)
        language = current_language()
        return Entry(declared.label.in_language(language), _said(declared, value, language))

    def _exhibit(self, fact: Fact, row: Base | None, kept: Histories) -> Exhibit:
        kind = str(fact["fact"])
        known = self._catalog.kinds.get(kind)
        title = str(_DERIVED.get(kind, kind) if known is None else known.title)
        if fact.get("more"):
            return Exhibit(title, [Entry(_("Further records"), _("There are more of them."))])
        name = rule_title(self._catalog, fact["rule"]) if kind == FLAG.name else fact.get("code")
        title = f"{title} {name}" if name else title
        entries = list(self._entries(fact, self._fields(kind)))
        if kind == FLAG.name:
            return Exhibit(title, entries, flag_url(fact))
        if row is None:
            return Exhibit(title, entries)
        url = url_for(f"{endpoint_of(type(row))}.details_view", id=row_id(row))
        if not isinstance(row, Record):
            return Exhibit(title, entries, url)
        history = kept.get((kind, row.id), UNTOUCHED)
        entries.extend(bookkeeping(row, history.late, history.hidden))
        return Exhibit(title, entries, url, history.steps)

    def _fields(self, kind: str) -> Mapping[str, Field]:
        if kind in _DERIVED:
            return self._rule.shape.by_name if self._rule is not None else {}
        return self._catalog.kinds[kind].by_name if kind in self._catalog.kinds else {}

    def _entries(self, fact: Fact, fields: Mapping[str, Field]) -> Iterator[Entry]:
        offending = self._offending.get(str(fact["fact"]), frozenset())
        for name, value in fact.items():
            marked = name in offending
            if name == "fact" or (value is None and not marked):
                continue
            field = fields.get(name)
            if field is None:
                yield Entry(name, str(value), marked=marked)
            else:
                wide = (field.max_length or 0) > _LONG_TEXT
                words = "" if value is None else self._words(field, value)
                yield Entry(str(field.label), words, wide=wide, marked=marked)

    def _words(self, field: Field, value: Any) -> str:
        if isinstance(value, bool):
            return yes_or_no(value)
        if field.to is not None:
            return self._name(field.to, value)
        if field is _RULE:
            return rule_title(self._catalog, value)
        if field.type is FieldType.AMOUNT:
            return yuan(parse_amount(value))
        if field.type is FieldType.DATE:
            return day(date.fromisoformat(value))
        return str(field.choices.get(value, value))

    def _name(self, kind: str, code: str) -> str:
        """The name that belongs to a code; asked for once per page."""
        model = {"cadre": Cadre, "organization": Organization}.get(kind)
        if model is None:
            return code
        if (kind, code) not in self._names:
            table = table_of(model)
            known = known_code(db.session(), code) if model is Cadre else code
            name = db.session.scalar(select(table.c.name).where(table.c.code == known))
            self._names[kind, code] = f"{name} · {code}" if name else code
        return self._names[kind, code]


def row_of(catalog: Catalog, kind: str, fact: Fact) -> Base | None:
    """The row that a fact was, if it exists and the viewer may open its page."""
    core = {record_kind(each).name: each for each in core_classes()}
    model: type[Base] | None = catalog.records.get(kind) or core.get(kind)
    if model is None:
        return None
    conditions = list(_same_identity(model, fact))
    if not conditions:
        return None
    newest = row_id_of(model).desc()
    statement = select(model).where(*conditions, readable_rows(model)).order_by(newest)
    return db.session.scalars(statement.limit(1)).first()


def flag_url(fact: Fact) -> str | None:
    """The page of the latest flag of that rule, subject and key, if the viewer may see it."""
    of_cadre = Flag.cadre.has(Cadre.code == fact["cadre"])
    of_organization = Flag.organization.has(Organization.code == fact["organization"])
    statement = (
        select(Flag.id)
        .where(Flag.rule == fact["rule"], Flag.key == fact["key"])
        .where(of_cadre if fact["cadre"] else of_organization)
        .order_by(Flag.id.desc())
    )
    flag_id = db.session.scalars(statement.limit(1)).first()
    return None if flag_id is None else url_for("flag.details_view", id=flag_id)


def _same_identity(model: type[Base], fact: Fact) -> Iterator[Any]:
    """The conditions that a row is the one that a fact was."""
    kind = fact_kind(model)
    if any(fact.get(name) is None for name in kind.identity):
        return
    for name in kind.identity:
        field, value = kind.by_name[name], fact[name]
        if field.type is FieldType.REFERENCE:
            attribute = getattr(model, name)
            target = attribute.property.mapper.class_
            yield attribute.has(getattr(target, "code") == value)  # noqa: B009 - not every class
        elif field.type is FieldType.DATE:
            yield getattr(model, name) == date.fromisoformat(value)
        else:
            yield getattr(model, name) == value


def _said(declared: Parameter, value: str, language: str) -> str:
    """A parameter's value in words; as it was frozen where the rule would not take it any more."""
    try:
        read = parse_value(value, declared)
    except ValueError:
        return value
    return _(", ").join(declared.in_words(read, language))
