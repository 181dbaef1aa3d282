"""Why is there a flag, or none: each answer, and to whom it is given."""

from datetime import date, time, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import delete, select

from plugins.discipline.models import Attendance, Leave, WorkLog
from tests.web.home import writing
from tiesan.clock import now
from tiesan.flags.halts import RuleHalt
from tiesan.flags.models import DistrictState, Flag, StoredEvaluation
from tiesan.people.models import Cadre
from tiesan.records.base import Record
from tiesan.records.services import create_record
from tiesan.records.settings import RuleParameterValue
from tiesan.testing.browsing import Person, person
from tiesan.testing.world import ACTOR, AT, World

LATE, LOG, OFTEN = "discipline.late", "discipline.log_missing", "discipline.frequent_late"
LEAVE, SECRET = "discipline.leave_unapproved", "discipline.conduct_unhandled"
# Wednesday and Thursday; records are judged from March 2 on.
DAY, NEXT = date(2026, 3, 11), date(2026, 3, 12)
YES, NO = "有预警标记。", "未产生预警：规则有一项条件不成立。"


def enter(app: Flask, world: World, model: type[Record], **values: Any) -> None:
    """Store a record of the cadre at O."""
    with writing(app) as session:
        cadre = session.get_one(Cadre, world.cadres["CO"])
        create_record(ACTOR, session, model, {"cadre": cadre, **values}, at=now())


def clocked(app: Flask, world: World, day: date, at: time | None) -> None:
    """Have the cadre at O clock in at a time."""
    enter(app, world, Attendance, day=day, clock_in=at, clock_out=time(17, 30))


def judged_until(app: Flask, world: World, day: date) -> None:
    """Have the district be judged whole until a day."""
    with writing(app) as session:
        session.execute(delete(DistrictState))
        session.add(DistrictState(district_id=world.organizations["D1"], evaluated_as_of=day))


def answer(somebody: Person, rule: str = LATE, day: date = DAY, subject: str = "cadre=CO") -> str:
    """The page about somebody, by default the cadre at O."""
    found = somebody.get(f"/why?rule={rule}&{subject}&day={day.isoformat()}")
    assert found.status_code == 200
    return found.text


def change(app: Flask, flag_id: int, **values: Any) -> None:
    """Give a stored flag other values."""
    with writing(app) as session:
        for name, value in values.items():
            setattr(session.get_one(Flag, flag_id), name, value)


def test_of_a_record_each_line_with_its_value(app: Flask, world: World) -> None:
    clocked(app, world, DAY, time(8, 31))
    clocked(app, world, NEXT, time(8, 30))
    supervisor = person(app, "supervisor")
    late = answer(supervisor)
    assert YES in late
    assert '<span class="value">08:31</span>' in late
    assert "is-false" not in late
    in_time = answer(supervisor, day=NEXT)
    assert NO in in_time
    assert "不成立的条件：“上班打卡”晚于08:30（参数“上班时间”）" in in_time
    assert '<span class="value">08:30</span>' in in_time
    nothing = answer(supervisor, day=DAY - timedelta(days=1))
    assert "未产生预警：当日没有这类记录。" in nothing
    assert "相近日期的记录" in nothing
    with writing(app) as session:
        # Whatever was evaluated of it meanwhile.
        of_day = Flag.key == DAY.isoformat(), Flag.rule == LATE
        for flag in session.scalars(select(Flag).where(*of_day)):
            flag.rule = "discipline.left_early"
    assert "尚未入库" in answer(supervisor)
    stands = {"active": True, "cleared_at": None, "cleared_reason": None}
    change(app, world.flags["cO"], key=DAY.isoformat(), occurred_on=DAY, **stands)
    stored = answer(supervisor)
    assert "自2026年3月30日起有此预警标记" in stored
    assert f'href="/flags/{world.flags["cO"]}"' in stored
    change(app, world.flags["cO"], review="waived", waived_until=date(2099, 1, 1))
    assert "有预警标记，已豁免。" in answer(supervisor)


def test_what_is_not_given_is_told_from_what_is_false(app: Flask, world: World) -> None:
    clocked(app, world, DAY, None)
    page = answer(person(app, "supervisor"))
    assert "is-blank" in page
    assert NO in page


