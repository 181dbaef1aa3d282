"""The first page of each role: which sections there are, in which order, and what they hold."""

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from plugins.discipline.models import WorkLog
from tests.web.home import before, sections, sections_of, work_today, writing
from tests.web.world import notice_of
from tiesan.clock import now
from tiesan.extensions import db
from tiesan.flags.models import DistrictState, Flag
from tiesan.people.models import Account, Cadre, Organization
from tiesan.people.notifications import Notification
from tiesan.people.reminders import Reminder
from tiesan.records.services import create_record
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import ACTOR, World

WAITS, OWN = ["inbox", "behind"], ["today", "owed", "own-flags"]


@pytest.mark.parametrize(
    ("username", "shown"),
    [
        ("nobody", []),
        ("cadre", OWN),
        ("chair", OWN),
        # What nobody chairs there is theirs to see to.
        ("supervisor", [*WAITS, "owed"]),
        ("district", [*WAITS, *OWN]),
        ("committee", [*WAITS, *OWN]),
        ("keeper", ["installation"]),
        ("admin", ["installation"]),
    ],
)
def test_each_role_begins_with_what_is_theirs(
    username: str, shown: list[str], app: Flask, world: World
) -> None:
    assert world.accounts
    named = [each for each in sections(app, username) if each in {*WAITS, *OWN, "installation"}]
    assert named == shown


