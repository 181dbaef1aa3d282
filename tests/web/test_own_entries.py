"""What a cadre's own form begins with, and what it refuses of days that are still to come."""

from datetime import timedelta

from flask import Flask

from tiesan.clock import today
from tiesan.testing.browsing import person
from tiesan.testing.world import World

PAGE = "/records/work_log/new/"
NOT_YET = "日期不得晚于今天。"


def test_a_cadre_s_own_entry_begins_with_today(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    shown = f'value="{today():%Y-%m-%d}"'
    assert shown in person(lite_app, "cadre").get(PAGE).text
    assert shown not in person(lite_app, "supervisor").get(PAGE).text


def test_a_cadre_logs_today_and_no_day_that_is_still_to_come(
    lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    cadre = person(lite_app, "cadre")
    days = [today() + timedelta(days=number) for number in (1, 0)]
    tomorrow, log = ({"day": f"{day:%Y-%m-%d}", "content": "走访三家企业"} for day in days)
    refused = cadre.send(PAGE, tomorrow)
    assert refused.status_code == 200
    assert NOT_YET in refused.text
    assert cadre.send(PAGE, log).status_code == 302