def test_before_records_are_judged_and_on_days_to_come(lite_app: Flask, lite_world: World) -> None:
    supervisor = person(lite_app, "supervisor")
    clocked(lite_app, lite_world, date(2026, 2, 26), time(9))
    for day in (date(2026, 2, 25), date(2026, 2, 26)):
        page = answer(supervisor, day=day)
        assert "早于开始记录之日" in page
        assert "自2026年3月2日起判断" in page
    assert "尚未到判断的时候" in answer(supervisor, day=date(2099, 1, 6))


def test_a_duty_says_what_is_required_and_done_and_when_it_is_due(app: Flask, world: World) -> None:
    supervisor = person(app, "supervisor")
    monday = date(2026, 3, 9)
    judged_until(app, world, monday - timedelta(days=1))
    with writing(app) as session:
        session.execute(delete(WorkLog))
    waiting = answer(supervisor, LOG, monday)
    assert "尚未到判断的时候" in waiting
    judged_until(app, world, date(2026, 3, 31))
    missing = answer(supervisor, LOG, monday)
    assert YES in missing
    assert "<dt>应完成数</dt><dd>1</dd>" in missing
    assert "<dt>已完成数</dt><dd>0</dd>" in missing
    assert "2026年3月10日" in missing
    for day in (date(2026, 3, 6), monday):
        enter(app, world, WorkLog, day=day, written_on=day, content="下企业走访")
    done = answer(supervisor, LOG, monday)
    assert NO in done
    assert "<dt>已完成数</dt><dd>1</dd>" in done
    assert ">计入</strong> 工作日志" in done


def test_who_owes_nothing_is_told_why(app: Flask, world: World) -> None:
    judged_until(app, world, date(2026, 3, 31))
    enter(app, world, Leave, code="L9", kind="annual", first_day=DAY - timedelta(days=1),
          last_day=NEXT, requested_on=date(2026, 3, 6), approved_on=date(2026, 3, 6))  # fmt: skip
    supervisor = person(app, "supervisor")
    assert "因已批准的请假或外出而免除" in answer(supervisor, LOG, NEXT)
    with writing(app) as session:
        session.get_one(Cadre, world.cadres["CO"]).professional = False
    page = answer(supervisor, LOG, date(2026, 3, 18))
    assert NO in page
    assert "不成立的条件" in page


def test_a_tally_says_what_counts(app: Flask, world: World) -> None:
    supervisor = person(app, "supervisor")
    days = [date(2026, 3, 20), DAY, NEXT]
    with writing(app) as session:
        first = session.get_one(Flag, world.flags["cO"])
        for day in days[1:]:
            session.add(_like(first, day))
    page = answer(supervisor, OFTEN)
    assert YES in page
    assert "<dd>3</dd>" in page
    assert page.count(">计入</strong>") == 3
    with writing(app) as session:
        session.execute(delete(Flag).where(Flag.key == NEXT.isoformat()))
    page = answer(supervisor, OFTEN)
    assert NO in page
    assert "<dd>2</dd>" in page
    april = answer(supervisor, OFTEN, date(2026, 4, 8))
    assert "当日没有这类记录" in april


def _like(flag: Flag, day: date) -> Flag:
    names = ("rule", "severity", "cadre", "episode", "district_id", "message_zh", "message_en",
             "active", "raised_at", "raised_as_of", "known_as_of", "revision", "evidence_digest",
             "rule_digest")  # fmt: skip
    values = {name: getattr(flag, name) for name in names}
    return Flag(**values, key=day.isoformat(), occurred_on=day)


def test_a_deadline_says_its_day(app: Flask, world: World) -> None:
    judged_until(app, world, date(2026, 3, 31))
    given = {"kind": "annual", "first_day": DAY, "last_day": DAY, "requested_on": date(2026, 3, 6)}
    enter(app, world, Leave, code="L8", **given)
    supervisor = person(app, "supervisor")
    page = answer(supervisor, LEAVE)
    assert YES in page
    assert "2026年3月11日" in page
    assert "L8" in page
    with writing(app) as session:
        session.scalars(select(Leave).where(Leave.code == "L8")).one().approved_on = DAY
    assert NO in answer(supervisor, LEAVE)


