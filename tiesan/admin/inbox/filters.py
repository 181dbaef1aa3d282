"""The filters of the inbox in words: what there is to choose, and what was chosen."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from tiesan.access.installation import installed
from tiesan.admin.inbox.address import Address
from tiesan.admin.lists.lookups import described
from tiesan.extensions import Base, db
from tiesan.i18n import _, _l, current_language
from tiesan.people.models import Cadre, Organization
from tiesan.reviews.inbox import ALSO_OTHERS, MINE, GroupKey
from tiesan.rules import SEVERITY_LABELS
from tiesan.words.groups import group_titles
from tiesan.words.values import day

FILTERS: Mapping[str, str] = {
    "institution": _l("Institution"),
    "rule": _l("Rule"),
    "severity": _l("Severity"),
    "organization": _l("Organization and below"),
    "cadre": _l("Cadre"),
    "since": _l("Occurred from"),
    "assigned": _l("Assigned"),
    "place": _l("Organization"),
    "day": _l("Occurred on"),
}


def choices() -> Mapping[str, Mapping[str, str]]:
    """Return the values that there are to choose from, by filter, with their words."""
    language = current_language()
    rules = installed().rules.values()
    severities = reversed(list(SEVERITY_LABELS.items()))
    return {
        "institution": {each.name: str(each.title) for each in installed().plugins},
        "rule": {rule.id: rule.title.in_language(language) for rule in rules},
        "severity": {str(value): str(label) for value, label in severities},
        "assigned": {MINE: _("To me only"), ALSO_OTHERS: _("Also to others")},
    }


def looked_up(address: Address) -> Mapping[str, str]:
    """Return what the filters that are looked up are set to, in words."""
    models: Mapping[str, type[Base]] = {
        "organization": Organization,
        "cadre": Cadre,
        "place": Organization,
    }
    return {
        name: _described(model, address.filters[name])
        for name, model in models.items()
        if name in address.filters
    }


def chips(address: Address, named: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield each filter that is set, its value in words, and the query without it."""
    known = choices()
    for name, value in address.filters.items():
        words = named.get(name) or known.get(name, {}).get(value)
        if words is None:
            words = day(getattr(address.wanted, name))
        yield str(FILTERS[name]), words, address.without(name)


def group_title(address: Address, number: int) -> str:
    """Return the sentence of the group that is wanted; nothing where it is none."""
    wanted = address.wanted
    if wanted.rule is None or wanted.place is None or wanted.day is None:
        return ""
    key = GroupKey(wanted.rule, wanted.place, wanted.day)
    return group_titles(db.session(), installed(), {key: number})[key]


def _described(model: type[Base], code: str) -> str:
    coded: Any = model
    row = db.session.scalars(select(model).where(coded.code == code)).one_or_none()
    return code if row is None else described(row)
