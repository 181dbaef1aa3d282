"""What the form of an author asks, kind by kind, and what it fills in by itself."""

import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from plugins.discipline.models import WorkLog
from plugins.innovation.models import Innovation
from plugins.research.models import InfoReport
from tests.attachments.files import photo
from tests.web.entering import problems, rows
from tests.web.test_correcting import has_role
from tiesan.audit import Subject, record_entry
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.clock import now, today
from tiesan.extensions import db
from tiesan.people.models import Organization, RoleName
from tiesan.records.attachments.models import Attachment
from tiesan.testing.browsing import Person, person
from tiesan.testing.world import ACTOR, World

NOT_AN_INPUT = {"csrf_token", "once", "answered"}
LOGS = "/records/work_log/new/"


def asked(somebody: Person, kind: str, query: str = "") -> set[str]:
    """The names of what a form sends: what it asks for, and what has one answer alone."""
    page = somebody.get(f"/records/{kind}/new/{query}").text
    form = page.partition('<form method="post" novalidate')[2].partition("</form>")[0]
    named = re.findall(r'<(?:input|select|textarea)\b[^>]*\bname="([^"]+)"', form)
    return set(named) - NOT_AN_INPUT


@pytest.mark.parametrize(
    ("name", "kind", "fields"),
    [
        ("cadre", "work_log", {"day", "content"}),
        ("cadre", "info_report", {"title", "content", "files"}),
        ("cadre", "research_paper", {"title", "content", "files"}),
        ("cadre", "innovation", {"organization", "title", "files"}),
        ("chair", "innovation", {"organization", "title", "files"}),
    ],
)
def test_an_author_is_asked_no_more_than_that(
    name: str, kind: str, fields: set[str], lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    assert asked(person(lite_app, name), kind) == fields


def test_a_supervisor_keeps_the_form_of_all_fields(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    wanted = {"code", "cadre", "submitted_on", "title", "content", "late_reason", "files"}
    assert asked(person(lite_app, "supervisor"), "info_report") == wanted


def test_who_is_both_begins_with_their_own_and_finds_the_other_folded(
    lite_app: Flask, lite_world: World
) -> None:
    has_role(lite_app, lite_world, "district", RoleName.CADRE, "D1")
    district = person(lite_app, "district")
    assert "cadre" not in asked(district, "work_log")
    page = district.get(LOGS).text
    assert f'href="{LOGS}?own=0"' in page.partition('<details class="for-others">')[2]
    assert {"cadre", "written_on", "late_reason"} < asked(district, "work_log", "?own=0")


def test_a_log_is_for_today_or_a_day_that_is_open(app: Flask, world: World) -> None:
    assert world.records
    cadre, calendar = person(app, "cadre"), WorkingCalendar()
    page = cadre.get(LOGS).text
    offered = re.findall(r'<option value="([\d-]+)"', page)
    before = calendar.between(today() - timedelta(days=60), today() - timedelta(days=1))
    # March 20 has a log; it lies too far back to be among these.
    assert [day.isoformat() for day in reversed(before)] == [
        day for day in offered if before[0].isoformat() <= day < today().isoformat()
    ]
    assert "2026-03-20" not in offered
    assert "2026-03-01" not in offered
    day = before[-1]
    sent = {"day": day.isoformat(), "content": "走访企业三家"}
    assert cadre.send(LOGS, sent).status_code == 302
    row = rows(app, WorkLog)[0]
    assert (row.day, row.written_on) == (day, today())
    assert f'value="{day.isoformat()}"' not in cadre.get(LOGS).text


@pytest.mark.parametrize("day", ["2026-03-20", "2026-03-21", "2026-02-27", "gestern"])
def test_a_day_of_which_nothing_is_owed_is_refused_in_words(
    day: str, lite_app: Flask, lite_world: World
) -> None:
    """One that has its log, a day off, one before records were kept, and no day at all."""
    assert lite_world.records
    answer = person(lite_app, "cadre").send(
        f"{LOGS}?day={day}", {"day": day, "content": "走访企业三家"}
    )
    assert answer.status_code == 200
    [said] = problems(answer)
    assert said.startswith("不是日期" if day == "gestern" else "只能选今天")


def test_without_a_day_a_log_is_of_today(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    assert person(lite_app, "cadre").send(LOGS, {"content": "走访企业三家"}).status_code == 302
    assert rows(lite_app, WorkLog)[0].day == today()


def test_whom_no_rule_asks_logs_today_alone(lite_app: Flask, lite_world: World) -> None:
    """Not professional: no log is owed of any day."""
    with lite_app.app_context():
        from_world = db.session.get_one(WorkLog, lite_world.records["work_log"]["O"])
        from_world.cadre.professional = False
        db.session.commit()
    page = person(lite_app, "cadre").get(LOGS).text
    assert "<option" not in page.partition("novalidate")[2].partition("</form>")[0]
    assert f'type="hidden" value="{today():%Y-%m-%d}"' in page


def test_a_link_fills_the_form_in(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    day = WorkingCalendar().between(today() - timedelta(days=30), today() - timedelta(days=1))[-1]
    page = person(lite_app, "cadre").get(f"{LOGS}?day={day}&content=周报&cadre=CX").text
    assert f'<option selected value="{day}"' in page
    assert "周报" in page
    chair = person(lite_app, "chair").get("/records/meeting/new/?kind=office&bulletin=true")
    assert re.search(r'<option[^>]*selected[^>]*value="office"', chair.text)
    # What means nothing is left out.
    odd = person(lite_app, "chair").get("/records/meeting/new/?kind=tea&held_on=gestern")
    assert odd.status_code == 200


def test_a_cadre_proposes_for_their_own_organization(app: Flask, world: World) -> None:
    answer = person(app, "cadre").send("/records/innovation/new/", {"title": "流动维权站"})
    assert answer.status_code == 302, problems(answer)
    row = rows(app, Innovation)[0]
    assert (row.organization_id, row.cadre_id) == (
        world.organizations["F1"], world.cadres["CO"],
    )  # fmt: skip
    assert row.proposed_on == today()


def test_of_several_organizations_a_chair_chooses(lite_app: Flask, lite_world: World) -> None:
    new = "/records/innovation/new/"
    one = person(lite_app, "chair").get(new).text
    assert re.search(r"<output[^>]*>东城联合会</output>", one)
    with lite_app.app_context():
        enterprise = db.session.get_one(Organization, lite_world.organizations["E1"])
        enterprise.chair_id = lite_world.cadres["CH"]
        record_entry(db.session(), ACTOR, "update", Subject("organization", 1), at=now())
        db.session.commit()
    chair = person(lite_app, "chair")
    assert '<select class="form-control" id="organization"' in chair.get(new).text
    for place, status in (("E1", 302), ("F1", 302), ("F2", 200)):
        sent = {"title": "流动维权站", "organization": str(lite_world.organizations[place])}
        assert chair.send(new, sent).status_code == status
    assert [row.organization_id for row in rows(lite_app, Innovation)[:2]] == [
        lite_world.organizations["F1"],
        lite_world.organizations["E1"],
    ]


def test_a_report_is_a_text_or_a_file(app: Flask, world: World) -> None:
    assert world.records
    cadre, new = person(app, "cadre"), "/records/info_report/new/"
    assert problems(cadre.send(new, {"title": "动态"})) == ["请填写正文，或者添加文件。"]
    sent = (io.BytesIO(photo()), "现场.jpg")
    answer = cadre.send(new, {"title": "动态", "files": sent})
    assert answer.status_code == 302, problems(answer)
    row = rows(app, InfoReport)[0]
    assert (row.content, row.submitted_on) == (None, today())
    with app.app_context():
        hung = db.session.scalars(select(Attachment)).one()
        assert (hung.kind, hung.row_id) == ("info_report", row.id)
        number = hung.id
    assert f'href="/attachments/{number}"' in cadre.get(answer.location).text
    assert cadre.get(f"/attachments/{number}").status_code == 200
    assert person(app, "nobody").get(f"/attachments/{number}").status_code == 404


def test_what_is_no_such_file_is_said_beside_it_and_nothing_is_stored(
    lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    before = len(rows(lite_app, InfoReport))
    answer = person(lite_app, "cadre").send(
        "/records/info_report/new/", {"title": "动态", "files": (io.BytesIO(b"MZ"), "a.exe")}
    )
    assert answer.status_code == 200
    assert len(problems(answer)) == 1
    assert len(rows(lite_app, InfoReport)) == before
