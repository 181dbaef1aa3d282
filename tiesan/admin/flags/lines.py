"""Flags in a few lines, for the pages of something else: the first page, the page of a record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, bindparam, case, select
from sqlalchemy.orm import selectinload

from tiesan.clock import today
from tiesan.extensions import db
from tiesan.flags.catalog import Catalog
from tiesan.flags.models import Flag
from tiesan.people.models import Cadre
from tiesan.reviews.lapsed import as_it_stands
from tiesan.rules import Level
from tiesan.words.flags import (
    GRAVITY,
    message_of,
    rule_title,
    severity_badge,
    subject_name,
    suspected,
)

# Flags by their ids (``flags``), with whom they are about and where those are posted: made once,
# because making it takes longer than asking by it.
WITH_SUBJECTS: Select[Flag] = (
    select(Flag)
    .where(Flag.id.in_(bindparam("flags", expanding=True)))
    .options(
        selectinload(Flag.cadre).selectinload(Cadre.organization), selectinload(Flag.organization)
    )
)
GRAVEST = case(GRAVITY, value=Flag.severity)


@dataclass(frozen=True, slots=True)
class FlagLine:
    """A flag in words: how grave, what it says, of whom, by which rule, and whether suspected."""

    flag: Flag
    badge: str
    message: str
    subject: str
    rule: str
    suspected: str


def gravest(catalog: Catalog, most: int, *conditions: ColumnElement[bool]) -> list[FlagLine]:
    """Return the active flags under conditions that the viewer may see: at most ``most`` of them.

    The gravest come first; of one severity those that rest on records before those that count
    other flags, which nobody understands before having read these; then the newest.
    """
    counting = [rule.id for rule in catalog.rules.values() if rule.level is not Level.RECORDS]
    statement = (
        select(Flag)
        .where(Flag.active, *conditions)
        .options(selectinload(Flag.cadre), selectinload(Flag.organization))
        .order_by(GRAVEST.desc(), Flag.rule.in_(counting), Flag.occurred_on.desc(), Flag.id.desc())
        .limit(most)
    )
    return list(_lines(db.session.scalars(statement), catalog))


def lines_of(ids: Sequence[int], catalog: Catalog) -> list[FlagLine]:
    """Return flags by their ids, in their order, as far as the viewer may see them."""
    found = {flag.id: flag for flag in db.session.scalars(WITH_SUBJECTS, {"flags": list(ids)})}
    return list(_lines((found[each] for each in ids if each in found), catalog))


def _lines(flags: Iterable[Flag], catalog: Catalog) -> Iterable[FlagLine]:
    for each in flags:
        flag = as_it_stands(each, today())
        yield FlagLine(
            flag,
            severity_badge(flag.severity),
            message_of(flag),
            subject_name(flag),
            rule_title(catalog, flag.rule),
            suspected(flag),
        )