def test_who_has_no_role_is_told_whom_to_ask(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.accounts
    page = person(lite_app, "nobody").get("/").text
    assert "请联系管理员" in page


# --- my flags -------------------------------------------------------------------------------------


def test_my_flags_say_what_since_when_and_the_next_thing(app: Flask, world: World) -> None:
    section = sections(app, "cadre")["own-flags"]
    for letter in "cm":
        assert f'/flags/{world.flags[f"{letter}O"]}"' in section
    # Both may be explained; a confidential one is not told of.
    assert section.count('data-verb="explain"') == 2
    assert f'/flags/{world.flags["kO"]}"' not in section


def test_a_chair_sees_the_organization_s_flags_among_their_own_marked(
    app: Flask, world: World
) -> None:
    section = sections(app, "chair")["own-flags"]
    assert f'/flags/{world.flags["oO"]}"' in section
    assert "本人任主席的东城联合会" in section


def more_flags(app: Flask, world: World, number: int) -> None:
    """Give the cadre some further flags like the first one."""
    with writing(app) as session:
        first = session.get_one(Flag, world.flags["cO"])
        kept = {
            column.name: getattr(first, column.name)
            for column in Flag.__table__.columns
            if column.name not in {"id", "key"}
        }
        session.add_all([Flag(**kept, key=f"more {each}") for each in range(number)])


def test_five_flags_are_shown_and_all_to_do_are_counted(lite_app: Flask, lite_world: World) -> None:
    more_flags(lite_app, lite_world, 6)
    section = sections(lite_app, "cadre")["own-flags"]
    assert section.count('class="own-flag"') == 5
    assert '<span class="count">8</span>' in section
    assert 'href="/my/flags"' in section
    # What waits for others is listed and not counted, here as in the menu and on the flags' page.
    with writing(lite_app) as session:
        session.get_one(Flag, lite_world.flags["cO"]).review = "explained"
    cadre, seven = person(lite_app, "cadre"), '<span class="count">7</span>'
    assert seven in sections_of(cadre)["own-flags"]
    assert _counts(cadre.get("/").text, "/my/flags") == {"7"}
    assert seven in cadre.get("/my/flags").text


def _counts(page: str, address: str) -> set[str]:
    """The numbers that the menu has beside an address."""
    links = re.findall(rf'<a[^>]*href="{address}"[^>]*>(.*?)</a>', page, re.DOTALL)
    found = (re.search(r"(\d+)\s*<", link) for link in links)
    return {each.group(1) for each in found if each is not None}


def test_what_is_to_be_done_comes_before_what_waits_for_others(
    lite_app: Flask, lite_world: World
) -> None:
    """Although what waits is graver, and older."""
    with writing(lite_app) as session:
        waits = session.get_one(Flag, lite_world.flags["cO"])
        waits.review, waits.severity = "explained", "major"
    section = sections(lite_app, "cadre")["own-flags"]
    order = [section.index(f'/flags/{lite_world.flags[each]}"') for each in ("mO", "cO")]
    assert order == sorted(order)


def test_doing_what_was_missed_is_the_next_thing_where_that_eases_it(
    lite_app: Flask, lite_world: World
) -> None:
    with writing(lite_app) as session:
        flag = session.get_one(Flag, lite_world.flags["cO"])
        flag.rule, flag.key = "discipline.log_missing", "2026-03-20"
    section = sections(lite_app, "cadre")["own-flags"]
    assert "/records/work_log/new/" in section
    with writing(lite_app) as session:
        flag = session.get_one(Flag, lite_world.flags["cO"])
        flag.active, flag.cleared_at, flag.cleared_reason = False, now(), "condition"
    assert "/records/work_log/new/" not in sections(lite_app, "cadre")["own-flags"]


def test_a_confirmed_flag_is_accepted_or_appealed_with_the_days_left(
    lite_app: Flask, lite_world: World
) -> None:
    with writing(lite_app) as session:
        flag = session.get_one(Flag, lite_world.flags["cO"])
        flag.review, flag.appeal_until = "confirmed", before(-3)
    section = sections(lite_app, "cadre")["own-flags"]
    assert 'data-verb="accept"' in section
    assert 'data-verb="appeal"' in section
    assert "还剩4天" in section


def test_a_notice_that_nobody_has_signed_for_comes_first(
    lite_app: Flask, lite_world: World
) -> None:
    with writing(lite_app) as session:
        flag = session.get_one(Flag, lite_world.flags["cO"])
        flag.review, flag.appeal_until = "confirmed", before(-3)
        notice = notice_of(flag, prefix="甲督", number=7)
        session.add(notice)
        session.flush()
        number = notice.id
    section = sections(lite_app, "cadre")["own-flags"]
    assert "签收甲督〔2026〕7号" in section
    assert f'href="/notices/{number}"' in section
    with writing(lite_app) as session:
        session.execute(update(type(notice)).values(state="received"))
    assert "签收" not in sections(lite_app, "cadre")["own-flags"]


def test_a_verb_that_was_carried_out_at_home_leads_back_there(app: Flask, world: World) -> None:
    cadre, flag = person(app, "cadre"), world.flags["cO"]
    given = {"seen_state": "open", "seen_revision": "1", "seen_events": "1"}
    form = cadre.filled("/", {"text": "当天下乡，忘记打卡", "own": "home", **given})
    answer = cadre.client.post(f"/flags/{flag}/explain", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    with app.app_context():
        assert db.session.get_one(Flag, flag).review == "explained"


# --- reviewers ------------------------------------------------------------------------------------


def test_the_inbox_stands_first_with_its_number_and_first_lines(app: Flask, world: World) -> None:
    section = sections(app, "supervisor")["inbox"]
    shown = [f"flag={world.flags[each]}" for each in ("mO", "mB", "cO", "cB", "oO")]
    assert all(f'{each}"' in section for each in shown)
    assert f"flag={world.flags['mS']}" not in section
    assert section.count("<li>") == 5
    assert '<span class="count">6</span>' in section


def test_the_inbox_is_asked_for_anew_after_every_verb(app: Flask, world: World) -> None:
    somebody, flag = person(app, "supervisor"), world.flags["mO"]
    assert '<span class="count">6</span>' in sections_of(somebody)["inbox"]
    given = {"seen_state": "open", "seen_revision": "1", "seen_events": "1", "text": "已核实"}
    form = somebody.filled(f"/flags/{flag}", given)
    assert somebody.client.post(f"/flags/{flag}/dismiss", data=form).status_code == 303
    section = sections_of(somebody)["inbox"]
    assert f'flag={flag}"' not in section


def test_nobody_else_sees_an_inbox(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.accounts
    for username in ("cadre", "chair", "keeper", "admin"):
        assert not {"inbox", "behind"} & sections(lite_app, username).keys()
        assert person(lite_app, username).get("/behind/").status_code == 403


def judged_until_yesterday(app: Flask) -> None:
    """Have all that was due before today been judged, so that it is flagged or done."""
    with writing(app) as session:
        for place in session.query(Organization).filter_by(kind="district"):
            session.merge(DistrictState(district_id=place.id, evaluated_as_of=before(1)))


def behind(app: Flask, username: str) -> tuple[Person, dict[str, object]]:
    """Somebody and what the first button that reminds sends."""
    judged_until_yesterday(app)
    somebody = person(app, username)
    section = sections_of(somebody)["behind"]
    inputs = dict(_HIDDEN.findall(section.partition("<form")[2].partition("</form>")[0]))
    assert inputs
    return somebody, inputs


_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def test_who_is_behind_is_reminded_once_a_day(app: Flask, world: World) -> None:
    work_today(app)
    supervisor, sent = behind(app, "supervisor")
    answer = supervisor.client.post("/behind/remind", data=sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "今天已提醒" in sections_of(supervisor)["behind"]
    supervisor.client.post("/behind/remind", data=sent)
    assert "今天已就此事提醒过" in " ".join(messages(supervisor.get("/")))
    with app.app_context():
        assert len(db.session.scalars(select(Reminder)).all()) == 1
        told = db.session.scalars(
            select(Notification.account_id).where(Notification.kind == "remind")
        )
        reminded = set(told)
    names = {world.accounts[each]: each for each in ("cadre", "chair")}
    [name] = [names[each] for each in reminded]
    assert "提醒您" in person(app, name).get("/").text.partition("<section")[0]


def test_what_is_not_in_reach_is_nobody_s_to_remind_of(app: Flask, world: World) -> None:
    work_today(app)
    supervisor, sent = behind(app, "supervisor")
    for changed in (
        {"subject_id": world.cadres["CS"]},
        {"key": "2031-01-01"},
        {"rule": "discipline.late"},
        {"subject_id": "x" * 12},
        {"subject_kind": "account"},
    ):
        refused = supervisor.client.post("/behind/remind", data={**sent, **changed})
        assert refused.status_code == 404, changed
    cadre = person(app, "cadre")
    form = {**sent, "csrf_token": cadre.filled("/")["csrf_token"]}
    assert cadre.client.post("/behind/remind", data=form).status_code == 403
    with app.app_context():
        assert db.session.scalars(select(Reminder)).all() == []


def test_who_is_behind_is_found_anew_after_every_write(lite_app: Flask, lite_world: World) -> None:
    work_today(lite_app)
    supervisor, sent = behind(lite_app, "supervisor")
    number = supervisor.get("/behind/").text.count("</strong>")
    with writing(lite_app) as session:
        row = session.get_one(Cadre, sent["subject_id"])
        day = date.fromisoformat(str(sent["key"]))
        values = {"cadre": row, "day": day, "written_on": day, "content": "走访企业"}
        create_record(ACTOR, session, WorkLog, values, at=now())
    assert lite_world.cadres
    assert supervisor.get("/behind/").text.count("</strong>") == number - 1


# --- administrators -------------------------------------------------------------------------------


def test_accounts_that_were_never_used_are_named_after_a_week(app: Flask, world: World) -> None:
    with writing(app) as session:
        session.execute(update(Account).values(created_at=now() - timedelta(days=6)))
    assert "从未使用" not in sections(app, "admin")["installation"]
    with writing(app) as session:
        session.execute(update(Account).values(created_at=now() - timedelta(days=8)))
        used = update(Account).where(Account.id != world.accounts["cadre"])
        session.execute(used.values(current_login_at=now()))
    section = sections(app, "admin")["installation"]
    assert "1个账号从未使用" in section
    assert "cadre" in section
    # Whoever administers F1 sees the accounts there.
    assert "1个账号从未使用" in sections(app, "keeper")["installation"]
