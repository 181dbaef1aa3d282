"""Filling an empty database with fictitious districts."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.calendar.deadlines import add_days
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.database import begin_writing
from tiesan.demo.absences import Absence, plan_absences
from tiesan.demo.accounts import VERB, add_accounts
from tiesan.demo.cast import Cast, Casting
from tiesan.demo.plan import DemoPlan
from tiesan.demo.rows import Rows
from tiesan.demo.world import DemoWorld
from tiesan.discovery import Plugins
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.facts.leave import LeaveCover
from tiesan.i18n import _
from tiesan.people.ancestry import refresh_ancestry
from tiesan.people.models import Account, Cadre, Organization, Posting
from tiesan.plugin import Plugin, load_named
from tiesan.records.settings import CalendarException, RuleParameterValue

# What may not be there yet: all records stand on organizations, and settings change the flags.
_MUST_BE_EMPTY = (Organization, Account, CalendarException, RuleParameterValue)
_CORE: tuple[type[Base], ...] = (Organization, Cadre, Posting)
# Leave matters in the records' days and a little beyond; planned ones reach further than today.
_AHEAD = 60


def is_empty(session: Session) -> bool:
    """Whether nothing has been stored yet that demo records could get mixed up with."""
    return all(session.scalar(select(model.id).limit(1)) is None for model in _MUST_BE_EMPTY)


def fill(
    actor: Actor,
    session: Session,
    plan: DemoPlan,
    plugins: Plugins,
    *,
    now: datetime,
    progress: Callable[[str], None] | None = None,
) -> Mapping[str, int]:
    """Fill an empty database by a plan; gives the number of rows by table. The caller commits.

    Raises UserError when the database is not empty. The same plan and plugins give the same
    records; ``now`` is only when they were recorded.
    """
    begin_writing(session)
    if not is_empty(session):
        raise UserError(
            _("The database is not empty: demo records are only written into an empty one.")
        )
    filling = _Filling(plan, plugins, now)
    connection = session.connection()
    for number in range(plan.districts):
        cast = filling.district(number)
        filling.rows.write(connection, [*_CORE, *plugins.records])
        if number == 0:
            add_accounts(actor, session, cast, now)
        if progress is not None:
            progress(cast.district.code)
    filling.rows.settle_ids(connection)
    refresh_ancestry(session)
    counts = filling.rows.counts
    details = {"rows": sum(counts.values()), "seed": plan.seed, "until": plan.today.isoformat()}
    record_entry(session, actor, VERB, Subject("installation"), at=now, details=details)
    return counts


def demo_of(plugin: Plugin) -> Callable[[DemoWorld], None] | None:
    """The function that writes a plugin's demo records; None where it has none.

    Raises UserError when what the plugin names cannot be loaded.
    """
    return cast("Callable[[DemoWorld], None] | None", load_named(plugin, "demo"))


@dataclass
class _Filling:
    """The districts of one plan; ids and codes go on from one to the next."""

    plan: DemoPlan
    plugins: Plugins
    now: datetime

    def __post_init__(self) -> None:
        self.rows = Rows()
        self._calendar = WorkingCalendar()
        self._casting = Casting(self.plan, self.rows.new_id)
        self._codes = Counter[str]()
        self._writers = {each.name: demo_of(each) for each in self.plugins}

    def district(self, number: int) -> Cast:
        """Make a district's rows; gives its organizations and cadres."""
        cast = self._casting.district(number)
        world = self._world(cast, self._random(number, "absences"))
        _add_people(self.rows, cast, self.plan.first_day)
        for plugin in self.plugins:
            write = self._writers.get(plugin.name)
            if write is not None:
                world.random = self._random(number, plugin.name)
                write(world)
        return cast

    def _random(self, number: int, name: str) -> Random:
        return Random(f"{self.plan.seed}/{number}/{name}")

    def _world(self, cast: Cast, random: Random) -> DemoWorld:
        plan, absences = self.plan, list(self._absences(cast, random))
        spans = (each.span for each in absences)
        return DemoWorld(
            cast=cast,
            calendar=self._calendar,
            first_day=plan.first_day,
            today=plan.today,
            absences=absences,
            leave=LeaveCover(spans, plan.first_day, add_days(plan.today, _AHEAD)),
            rows=self.rows,
            codes=self._codes,
            bookkeeping={
                "district_id": cast.district.id,
                "recorded_at": self.now,
                "source": "demo",
            },
        )

    def _absences(self, cast: Cast, random: Random) -> Iterator[Absence]:
        for cadre in cast.cadres:
            if cadre.clocks:
                first_day, today = self.plan.first_day, self.plan.today
                yield from plan_absences(random, cadre, self._calendar, first_day, today)


def _add_people(rows: Rows, cast: Cast, first_day: date) -> None:
    """Add the organizations and cadres of a district, and where the cadres are posted."""
    for organization in cast.organizations:
        district = organization is cast.district
        chair = cast.posted.get(organization, [None])[0]
        fields = {
            "code": organization.code,
            "name": organization.name,
            "kind": str(organization.kind),
            "parent": organization.parent,
            "founded_on": organization.founded_on,
            "dissolved_on": organization.dissolved_on,
            "tracked_from": first_day if district else None,
            "chair": chair,
        }
        blank = rows.blank(Organization, id=organization.id, district_id=cast.district.id)
        rows.add(Organization, blank, fields)
    for cadre in cast.cadres:
        names = ("code", "name", "organization", "post", "professional", "joined_on", "left_on")
        blank = rows.blank(Cadre, id=cadre.id)
        rows.add(Cadre, blank, {name: getattr(cadre, name) for name in names})
        posting = rows.blank(
            Posting,
            cadre_id=cadre.id,
            organization_id=cadre.organization.id,
            from_on=cadre.joined_on,
            until_on=None if cadre.left_on is None else cadre.left_on - timedelta(days=1),
        )
        rows.add(Posting, posting, {})