def test_what_is_halted_off_or_not_evaluated_says_so(app: Flask, world: World) -> None:
    clocked(app, world, DAY, time(8, 31))
    supervisor = person(app, "supervisor")
    halt = {"district_id": world.organizations["D1"], "rule": LATE, "fingerprint": "x"}
    with writing(app) as session:
        session.add(RuleHalt(**halt, kind="held", since=AT, subjects=1, among=1))
    assert "暂缓执行，确认之前不作判断" in answer(supervisor)
    with writing(app) as session:
        session.execute(delete(RuleHalt))
        session.add(RuleHalt(**halt, kind="off", since=AT, runs=5))
    assert "该规则已停用" in answer(supervisor)
    with writing(app) as session:
        session.execute(delete(RuleHalt))
        told = [{"rule": LATE, "scope": "全部", "error": "除数为零"}]
        session.add(
            StoredEvaluation(
                district_id=world.organizations["D1"], at=AT, as_of=AT.date(), actor_name="甲",
                not_evaluated=told, facts=0, rules=0, flags=0, added=0, cleared=0, rule_set="",
            )
        )  # fmt: skip
    page = answer(supervisor)
    assert "该规则未能评估" in page
    assert "除数为零" in page
    assert YES not in page


def test_a_parameter_that_is_refused_is_not_evaluated(lite_app: Flask) -> None:
    with writing(lite_app) as session:
        values = {"rule": LATE, "name": "work_start", "value": "noon"}
        session.add(RuleParameterValue(**values, valid_from=date(2026, 1, 1)))
    assert "该规则未能评估" in answer(person(lite_app, "supervisor"))


def test_it_is_told_to_who_administers_or_reviews_there(lite_app: Flask, lite_world: World) -> None:
    address = "/why?rule={}&{}&day=2026-03-11"
    expected = {
        "cadre": (403, 403), "chair": (403, 403), "nobody": (403, 403),
        "supervisor": (200, 404), "keeper": (200, 404), "committee": (404, 404),
        "district": (200, 404), "admin": (200, 200),
    }  # fmt: skip
    for name, (here, elsewhere) in expected.items():
        somebody = person(lite_app, name)
        assert somebody.get(address.format(LATE, "cadre=CO")).status_code == here, name
        assert somebody.get(address.format(LATE, "cadre=CX")).status_code == elsewhere, name
    assert person(lite_app).get(address.format(LATE, "cadre=CO")).status_code == 302


def test_confidential_rules_are_closed_as_their_flags_are(lite_app: Flask) -> None:
    address = f"/why?rule={SECRET}&organization={{}}&day=2026-04-19"
    for name, opens in (("district", 200), ("committee", 200), ("supervisor", 404),
                        ("keeper", 404), ("admin", 404)):  # fmt: skip
        somebody = person(lite_app, name)
        assert somebody.get(address.format("F1")).status_code == opens, name
        assert (f'value="{SECRET}"' in somebody.get("/why?organization=F1").text) == (
            opens == 200
        ), name
    # The report at P is about the supervisor of the district: for them it is not there.
    assert "conduct_report-P" not in person(lite_app, "district").get(address.format("D1")).text
    assert "conduct_report-P" in person(lite_app, "committee").get(address.format("D1")).text


def test_it_is_reached_from_flag_person_and_rule(lite_app: Flask, lite_world: World) -> None:
    supervisor, cadre = person(lite_app, "supervisor"), person(lite_app, "cadre")
    flag = lite_world.flags["cO"]
    for address, mark in (
        (f"/flags/{flag}", "/why?rule=discipline.late&amp;cadre=CO&amp;day=2026-03-20"),
        ("/persons/CO?day=2026-03-20", "/why?cadre=CO&amp;day=2026-03-20"),
        (f"/rules/{LATE}/", f"/why?rule={LATE}"),
    ):
        assert mark in supervisor.get(address).text, address
        assert "/why" not in cadre.get(address).text, address


def test_what_cannot_be_is_refused_with_a_word(lite_app: Flask) -> None:
    admin = person(lite_app, "admin")
    for day in ("no-day", "0001-01-01", "9999-12-31"):
        found = admin.get(f"/why?rule={LATE}&cadre=CO&day={day}")
        assert found.status_code == 200
        assert "日期无效。" in found.text
    assert admin.get("/why?rule=discipline.none&cadre=CO").status_code == 404
    assert admin.get(f"/why?rule={LATE}&cadre=none").status_code == 404
    assert "查看原因" in admin.get("/why").text
