"""The first page: what is open for the person who looks, and what was not evaluated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import abort, current_app, url_for
from flask.typing import ResponseReturnValue
from flask_admin import AdminIndexView
from sqlalchemy import Select, func, select

from tiesan.access.installation import installed, rule_problems
from tiesan.access.viewer import Viewer, current_viewer
from tiesan.admin.flags.lines import gravest
from tiesan.admin.rules.page import latest_evaluations, unknowns
from tiesan.admin.shell.consequences import follow, want_evaluation
from tiesan.admin.shell.navigation import switched_off
from tiesan.admin.shell.pages import Open, page
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.flags.evaluation import Standing, standings
from tiesan.flags.models import Flag
from tiesan.i18n import _l
from tiesan.people.models import Organization, OrganizationKind
from tiesan.records.base import Record
from tiesan.records.kinds import table_of
from tiesan.records.pending import backlogs
from tiesan.records.policy import ADMINISTRATORS, COMMITTEE, EVERYBODY, STAFF
from tiesan.words.flags import (
    GRAVITY,
    severity_badge,
)
from tiesan.words.runs import failed_runs

_MOST = 8
_MOST_OF_A_KIND = 3


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
            recent=recent_records(),
            institutions=by_institution() if viewer.has(STAFF | COMMITTEE) else [],
            evaluations=evaluations,
            unknowns=unknowns(evaluations),
            standings=notable_standings(viewer),
            rule_problems=rule_problems() if administered(viewer) else (),
            backlogs=backlogs(db.session(), districts_seen(viewer)),
            may_evaluate=bool(administered(viewer)),
            failed=failed_runs() if viewer.has(ADMINISTRATORS) else [],
        )

    @page("/evaluate", methods=("POST",))
    def evaluate(self) -> ResponseReturnValue:
        """Evaluate the administrator's districts up to now."""
        district_ids = administered(current_viewer())
        if not district_ids:
            abort(403)
        run_id = want_evaluation(district_ids, judged_until=today() - timedelta(days=1))
        db.session.commit()
        return follow(run_id, self.get_url(".index"))


def notable_standings(viewer: Viewer) -> list[Standing]:
    """Return the viewer's districts that have not been judged up to yesterday, or beyond today."""
    found = standings(db.session(), today(), districts_seen(viewer))
    return [each for each in found if each.unjudged_since is not None or each.is_ahead]


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
    found: list[Recent] = []
    off = switched_off()
    for view in current_app.extensions["record_views"]:
        shown = view.plugin.name not in off and not view.policy.confidential
        if shown and view.is_accessible():
            found.extend(
                Recent(view.heading(row), url_for(f"{view.endpoint}.details_view", id=row.id), row)
                for row in _latest(view.record)
            )
    found.sort(key=lambda each: (each.row.recorded_at, each.row.id), reverse=True)
    return found[:_MOST]


def _latest(model: type[Record]) -> Sequence[Record]:
    statement = select(model).where(model.voided_at.is_(None)).order_by(model.id.desc())
    return db.session.scalars(statement.limit(_MOST_OF_A_KIND)).all()
