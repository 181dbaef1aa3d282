"""The page of a person, who is away, and one's own account."""

import re
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from plugins.discipline.models import Leave
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.people.models import Account, Cadre, Organization, RoleName
from tiesan.people.passwords import PasswordHash
from tiesan.people.services import create_account, grant_role
from tiesan.testing.browsing import Person, person
from tiesan.testing.world import ACTOR, AT, PASSWORD, World

# Nobody signs in by it.
NO_HASH = PasswordHash("-")
WEEK = "/away/?week=2026-03-16"


def _leave(session: Session, world: World, cadre: str, **values: object) -> None:
    owner = session.get_one(Cadre, world.cadres[cadre])
    template = session.get_one(Leave, next(iter(world.records["leave"].values())))
    given: dict[str, object] = {
        "code": f"QJ-{cadre}",
        "cadre_id": owner.id,
        "kind": "sick",
        "first_day": date(2026, 3, 18),
        "last_day": date(2026, 3, 18),
        "requested_on": date(2026, 3, 17),
        "approved_on": date(2026, 3, 17),
        "district_id": owner.organization.district_id,
        "recorded_at": template.recorded_at,
        "source": template.source,
    }
    session.add(Leave(**(given | values)))
    session.commit()


# --- the page of a person -------------------------------------------------------------------------


def test_a_day_says_in_words_what_there_is_of_it(app: Flask, world: World) -> None:
    with app.app_context():
        _leave(db.session(), world, "CO")
    page = person(app, "cadre").get("/persons/CO?year=2026").text
    words = dict(re.findall(r'day=([\d-]+)#day" aria-label="([^"]+)"', page))
    assert len(words) == 365
    assert words["2026-03-18"].startswith("2026年3月18日 星期三")
    assert "工作日" in words["2026-03-18"]
    assert "请假" in words["2026-03-18"]
    assert "迟到" in words["2026-03-20"]
    assert "休息日" in words["2026-03-22"]
    assert "节假日" in words["2026-10-01"]
    assert "调休上班日" in words["2026-02-14"]


def test_a_day_opens_what_there_is_of_it(lite_app: Flask, lite_world: World) -> None:
    page = person(lite_app, "cadre").get("/persons/CO?day=2026-03-20").text
    found = page[page.index('id="day"') : page.index("data-year")]
    assert f'href="/flags/{lite_world.flags["cO"]}"' in found
    empty = person(lite_app, "cadre").get("/persons/CO?day=2026-03-22").text
    assert "当日没有记录。" in empty


