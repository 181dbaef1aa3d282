"""*Today*: the log where one is asked for, its text once saved, and what is said otherwise."""

from datetime import time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from plugins.discipline.models import Attendance, Leave, WorkLog
from tests.web.home import before, form_of, log_of, sections, sections_of, work_today, writing
from tiesan.clock import now, today
from tiesan.extensions import db
from tiesan.people.models import Cadre
from tiesan.records.services import create_record
from tiesan.records.settings import PluginState
from tiesan.testing.browsing import messages, person
from tiesan.testing.world import ACTOR, World

TEXT = "走访三家企业，了解职工思想动态"


def logs_of_today(app: Flask, world: World) -> list[str | None]:
    with app.app_context():
        statement = select(WorkLog.content).where(
            WorkLog.cadre_id == world.cadres["CO"], WorkLog.day == today()
        )
        return list(db.session.scalars(statement))


def test_the_log_is_written_on_the_first_page_and_shown_there(app: Flask, world: World) -> None:
    work_today(app)
    cadre = person(app, "cadre")
    section = sections_of(cadre)["today"]
    answer = cadre.send(form_of(section), {"day": today().isoformat(), "content": TEXT}, form="/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    section = sections_of(cadre)["today"]
    assert TEXT in section
    assert "<textarea" not in section
    assert "今天24时前可以修改" in section
    assert logs_of_today(app, world) == [TEXT]


def test_it_is_changed_until_midnight_and_shown_again(app: Flask, world: World) -> None:
    work_today(app)
    cadre = person(app, "cadre")
    form = form_of(sections_of(cadre)["today"])
    cadre.send(form, {"day": today().isoformat(), "content": TEXT}, form="/")
    change = sections_of(cadre)["today"].partition('class="btn btn-quiet" href="')[2]
    change = change.partition('"')[0].replace("&amp;", "&")
    values = {"day": today().isoformat(), "content": "改过的日志"}
    answer = cadre.send(change, values)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert "改过的日志" in sections_of(cadre)["today"]
    assert logs_of_today(app, world) == ["改过的日志"]


def test_yesterdays_author_changes_nothing(lite_app: Flask, lite_world: World) -> None:
    """What somebody else has entered, or an import, is not offered to be changed."""
    work_today(lite_app)
    log_of(lite_app, lite_world, "CO", today(), TEXT)
    section = sections(lite_app, "cadre")["today"]
    assert TEXT in section
    assert "修改" not in section


def test_the_same_form_sent_twice_stores_one_log(app: Flask, world: World) -> None:
    work_today(app)
    cadre = person(app, "cadre")
    form = form_of(sections_of(cadre)["today"])
    sent = cadre.filled("/", {"day": today().isoformat(), "content": TEXT})
    answers = [cadre.client.post(form, data=sent) for _each in range(2)]
    assert [each.headers.get("Location") for each in answers] == ["/", "/"]
    assert "此表单已经保存过" in " ".join(messages(cadre.get("/")))
    assert logs_of_today(app, world) == [TEXT]


def test_what_is_kept_of_the_page_has_forms_of_its_own_for_each_who_opens_it(
    lite_app: Flask, lite_world: World
) -> None:
    """A second browser of the same person is shown the section that was drawn for the first."""
    work_today(lite_app)
    one, other = person(lite_app, "cadre"), person(lite_app, "cadre")
    form = form_of(sections_of(one)["today"])
    values = {"day": today().isoformat(), "content": TEXT}
    first, second, third = (
        one.filled("/", values),
        one.filled("/", values),
        other.filled("/", values),
    )
    assert len({each["once"] for each in (first, second, third)}) == 3
    assert first["csrf_token"] != third["csrf_token"]
    refused = other.client.post(form, data=first)
    assert refused.status_code == 400
    assert other.client.post(form, data=third).headers["Location"] == "/"
    assert logs_of_today(lite_app, lite_world) == [TEXT]


def test_a_log_that_says_nothing_comes_back_with_its_text(
    lite_app: Flask, lite_world: World
) -> None:
    work_today(lite_app)
    cadre = person(lite_app, "cadre")
    form = form_of(sections_of(cadre)["today"])
    answer = cadre.send(form, {"day": today().isoformat(), "content": "走访"}, form="/")
    assert answer.status_code == 200
    assert ">\r\n走访</textarea>" in answer.text or ">走访</textarea>" in answer.text
    assert logs_of_today(lite_app, lite_world) == []
    # What is sent once more goes on at home, too.
    answer = cadre.send(form, {"day": today().isoformat(), "content": TEXT})
    assert answer.headers["Location"] == "/"


def test_the_log_before_is_to_be_read_and_no_start_for_a_new_one(
    lite_app: Flask, lite_world: World
) -> None:
    work_today(lite_app)
    for days in range(1, 5):
        log_of(lite_app, lite_world, "CO", before(days), f"{days}天前的日志")
    section = sections(lite_app, "cadre")["today"]
    _box, _tag, folded = section.partition("<details")
    text = section.partition("<textarea")[2].partition("</textarea>")[0]
    assert text.endswith(">")
    assert sum(f"{days}天前的日志" in folded for days in range(1, 5)) == 1
    assert "天前的日志" not in section.replace(folded, "")


def leave(world: World, session: Any, **changed: object) -> None:
    values = {
        "code": "QJ2026-9001",
        "cadre": session.get_one(Cadre, world.cadres["CO"]),
        "kind": "annual",
        "first_day": before(1),
        "last_day": today() + timedelta(days=1),
        "requested_on": before(3),
        "approved_on": before(2),
        **changed,
    }
    create_record(ACTOR, session, Leave, values, at=now())


def test_on_a_day_off_no_log_is_asked_for(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.cadres
    work_today(lite_app, working=False)
    section = sections(lite_app, "cadre")["today"]
    assert "今天休息，不用写工作日志。" in section
    assert "<textarea" not in section


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "今天请假，不用写工作日志。"),
        ({"approved_on": None}, "<textarea"),
        ({"withdrawn_on": before(1), "first_day": today()}, "<textarea"),
    ],
)
def test_on_approved_leave_no_log_is_asked_for(
    changed: dict[str, object], said: str, lite_app: Flask, lite_world: World
) -> None:
    work_today(lite_app)
    with writing(lite_app) as session:
        leave(lite_world, session, **changed)
    assert said in sections(lite_app, "cadre")["today"]


