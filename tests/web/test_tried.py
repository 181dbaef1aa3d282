"""A version tried on a record: its text judges, not the rule in force; and its tests."""

from datetime import time

from flask import Flask

from tests.flags.published import LOCAL, UNAPPROVED
from tests.rulebook.texts import with_tests
from tests.web.home import writing
from tests.web.test_rule_book import written
from tests.web.test_why import DAY, LATE, SECRET, clocked
from tiesan.flags.catalog import installed_catalog
from tiesan.records.settings import RuleParameterValue
from tiesan.rulebook.texts import shipped_text
from tiesan.testing.browsing import person
from tiesan.testing.world import World


def test_the_text_judges_a_picked_record_and_the_stored_parameter_with_it(
    lite_app: Flask, lite_world: World
) -> None:
    clocked(lite_app, lite_world, DAY, time(8, 31))
    admin = person(lite_app, "admin")
    text = shipped_text(installed_catalog(), LATE) or ""
    address = written(
        admin, text.replace("op: gt, value: $work_start", "op: lt, value: $work_start"), LATE
    )
    asked = f"cadre=CO&day={DAY.isoformat()}"
    assert "有预警标记。" in admin.get(f"/why?rule={LATE}&{asked}").text
    page = admin.get(f"{address}/record?{asked}").text
    assert "不成立的条件：“上班打卡”早于08:30" in page
    assert '<span class="value">08:31</span>' in page
    with writing(lite_app) as session:
        given = {"rule": LATE, "name": "work_start", "value": "08:40", "valid_from": DAY}
        session.add(RuleParameterValue(**given))
    page = admin.get(f"{address}/record?{asked}").text
    assert "会产生预警标记。" in page
    # Of what would be flagged nothing is stored, and so nothing is said of it.
    assert "尚未入库" not in page
    assert admin.get(f"{address}/record?cadre=NO").status_code == 404
    assert "日期无效" in admin.get(f"{address}/record?cadre=CO&day=x").text


def test_each_test_of_a_text_is_shown_with_what_holds(lite_app: Flask, lite_world: World) -> None:
    admin = person(lite_app, "admin")
    assert lite_world.flags
    # The second test expects no flag, and the text flags.
    text = with_tests(least=300).replace("amount: 299", "amount: 1299")
    page = admin.get(f"{written(admin, text)}/record").text
    assert page.count('class="card-block tried-test"') == 2
    passes, fails = page.split('class="card-block tried-test"')[1:]
    assert "未通过" not in passes
    assert "C1 · 2026年3月5日 · 会产生预警标记。" in passes
    assert "300.00" in passes
    assert "未通过" in fails
    assert "1299.00" in fails.replace(",", "")
    # What is written in a test is no record of the district, whatever its code.
    assert "/record/expense/" not in page


def test_what_is_confidential_is_tried_on_its_tests_alone(lite_app: Flask) -> None:
    admin = person(lite_app, "admin")
    text = shipped_text(installed_catalog(), SECRET) or ""
    page = admin.get(f"{written(admin, text, SECRET)}/record?organization=F1").text
    assert "不在实际记录上试用" in page
    assert "测试用例中的记录" in page
    # So is a version that would read it.
    id_of = f"- id: {SECRET}"
    local = text.replace(id_of, f"- id: {LOCAL}")
    page = admin.get(f"{written(admin, local)}/record?organization=F1").text
    assert "不在实际记录上试用" in page


def test_a_text_that_cannot_be_read_says_so(lite_app: Flask) -> None:
    admin = person(lite_app, "admin")
    page = admin.get(f"{written(admin, with_tests(UNAPPROVED)[:-200], UNAPPROVED)}/record").text
    assert 'role="alert"' in page
