"""Flags that are seen as one, in a sentence.

A group of flags of a duty that no row at all counts for lacks data rather than diligence, and says
so: no attendance data of an organization on a day.
"""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.flags.catalog import Catalog
from tiesan.i18n import _, ngettext
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import field_columns, record_kind, table_of
from tiesan.reviews.inbox import GroupKey
from tiesan.rules import Duty, Rule
from tiesan.words.flags import rule_title
from tiesan.words.values import day

_CADRE, _ORGANIZATION = table_of(Cadre), table_of(Organization)


def group_titles(
    session: Session, catalog: Catalog, numbers: Mapping[GroupKey, int]
) -> dict[GroupKey, str]:
    """Return a sentence for each group; ``numbers`` says how many flags are in it."""
    lacking = _without_any_row(session, catalog, numbers)
    places = sorted({key.place for key in numbers})
    named = select(_ORGANIZATION.c.id, _ORGANIZATION.c.name).where(_ORGANIZATION.c.id.in_(places))
    names = {row.id: row.name for row in session.execute(named)}
    return {
        key: _sentence(catalog, key, names[key.place], number, lacking=key in lacking)
        for key, number in numbers.items()
    }


def _sentence(catalog: Catalog, key: GroupKey, name: str, number: int, *, lacking: bool) -> str:
    rule = catalog.rules.get(key.rule)
    if lacking and rule is not None and isinstance(rule.form, Duty):
        kind = record_kind(catalog.records[rule.form.counts.kind])
        return ngettext(
            "No %(kind)s data of %(organization)s on %(day)s (%(num)d cadre)",
            "No %(kind)s data of %(organization)s on %(day)s (%(num)d cadres)",
            number, kind=str(kind.title).lower(), organization=name, day=day(key.day),
        )  # fmt: skip
    said = {"rule": rule_title(catalog, key.rule), "organization": name, "day": day(key.day)}
    return _("%(rule)s: %(organization)s, %(day)s (%(num)d flags)") % {**said, "num": number}


def _without_any_row(
    session: Session, catalog: Catalog, keys: Collection[GroupKey]
) -> set[GroupKey]:
    """The groups whose duty counts rows of cadres by the day, and has none of that organization."""
    found: set[GroupKey] = set()
    for rule_id in sorted({key.rule for key in keys}):
        rule = catalog.rules.get(rule_id)
        if rule is not None and _counts_by_cadre_and_day(rule, catalog):
            ours = [key for key in keys if key.rule == rule_id]
            there = _places_and_days(session, catalog, rule, ours)
            found |= {key for key in ours if (key.place, key.day) not in there}
    return found


def _counts_by_cadre_and_day(rule: Rule, catalog: Catalog) -> bool:
    form = rule.form
    if not isinstance(form, Duty) or form.counts.kind not in catalog.records:
        return False
    by, on = form.counts.by, form.counts.date
    return (
        rule.subject.last.to == "cadre"
        and not by.through
        and by.field.to == "cadre"
        and on is not None
        and not on.through
    )


def _places_and_days(
    session: Session, catalog: Catalog, rule: Rule, keys: Iterable[GroupKey]
) -> set[tuple[int, object]]:
    """Where cadres have a row at all that the duty might count, and on which of these days."""
    form = rule.form
    if not isinstance(form, Duty) or form.counts.date is None:
        return set()
    model = catalog.records[form.counts.kind]
    columns = {field.name: getattr(model, column.name) for field, column in field_columns(model)}
    cadre, on = columns[form.counts.by.field.name], columns[form.counts.date.field.name]
    keys = list(keys)
    statement = (
        select(_CADRE.c.organization_id, on)
        .join(_CADRE, _CADRE.c.id == cadre)
        .where(
            model.voided_at.is_(None),
            _CADRE.c.organization_id.in_(sorted({key.place for key in keys})),
            on.in_(sorted({key.day for key in keys})),
        )
        .distinct()
    )
    return {(place, found) for place, found in session.execute(statement)}
