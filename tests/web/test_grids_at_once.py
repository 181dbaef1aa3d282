"""Grids and what is one's own: no save clears a flag of one's own; two who save at once."""

import threading
from datetime import date, timedelta
from typing import Any

from flask import Flask

from plugins.discipline.models import Attendance
from plugins.study.models import StudySession
from tests.web.entering import rows
from tests.web.filling import ATTENDANCE, SESSION, cell, fill, opened
from tests.web.test_judging_oneself import CLEARS, active, flagged, said
from tiesan.clock import now, today
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.records.calendar_exceptions import set_exception
from tiesan.testing.browsing import person
from tiesan.testing.world import ACTOR, World


def _days_off(app: Flask, first: date) -> None:
    """Every day from a day on until yesterday is off, so that what was before is near."""
    with app.app_context():
        day = first
        while day < today():
            given = {"day": day, "kind": "off", "name": "停工"}
            set_exception(ACTOR, db.session(), None, given, at=now())
            day += timedelta(days=1)
        db.session.commit()


def test_no_session_clears_a_flag_of_the_organization_that_one_chairs(
    app: Flask, world: World
) -> None:
    first = today().replace(day=1)
    last = first - timedelta(days=1)
    flag = flagged(app, world, "study.session_missed", f"{last:%Y-%m}")
    with app.app_context():
        db.session.get_one(Flag, flag).occurred_on = last
        db.session.commit()
    _days_off(app, first)
    before = len(rows(app, StudySession))
    at, given = f"{SESSION}?held_on={last}", {cell(world.cadres["CO"]): "present"}
    answer = fill(person(app, "chair"), at, given)
    assert answer.status_code == 422
    assert said(answer, CLEARS)
    assert len(rows(app, StudySession)) == before
    assert active(app, flag)
    # A supervisor enters it, whose flag it is not.
    supervisor = f"{at}&organization={world.organizations['F1']}"
    assert fill(person(app, "supervisor"), supervisor, given).status_code == 302
    assert not active(app, flag)


def test_two_who_save_at_the_same_moment_store_one_row(app: Flask, world: World) -> None:
    number = world.cadres["CO"]
    here = f"{ATTENDANCE}?organization={world.organizations['F1']}"
    sheets = {
        name: (person(app, name), time)
        for name, time in (("supervisor", "08:10"), ("district", "08:50"))
    }
    sent = {}
    for name, (somebody, time) in sheets.items():
        sent[name] = opened(somebody, here)
        sent[name][cell(number, "clock_in")] = time
    answers: dict[str, Any] = {}
    together = threading.Barrier(2)

    def save(name: str) -> None:
        together.wait()
        answers[name] = sheets[name][0].client.post(here, data=sent[name])

    threads = [threading.Thread(target=save, args=(name,)) for name in sheets]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(each.status_code for each in answers.values()) == [302, 409]
    stored = [each for each in rows(app, Attendance) if each.day == today()]
    assert [each.cadre_id for each in stored] == [number]
    refused = next(each for each in answers.values() if each.status_code != 302)
    assert "此行期间已被他人更改" in refused.text
