"""Forms of records say what they raise and clear before they are saved, and store nothing by it."""

from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import delete, func, select
from werkzeug.datastructures import MultiDict

from plugins.discipline.models import Attendance, WorkLog
from tests.web.filling import ATTENDANCE, opened
from tests.web.home import writing
from tests.web.test_people_forms import judged
from tiesan.admin.grids.sent_rows import cell_name
from tiesan.audit import AuditEntry
from tiesan.clock import today
from tiesan.extensions import Base, db
from tiesan.flags.models import Flag
from tiesan.testing.browsing import Person, person
from tiesan.testing.world import World

LATE_CHECK = "/records/attendance/new/"


def number(app: Flask, model: type[Base]) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def lines(somebody: Person, address: str, sent: Any) -> list[str]:
    """What the script of a form is told."""
    headers = {"Accept": "application/json"}
    given = MultiDict(sent)
    given["announce"] = "1"
    answer = somebody.client.post(address, data=given, headers=headers)
    assert answer.status_code == 200, answer.text
    told: Any = answer.json
    said: list[str] = told["lines"]
    return said


def workday() -> date:
    """A Wednesday some weeks ago, of which nobody has recorded anything."""
    return today() - timedelta(days=today().weekday() + 19)


def punches(world: World, clock_in: str) -> dict[str, object]:
    return {"cadre": world.cadres["CO"], "day": str(workday()), "clock_in": clock_in,
            "clock_out": "18:00"}  # fmt: skip


def test_a_record_is_announced_corrected_and_stored_alike(app: Flask, world: World) -> None:
    judged(app, world)
    supervisor = person(app, "supervisor")
    form = supervisor.filled(LATE_CHECK, punches(world, "08:30"))
    kept = number(app, AuditEntry), number(app, Flag)
    # Nine is in time, a minute later is not; what cannot be stored yet is told nothing of.
    assert not any("迟到" in each for each in lines(supervisor, LATE_CHECK, form))
    said = lines(supervisor, LATE_CHECK, form | {"clock_in": "09:40"})
    assert any("产生" in each and "迟到" in each for each in said), said
    assert lines(supervisor, LATE_CHECK, form | {"day": ""}) == []
    assert (number(app, AuditEntry), number(app, Flag)) == kept
    stored = supervisor.client.post(LATE_CHECK, data=form | {"clock_in": "09:40"})
    assert stored.status_code == 302, stored.text
    assert number(app, Flag) > kept[1]
    edit = stored.location.replace("/details/", "/edit/")
    form = supervisor.filled(edit, punches(world, "08:30"))
    cleared = lines(supervisor, edit, form)
    assert any("消除" in each and "迟到" in each for each in cleared), cleared


def test_who_enters_their_own_is_told_as_well_and_no_one_who_may_not(
    lite_app: Flask, lite_world: World
) -> None:
    judged(lite_app, lite_world)
    with writing(lite_app) as session:
        session.execute(delete(WorkLog))
    cadre, new = person(lite_app, "cadre"), "/records/work_log/new/"
    before = number(lite_app, WorkLog)
    # The text is still to be written; which day it is about decides.
    assert lines(cadre, new, cadre.filled(new, {"day": str(today()), "content": ""})) == []
    assert number(lite_app, WorkLog) == before
    page = cadre.get(f"{new}?day={today()}").text
    assert 'data-announced="now"' in page
    assert 'data-announced=""' in cadre.get(new).text
    sent = cadre.filled(new, {"announce": "1"})
    assert person(lite_app, "nobody").client.post(new, data=sent).status_code in {302, 403, 400}


def test_a_grid_is_announced(lite_app: Flask, lite_world: World) -> None:
    judged(lite_app, lite_world)
    supervisor, place = person(lite_app, "supervisor"), lite_world.organizations["F1"]
    grid = f"{ATTENDANCE}?organization={place}&day={workday()}"
    sent, before = opened(supervisor, grid), number(lite_app, Attendance)
    for clock_in, is_late in (("08:30", False), ("09:40", True)):
        sent[cell_name(lite_world.cadres["CO"], "clock_in")] = clock_in
        said = lines(supervisor, grid, sent)
        assert any("产生" in each and "迟到" in each for each in said) is is_late, said
    assert number(lite_app, Attendance) == before
