"""The first page: what is open for the person who looks, and what was not evaluated."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import abort, current_app, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import AdminIndexView
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    func,
    literal_column,
    select,
    union_all,
)

from tiesan.access.criterion import ways_to_read
from tiesan.access.installation import installed, rule_problems
from tiesan.access.viewer import Viewer, current_viewer
from tiesan.admin.flags.lines import gravest
from tiesan.admin.inbox.phrases import REVIEWING
from tiesan.admin.notices.following import notices_at_home
from tiesan.admin.rules.page import latest_evaluations, unknowns
from tiesan.admin.shell.consequences import follow, want_evaluation
from tiesan.admin.shell.navigation import switched_off
from tiesan.admin.shell.pages import Open, page
from tiesan.admin.waivers.lines import ending_soon
from tiesan.audit import AuditEntry
from tiesan.clock import day_of, now, today
from tiesan.database import begin_storing
from tiesan.extensions import db
from tiesan.flags.evaluation import Standing, last_chance, standings
from tiesan.flags.leftovers import leftover_values
from tiesan.flags.models import Flag
from tiesan.i18n import _l
from tiesan.people.lines import lines_of
from tiesan.people.models import Organization, OrganizationKind
from tiesan.records.base import Record
from tiesan.records.kinds import table_of
from tiesan.records.pending import backlogs
from tiesan.records.policy import ADMINISTRATORS, COMMITTEE, EVERYBODY, STAFF
from tiesan.scheduler.jobs import FIRST_HOURS, Job
from tiesan.words.flags import (
    GRAVITY,
    severity_badge,
)
from tiesan.words.lines import Told, told
from tiesan.words.runs import failed_runs

_MOST = 8
_MOST_OF_A_KIND = 3
# Whose statements are kept: of those who looked last.
_MOST_VIEWERS = 80
_TOLD_FOR = timedelta(days=31)

# Position of the class, id and time of a row.
_Found = tuple[int, int, datetime]


@dataclass(frozen=True, slots=True)
class Tile:
    """How many active flags of a severity, and where they are listed."""

    badge: str
    severity: str
    number: int


@dataclass(frozen=True, slots=True)
class Recent:
    """A record as the first page shows it."""

    title: str
    url: str
    row: Record


class HomeView(Open, AdminIndexView):  # type: ignore[misc] # Flask-Admin carries no types.
    """The first page of everybody who is signed in."""

    roles = EVERYBODY
    place = "home"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(name=_l("Home"), url="/")

    def is_accessible(self) -> bool:
        """Whoever is signed in has a first page, be it an empty one."""
        return not current_viewer().is_stranger

    @page("/")
    def index(self) -> ResponseReturnValue:
        """Show what is open for the viewer."""
        viewer = current_viewer()
        evaluations = latest_evaluations()
        return self.render(
            "home/home.html",
            tiles=tiles(),
            flags=gravest(installed(), _MOST),
            notices=notices_at_home(viewer),
            recent=recent_records(),
            institutions=by_institution() if viewer.has(STAFF | COMMITTEE) else [],
            evaluations=evaluations,
            unknowns=unknowns(evaluations),
            standings=notable_standings(viewer, now()),
            leftovers=leftovers() if viewer.reach(ADMINISTRATORS).everywhere else [],
            rule_problems=rule_problems() if administered(viewer) else (),
            backlogs=backlogs(db.session(), districts_seen(viewer)),
            may_evaluate=bool(administered(viewer)),
            told=told_lately(viewer),
            ending=ending_soon(viewer),
            failed=failed_runs() if viewer.has(ADMINISTRATORS) else [],
        )

    @page("/first")
    def first(self) -> ResponseReturnValue:
        """Lead on to what whoever signs in begins with: for a reviewer what waits for them."""
        begins = "inbox.index_view" if current_viewer().has(REVIEWING) else "admin.index"
        return redirect(url_for(begins))

    @page("/evaluate", methods=("POST",))
    def evaluate(self) -> ResponseReturnValue:
        """Evaluate the administrator's districts up to now."""
        district_ids = administered(current_viewer())
        if not district_ids:
            abort(403)
        begin_storing(db.session())
        run_id = want_evaluation(district_ids, judged_until=today() - timedelta(days=1))
        db.session.commit()
        return follow(run_id, self.get_url(".index"))


def told_lately(viewer: Viewer) -> list[Told]:
    """Return what the viewer was told in the last weeks, the newest first."""
    since = now() - _TOLD_FOR
    return list(map(told, lines_of(db.session(), viewer.account_id, since=since, most=_MOST)))


def notable_standings(viewer: Viewer, moment: datetime) -> list[Standing]:
    """Return the viewer's districts that have not been judged as far as due, or beyond today.

    What the daily evaluation had no chance to judge yet is not missing: the day before until its
    time has come, and anything in a district that was never judged and is newer than that.
    """
    jobs: Mapping[str, Job] = current_app.extensions["runner"].jobs
    chance = last_chance(moment, jobs["evaluate"].at or FIRST_HOURS)
    seen = districts_seen(viewer)
    found = standings(db.session(), day_of(moment), seen, due=chance.date())
    return [
        each
        for each in found
        if each.is_ahead or (each.unjudged_since is not None and _was_there(each, chance))
    ]


