"""Flags that would come or go, each with what the viewer may open of it: flag, subject, record."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from flask import url_for
from sqlalchemy import select

from tiesan.access.criterion import readable_rows
from tiesan.extensions import db
from tiesan.flags.catalog import Catalog
from tiesan.flags.models import Flag
from tiesan.i18n import current_language
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import table_of
from tiesan.words.evidence import EvidenceReader, Exhibit
from tiesan.words.flags import rule_title

# A flag as ``tiesan.rulebook.listing`` keeps it.
Kept: TypeAlias = Mapping[str, Any]
# Rule, kind of subject, code of the subject, key.
_Identity: TypeAlias = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a flag is about, and their page if the viewer may open it."""

    name: str
    url: str | None


@dataclass(frozen=True, slots=True)
class FlagLine:
    """A flag that would come, go or change.

    ``rule`` is the title of its rule, blank where that goes without saying. ``url`` is its page, if
    it is there and the viewer may see it; ``exhibit`` is what it is about.
    """

    message: str
    rule: str
    subject: Subject
    occurred_on: date
    url: str | None
    exhibit: Exhibit | None


def flag_lines(flags: Sequence[Kept], catalog: Catalog, *, of: str = "") -> list[FlagLine]:
    """Return what the viewer is shown of flags, in their order.

    That they are ``of`` a rule goes without saying.
    """
    subjects = subjects_of((flag["subject_kind"], flag["subject"]) for flag in flags)
    pages, exhibits = _pages_of_flags(flags), _exhibits(flags, catalog)
    language = "en" if current_language().startswith("en") else "zh"
    return [
        FlagLine(
            flag[language],
            "" if flag["rule"] == of else rule_title(catalog, flag["rule"]),
            subjects.get((flag["subject_kind"], flag["subject"]), Subject(flag["subject"], None)),
            date.fromisoformat(flag["occurred_on"]),
            pages.get(_identity(flag)),
            exhibits.get(at),
        )
        for at, flag in enumerate(flags)
    ]


def _identity(flag: Kept) -> _Identity:
    return flag["rule"], flag["subject_kind"], flag["subject"], flag["key"]


def subjects_of(subjects: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Subject]:
    """Return those of some subjects, by kind and code, whom the viewer may read."""
    codes: dict[str, set[str]] = defaultdict(set)
    for kind, code in subjects:
        codes[kind].add(code)
    found: dict[tuple[str, str], Subject] = {}
    for kind, model in (("cadre", Cadre), ("organization", Organization)):
        rows = select(model.id, model.code, model.name)
        for row_id, code, name in db.session.execute(
            rows.where(model.code.in_(codes[kind]), readable_rows(model))
        ):
            url = url_for(f"{kind}.details_view", id=row_id)
            found[kind, code] = Subject(f"{name} · {code}", url)
    return found


def _pages_of_flags(flags: Sequence[Kept]) -> dict[_Identity, str]:
    """The pages of those active flags of these identities that the viewer may see."""
    cadre, place = table_of(Cadre), table_of(Organization)
    statement = (
        select(Flag.id, Flag.rule, Flag.key, cadre.c.code, place.c.code)
        .outerjoin(cadre, cadre.c.id == Flag.cadre_id)
        .outerjoin(place, place.c.id == Flag.organization_id)
        .where(Flag.active, Flag.rule.in_({flag["rule"] for flag in flags}))
        .where(Flag.key.in_({flag["key"] for flag in flags}))
    )
    found: dict[_Identity, str] = {}
    for flag_id, rule, key, of_cadre, of_place in db.session.execute(statement):
        subject = ("cadre", of_cadre) if of_cadre else ("organization", of_place)
        found[rule, *subject, key] = url_for("flag.details_view", id=flag_id)
    return found


def _exhibits(flags: Sequence[Kept], catalog: Catalog) -> dict[int, Exhibit]:
    """What flags are about by their places, with its page if it is there and may be opened."""
    places: dict[str, list[int]] = defaultdict(list)
    for at, flag in enumerate(flags):
        if flag["fact"] is not None:
            places[flag["rule"]].append(at)
    found: dict[int, Exhibit] = {}
    for rule, of_rule in places.items():
        reader = EvidenceReader(catalog, catalog.rules.get(rule))
        exhibits = reader.exhibits([flags[at]["fact"] for at in of_rule])
        found.update(zip(of_rule, exhibits, strict=True))
    return found
