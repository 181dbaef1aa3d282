"""The list of waivers of both kinds: what it is narrowed by, and one page of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import selectinload

from tiesan.access.criterion import flags_in_scope, readable_rows
from tiesan.access.viewer import current_viewer
from tiesan.admin.lists.filters import with_below
from tiesan.admin.waivers.lines import (
    SINGLE,
    STANDING,
    WaiverLine,
    single_lines,
    standing_lines,
    with_subjects,
)
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.flags.waivers import Waiver
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import table_of
from tiesan.rules import Review

PAGE = 50
NAMES = ("kind", "state", "plugin", "rule", "organization", "cadre")
_CADRE = table_of(Cadre)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the list says; what means nothing narrows nothing."""

    kind: str = ""
    state: str = ""
    plugin: str = ""
    rule: str = ""
    organization: str = ""
    cadre: str = ""

    @classmethod
    def read(cls, arguments: Mapping[str, str]) -> "Asked":
        """Read the arguments of an address."""
        return cls(**{name: arguments.get(name, "").strip() for name in NAMES})

    @property
    def set(self) -> dict[str, str]:
        """The arguments that are set."""
        return {name: value for name in NAMES if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class PageOfWaivers:
    """Some waivers, and whether there are further ones."""

    lines: list[WaiverLine]
    further: bool


def listed(asked: Asked, number: int, day: date) -> PageOfWaivers:
    """Return a page of the waivers that the viewer may see.

    Those in force and to come stand in the order in which they end; of those that have ended the
    latest comes first.
    """
    until = (number + 1) * PAGE + 1
    ended = asked.state == "ended"
    found: list[WaiverLine] = []
    if asked.kind != SINGLE:
        found += standing_lines(db.session.scalars(_standing(asked, day).limit(until)))
    if asked.kind != STANDING and asked.state in {"", "running"}:
        found += single_lines(db.session.scalars(_single(asked, day).limit(until)))
    found.sort(key=lambda line: line.until, reverse=ended)
    return PageOfWaivers(found[number * PAGE : until - 1], len(found) >= until)


def _standing(asked: Asked, day: date) -> Select[Any]:
    over = or_(Waiver.until < day, Waiver.until < Waiver.first_day)
    conditions = [readable_rows(Waiver), over if asked.state == "ended" else ~over]
    if asked.state == "running":
        conditions.append(Waiver.first_day <= day)
    elif asked.state == "coming":
        conditions.append(Waiver.first_day > day)
    if asked.plugin:
        of_rules = Waiver.rule.startswith(f"{asked.plugin}.", autoescape=True)
        conditions.append(or_(Waiver.plugin == asked.plugin, of_rules))
    if asked.rule:
        of_plugin = Waiver.plugin == asked.rule.partition(".")[0]
        conditions.append(or_(Waiver.rule == asked.rule, of_plugin))
    conditions += _of_subjects(asked, Waiver)
    order = Waiver.until.desc() if asked.state == "ended" else Waiver.until
    statement = select(Waiver).options(
        selectinload(Waiver.cadre), selectinload(Waiver.organization)
    )
    return statement.where(*conditions).order_by(order, Waiver.id)


def _single(asked: Asked, day: date) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [
        flags_in_scope(current_viewer()),
        Flag.review == Review.WAIVED.value,
        Flag.waived_until >= day,
    ]
    if asked.plugin:
        conditions.append(Flag.rule.startswith(f"{asked.plugin}.", autoescape=True))
    if asked.rule:
        conditions.append(Flag.rule == asked.rule)
    conditions += _of_subjects(asked, Flag)
    found: Select[Any] = with_subjects(select(Flag)).where(*conditions)
    return found.order_by(Flag.waived_until, Flag.id)


def _of_subjects(asked: Asked, of: Any) -> list[ColumnElement[bool]]:
    """The conditions on whom a row is about: a cadre, or an organization and all below it."""
    found: list[ColumnElement[bool]] = []
    if asked.cadre:
        cadres = select(Cadre.id).where(Cadre.code == asked.cadre)
        found.append(of.cadre_id.in_(cadres))
    if asked.organization:
        wanted = select(Organization.id).where(Organization.code == asked.organization)
        place = db.session.scalars(wanted).one_or_none()
        inside = [] if place is None else with_below(place)
        posted = select(_CADRE.c.id).where(_CADRE.c.organization_id.in_(inside))
        found.append(
            or_(
                of.organization_id.in_(inside),
                and_(of.cadre_id.is_not(None), of.cadre_id.in_(posted)),
            )
        )
    return found
