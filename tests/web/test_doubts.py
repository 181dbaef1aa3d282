"""What is hardly meant, on forms: some of it refused beside its input, the rest said afterwards."""

from flask import Flask

from plugins.discipline.models import Attendance, Expense, Leave
from tests.web.entering import LATE, expense, problems, rows
from tiesan.testing.browsing import messages, person
from tiesan.testing.world import World


def test_a_request_for_nothing_is_refused_beside_the_amount(
    lite_app: Flask, lite_world: World
) -> None:
    before = len(rows(lite_app, Expense))
    sent = expense(lite_world, "O", amount="0.00")
    refused = person(lite_app, "supervisor").send("/records/expense/new/", sent)
    assert problems(refused) == ["金额为0.00。"]
    assert len(rows(lite_app, Expense)) == before


def test_a_leave_entered_late_over_another_is_stored_and_asked_about(
    lite_app: Flask, lite_world: World
) -> None:
    supervisor = person(lite_app, "supervisor")
    days = {"first_day": "2026-05-11", "last_day": "2026-05-12"}
    leave = {"code": "", "cadre": lite_world.cadres["CO"], "kind": "annual", **days, **LATE}
    assert supervisor.send("/records/leave/new/", leave).status_code == 302
    before = len(rows(lite_app, Leave))
    again = leave | {"first_day": "2026-05-12", "last_day": "2026-05-13"}
    stored = supervisor.send("/records/leave/new/", again)
    assert "与本人另一次请假重叠" in "".join(messages(supervisor.get(stored.location)))
    assert len(rows(lite_app, Leave)) == before + 1


def test_attendance_on_a_day_off_is_stored_and_asked_about(
    lite_app: Flask, lite_world: World
) -> None:
    district = person(lite_app, "district")
    row = {"cadre": lite_world.cadres["CO"], "day": "2026-03-22", "clock_in": "08:20"}
    stored = district.send("/records/attendance/new/", row | {"clock_out": "17:40"})
    assert "请核对：日期: 非工作日的考勤" in "".join(messages(district.get(stored.location)))


def test_a_clock_out_of_the_next_day_is_a_tick(lite_app: Flask, lite_world: World) -> None:
    district = person(lite_app, "district")
    row = {"cadre": lite_world.cadres["CO"], "day": "2026-03-23", "clock_in": "08:20"}
    night = row | {"clock_out": "00:40"}
    (problem,) = problems(district.send("/records/attendance/new/", night))
    assert "次日下班" in problem
    assert (
        district.send("/records/attendance/new/", night | {"clock_out_next_day": "yes"}).status_code
        == 302
    )
    assert rows(lite_app, Attendance)[0].clock_out_next_day is True