def test_who_keeps_no_log_is_not_asked_for_one(lite_app: Flask, lite_world: World) -> None:
    """The rules say who keeps one: it is owed by professional cadres."""
    work_today(lite_app)
    with writing(lite_app) as session:
        session.get_one(Cadre, lite_world.cadres["CO"]).professional = False
    assert "今天不用写工作日志。" in sections(lite_app, "cadre")["today"]


def test_clock_times_of_today_are_shown_once_they_are_known(
    lite_app: Flask, lite_world: World
) -> None:
    work_today(lite_app)
    assert "08:21" not in sections(lite_app, "cadre")["today"]
    with writing(lite_app) as session:
        values = {
            "cadre": session.get_one(Cadre, lite_world.cadres["CO"]),
            "day": today(),
            "clock_in": time(8, 21),
            "clock_out": None,
            "clock_out_next_day": False,
        }
        create_record(ACTOR, session, Attendance, values, at=now())
    assert "08:21" in sections(lite_app, "cadre")["today"]


def test_what_is_done_in_it_is_not_listed_once_more(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.cadres
    work_today(lite_app)
    shown = sections(lite_app, "cadre")
    today_s, others = f"day={today()}", f"day={before(1)}"
    assert today_s not in shown["owed"]
    assert others not in shown["today"]
    assert today_s in person(lite_app, "cadre").get("/owed/").text


def test_it_is_of_who_stands_for_a_cadre_in_post(lite_app: Flask, lite_world: World) -> None:
    assert "today" not in sections(lite_app, "admin")
    assert "today" not in sections(lite_app, "supervisor")
    assert "today" in sections(lite_app, "district")
    with writing(lite_app) as session:
        session.get_one(Cadre, lite_world.cadres["CO"]).left_on = before(1)
    assert "today" not in sections(lite_app, "cadre")


def test_of_an_institution_that_is_switched_off_nothing_is_shown(
    lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.cadres
    work_today(lite_app)
    with writing(lite_app) as session:
        session.merge(PluginState(name="discipline", enabled=False, changed_at=now()))
    assert "today" not in sections(lite_app, "cadre")