def _was_there(standing: Standing, moment: datetime) -> bool:
    """Whether a district was stored before a moment, as far as the trail tells."""
    if standing.judged_until is not None:
        return True
    entry = table_of(AuditEntry)
    of_district = entry.c.district_id.in_([standing.district_id])
    first = db.session.scalar(select(func.min(entry.c.at)).where(of_district))
    first = first or db.session.scalar(select(func.min(entry.c.at)))
    return first is None or first < moment


def leftovers() -> list[str]:
    """Return the stored values of parameters that no rule has, in words."""
    return [each.in_words() for each in leftover_values(db.session(), installed().rules)]


def districts_seen(viewer: Viewer) -> frozenset[int] | None:
    """Return the districts in which the viewer has a role; None for all."""
    return None if viewer.reach(STAFF).everywhere else viewer.home_districts


def _all_districts() -> set[int]:
    """Return the ids of all districts."""
    table = table_of(Organization)
    statement = select(table.c.id).where(table.c.kind == OrganizationKind.DISTRICT.value)
    return set(db.session.scalars(statement))


def administered(viewer: Viewer) -> set[int]:
    """Return the districts that the viewer administers as a whole."""
    reach = viewer.reach(ADMINISTRATORS)
    return _all_districts() if reach.everywhere else set(reach.districts)


def _active(*columns: Any) -> Select[Any]:
    return select(*columns).where(Flag.active)


def tiles() -> list[Tile]:
    """Return the number of active flags by severity, the gravest first."""
    statement = _active(Flag.severity, func.count(Flag.id)).group_by(Flag.severity)
    numbers: Mapping[str, int] = dict(db.session.execute(statement).all())
    return [
        Tile(severity_badge(severity), severity, numbers.get(severity, 0))
        for severity in sorted(GRAVITY, key=GRAVITY.__getitem__, reverse=True)
    ]


def by_institution() -> list[tuple[str, str, int]]:
    """Return name, title and number of active flags of each institution."""
    numbers: dict[str, int] = {}
    statement = _active(Flag.rule, func.count(Flag.id)).group_by(Flag.rule)
    for rule, number in db.session.execute(statement):
        plugin = rule.partition(".")[0]
        numbers[plugin] = numbers.get(plugin, 0) + number
    off = switched_off()
    return [
        (plugin.name, str(plugin.title), numbers.get(plugin.name, 0))
        for plugin in installed().plugins
        if plugin.name not in off
    ]


def recent_records() -> Sequence[Recent]:
    """Return the records entered last that the viewer may open.

    Confidential ones are left out, and those of plugins that are switched off.
    """
    off = switched_off()
    views = {
        view.record: view
        for view in current_app.extensions["record_views"]
        if view.plugin.name not in off and not view.policy.confidential and view.is_accessible()
    }
    return [
        Recent(view.heading(row), url_for(f"{view.endpoint}.details_view", id=row.id), row)
        for row in _latest(tuple(views))
        for view in (views[type(row)],)
    ]


def _latest(models: tuple[type[Record], ...]) -> list[Record]:
    """Return the rows of these classes that were entered last, the latest first."""
    if not models:
        return []
    found = _of_each_the_newest(db.session.execute(_newest(models, current_viewer())).all())
    ids: dict[type[Record], list[int]] = {}
    for position, row_id, _recorded_at in found:
        ids.setdefault(models[position], []).append(row_id)
    rows = {
        (model, row.id): row
        for model, wanted in ids.items()
        for row in db.session.scalars(select(model).where(model.id.in_(wanted)))
    }
    newest = [(models[position], row_id) for position, row_id, _recorded_at in found]
    # What was withdrawn from the viewer between the two questions is left out.
    return [rows[each] for each in newest if each in rows]


def _of_each_the_newest(found: Iterable[_Found]) -> list[_Found]:
    """Of each class the rows entered last, and of those the latest, the latest first."""
    by_class: dict[int, list[_Found]] = {}
    for each in sorted(set(found), key=_by_id, reverse=True):
        by_class.setdefault(each[0], []).append(each)
    some = [each for rows in by_class.values() for each in rows[:_MOST_OF_A_KIND]]
    return sorted(some, key=_by_time, reverse=True)[:_MOST]


def _by_id(found: _Found) -> int:
    return found[1]


def _by_time(found: _Found) -> tuple[datetime, int, int]:
    position, row_id, recorded_at = found
    return recorded_at, row_id, -position


@lru_cache(_MOST_VIEWERS)
def _newest(models: tuple[type[Record], ...], viewer: Viewer) -> CompoundSelect[Any]:
    """Position of the class, id and time of the rows entered last; one statement for them all.

    A row may be found in two ways, and there are more rows than are shown. To make the statement
    takes longer than to ask by it; it says nothing that is not in the viewer.
    """
    narrow = [
        _newest_of(model, position, way)
        for position, model in enumerate(models)
        for way in ways_to_read(model, viewer)
    ]
    return union_all(*(select(each.subquery()) for each in narrow))


def _newest_of(
    model: type[Record], position: int, way: ColumnElement[bool]
) -> Select[int, int, datetime]:
    columns = literal_column(str(position), Integer()).label("position"), model.id
    statement = select(*columns, model.recorded_at).where(model.voided_at.is_(None), way)
    return statement.order_by(model.id.desc()).limit(_MOST_OF_A_KIND)