@pytest.mark.parametrize("asked", ["?day=x", "?year=x", "?year=99999", "?day=0001-01-01", "?year="])
def test_what_is_no_day_or_year_shows_this_one(
    asked: str, lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    assert person(lite_app, "cadre").get(f"/persons/CO{asked}").status_code == 200


def test_confidential_matters_are_told_on_no_page_of_a_person(
    lite_app: Flask, lite_world: World
) -> None:
    """Not even to the committee, which may see them: who looks over a shoulder does not."""
    for name in ("district", "committee", "supervisor", "cadre"):
        for day in ("", "?day=2026-03-20"):
            page = person(lite_app, name).get(f"/persons/CO{day}").text
            assert f'href="/flags/{lite_world.flags["kO"]}"' not in page
            assert "conduct_report" not in page


def test_the_committee_sees_of_a_person_what_it_reads(app: Flask, world: World) -> None:
    with app.app_context():
        _leave(db.session(), world, "CO")
    page = person(app, "committee").get("/persons/CO?year=2026").text
    assert "/records/leave/" not in page
    assert "/records/work_log/" not in page
    assert "/records/expense/" in page
    words = dict(re.findall(r'day=([\d-]+)#day" aria-label="([^"]+)"', page))
    assert "请假" not in words["2026-03-18"]


def test_what_was_decided_not_to_be_so_marks_no_day(app: Flask, world: World) -> None:
    with app.app_context():
        db.session.get_one(Flag, world.flags["cO"]).review = "dismissed"
        db.session.commit()
    page = person(app, "cadre").get("/persons/CO?year=2026").text
    words = dict(re.findall(r'day=([\d-]+)#day" aria-label="([^"]+)"', page))
    assert "迟到" not in words["2026-03-20"]


# --- who is away ----------------------------------------------------------------------------------


def _away(somebody: Person, address: str = WEEK) -> list[str]:
    page = re.sub(r"\s+", " ", somebody.get(address).text)
    part = page[page.index('class="week"') :]
    return [
        re.sub(r"<[^>]+>", "", each).strip()
        for each in re.findall(r"<li> ?(<(?:a|span).*?)</li>", part)
    ]


def test_colleagues_see_that_somebody_is_away_and_who_decides_sees_why(
    app: Flask, world: World
) -> None:
    with app.app_context():
        _leave(db.session(), world, "CO")
        name = db.session.get_one(Cadre, world.cadres["CO"]).name
        _sign_up_colleague(db.session(), world)
    told = {"cadre": True, "supervisor": True, "chair": True, "committee": False}
    for who, why in told.items():
        [line] = _away(person(app, who), f"{WEEK}&organization=F1")
        assert name in line
        assert "全天" in line
        assert ("病假" in line) is why, who
    [line] = _away(person(app, "colleague"), WEEK)
    assert name in line
    assert "病假" not in line
    assert person(app, "colleague").get("/persons/CO").status_code == 404


def _sign_up_colleague(session: Session, world: World) -> None:
    """Give an account to somebody who is posted where CO is, and chairs nothing."""
    beside = session.get_one(Cadre, world.cadres["CO"])
    colleague = session.get_one(Cadre, world.cadres["CS"])
    colleague.organization_id = beside.organization_id
    account = create_account(
        ACTOR, session, username="colleague", password=NO_HASH, cadre=colleague, at=AT
    )
    account.fs_uniquifier = "colleague"
    place = session.get_one(Organization, beside.organization_id)
    grant_role(ACTOR, session, account, RoleName.CADRE, place, at=AT)
    session.commit()


def test_half_a_day_is_said_to_be_half(app: Flask, world: World) -> None:
    with app.app_context():
        _leave(db.session(), world, "CO", first_half="pm")
    assert any("下午" in each for each in _away(person(app, "cadre")))


def test_leave_that_is_not_approved_or_was_withdrawn_makes_nobody_away(
    app: Flask, world: World
) -> None:
    with app.app_context():
        _leave(db.session(), world, "CO", approved_on=None)
        _leave(db.session(), world, "CO", code="QJ-2", withdrawn_on=date(2026, 3, 17))
    assert _away(person(app, "cadre")) == []


def test_of_an_organization_out_of_sight_nobody_is_told(app: Flask, world: World) -> None:
    """The address falls back to one's own: what is not in the list to choose from is not there."""
    with app.app_context():
        _leave(db.session(), world, "CX")
    for name in ("cadre", "chair", "supervisor", "district"):
        assert _away(person(app, name), f"{WEEK}&organization=D2") == []


@pytest.mark.parametrize("week", ["x", "0001-01-01", "9999-12-31", ""])
def test_what_is_no_week_shows_this_one(week: str, lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    assert person(lite_app, "cadre").get(f"/away/?week={week}").status_code == 200


# --- one's own account ----------------------------------------------------------------------------

NEW = "bright-new-words"


def _sent(present: str, new: str, again: str | None = None) -> dict[str, str]:
    return {"present": present, "new": new, "again": new if again is None else again}


def test_the_account_is_shown_in_words(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    page = person(lite_app, "supervisor").get("/my/profile").text
    assert "督查领导" in page
    assert "supervisor" in page


def _digest(app: Flask) -> str | None:
    with app.app_context():
        return db.session.scalars(select(Account.password).filter_by(username="cadre")).one()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (_sent("wrong-words", NEW), "当前密码不正确"),
        (_sent(PASSWORD, NEW, "other-new-words"), "两次输入的新密码不一致"),
        (_sent(PASSWORD, PASSWORD), "新密码与当前密码相同"),
        (_sent(PASSWORD, "short"), "8"),
        (_sent("", NEW), ""),
        (_sent("x" * 600, NEW), "当前密码不正确"),
    ],
)
def test_nothing_changes_where_something_is_wrong(
    sent: dict[str, str], said: str, app: Flask, world: World
) -> None:
    assert world.records
    before = _digest(app)
    answer = person(app, "cadre").send("/my/profile", sent)
    assert answer.status_code == 200
    assert said in answer.text
    assert "field-error" in answer.text
    assert _digest(app) == before


def test_another_password_ends_the_other_sessions_and_not_this_one(
    app: Flask, world: World
) -> None:
    assert world.records
    here, elsewhere = person(app, "cadre"), person(app, "cadre")
    assert elsewhere.get("/my/profile").status_code == 200
    assert here.send("/my/profile", _sent(PASSWORD, NEW)).status_code == 302
    assert "密码已修改" in here.get("/my/profile").text
    assert elsewhere.get("/my/profile").status_code == 302
    entry = person(app, "admin").get("/audit/").text
    assert NEW not in entry


def test_guessing_the_present_password_meets_pauses(app: Flask, world: World) -> None:
    assert world.records
    somebody = person(app, "cadre")
    answers = [somebody.send("/my/profile", _sent("wrong-words", NEW)).text for _ in range(8)]
    assert "密码错误次数过多" in answers[-1] or "请在" in answers[-1]
    assert "密码已修改" not in somebody.send("/my/profile", _sent(PASSWORD, NEW)).text


# --- a day in words, and what a phone keeps -------------------------------------------------------


def test_a_day_is_said_in_words(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    cadre = person(lite_app, "cadre")
    said = {day: cadre.get(f"/days/{day}").get_json() for day in ("2026-11-28", "2026-02-14")}
    assert said["2026-11-28"]["words"].endswith("11月28日 星期六 休息日")
    assert said["2026-02-14"]["words"].endswith("2月14日 星期六 调休上班日")
    assert cadre.get("/days/x").status_code == 404
    assert cadre.get("/days/0001-01-01").get_json() == {"words": ""}


def test_a_form_says_the_day_that_it_begins_with(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    page = person(lite_app, "chair").get("/records/study_session/new/?own=1").text
    assert re.search(r'data-days="held_on"[^>]*>[^<]*\d+月\d+日 星期. ', page)


def test_the_site_can_be_kept_among_the_programs_of_a_phone(lite_app: Flask) -> None:
    stranger = person(lite_app)
    assert 'rel="manifest" href="/manifest.webmanifest"' in stranger.get("/login").text
    answer = stranger.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    said = answer.get_json()
    assert said["short_name"] == "铁山"
    assert {icon["sizes"] for icon in said["icons"]} == {"192x192", "512x512"}
    for icon in said["icons"]:
        assert stranger.get(icon["src"]).mimetype == "image/png"
