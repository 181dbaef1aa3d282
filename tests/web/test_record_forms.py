"""The forms of records: what they show, and what they refuse beside which input."""

import re

import pytest
from flask import Flask

from plugins.discipline.models import Expense
from tests.web.entering import expense, problems, rows
from tiesan.clock import today
from tiesan.testing.browsing import person
from tiesan.testing.world import World


def test_nothing_on_a_form_has_the_id_of_something_else(lite_app: Flask, lite_world: World) -> None:
    """A label would lead to what stands first: a page's frame, and not its input."""
    supervisor = person(lite_app, "district")
    for kind in lite_world.records:
        page = supervisor.get(f"/records/{kind}/new/")
        ids = re.findall(r'\bid="([^"]+)"', page.text)
        assert len(ids) == len(set(ids)), kind


def test_a_choice_that_may_be_left_out_says_so(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    page = person(lite_app, "supervisor").get("/records/leave/new/").text
    first_lines = dict(re.findall(r'name="(\w+)"[^>]*><option [^>]*value="">([^<]*)<', page))
    assert first_lines == {
        "kind": "请选择",
        "first_half": "上午（全天）",
        "last_half": "下午（全天）",
    }


def test_what_is_wrong_with_a_request_does_not_name_its_input_twice(
    lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    asked = {"payee": "红旗饭店", "item": "会议用餐", "amount": "0.00"}
    refused = person(lite_app, "cadre").send("/records/expense/new/request", asked)
    assert problems(refused) == ["金额为0.00。"]


def test_the_page_of_a_change_says_so(lite_app: Flask, lite_world: World) -> None:
    supervisor = person(lite_app, "supervisor")
    row = lite_world.records["expense"]["O"]
    assert (
        "<h1>修改：开支 expense-O</h1>" in supervisor.get(f"/records/expense/edit/?id={row}").text
    )
    admin = person(lite_app, "admin")
    page = admin.get(f"/people/cadres/edit/?id={lite_world.cadres['CO']}").text
    assert "<title>修改：工会干部 陈欧" in page


def test_a_second_log_of_a_day_is_refused_beside_the_day(
    lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    cadre = person(lite_app, "cadre")
    log = {"day": f"{today():%Y-%m-%d}", "content": "走访三家企业"}
    assert cadre.send("/records/work_log/new/", log).status_code == 302
    refused = cadre.send("/records/work_log/new/", log | {"content": "又走访企业"})
    assert problems(refused) == ["已有相同的记录（工会干部、日期相同）。"]
    assert 'aria-describedby="error-day"' in refused.text
    look = re.search(r'<a class="look" href="([^"]+)">查看：陈欧 · ', refused.text)
    assert look is not None
    assert "走访三家企业" in cadre.get(look.group(1)).text
    assert "又走访企业" in refused.text


def test_a_late_entry_needs_a_reason(lite_app: Flask, lite_world: World) -> None:
    supervisor = person(lite_app, "supervisor")
    late = expense(lite_world, "O", late_reason="")
    assert problems(supervisor.send("/records/expense/new/", late)) == ["补录须填写理由。"]
    for day in ("", f"{today():%Y-%m-%d}"):
        answer = supervisor.send("/records/expense/new/", late | {"requested_on": day})
        assert answer.status_code == 302


WRONG: tuple[tuple[dict[str, object], list[str]], ...] = (
    ({"amount": "12.345"}, ["不是有效的金额（单位为元，最多两位小数）。"]),
    ({"amount": "-1"}, ["金额不能为负数。"]),
    ({"amount": "1e3"}, ["不是有效的金额（单位为元，最多两位小数）。"]),
    ({"amount": "99999999999999999"}, ["金额过大，请核对。"]),
    ({"payee": "\u3000 "}, ["此项必填。"]),
    ({"payee": "x" * 201}, ["字段长度不能超过 200 个字符。"]),
    ({"payee": "a\x00b"}, ["含有无法保存的字符，请删除后重试。"]),
    ({"spent_on": "2026-02-30"}, ["不是有效的日期值。"]),
    ({"spent_on": "", "requested_on": ""}, ["开支未经请示的，不能为空。"]),
    ({"receipt": "perhaps"}, ["不在可选范围内。"]),
    ({"cadre": ""}, ["此项必填。"]),
    ({"cadre": "99999999999999999999"}, ["没有可供您选择的这一项。"]),
    ({"cadre": "1 OR 1=1"}, ["没有可供您选择的这一项。"]),
)


@pytest.mark.parametrize(("changed", "said"), WRONG)
def test_wrong_values_are_refused_beside_their_input(
    changed: dict[str, object], said: list[str], lite_app: Flask, lite_world: World
) -> None:
    before = len(rows(lite_app, Expense))
    answer = person(lite_app, "supervisor").send(
        "/records/expense/new/", expense(lite_world, "O", **changed)
    )
    assert answer.status_code == 200
    assert problems(answer) == said
    assert "尚未保存" in answer.text
    assert len(rows(lite_app, Expense)) == before


@pytest.mark.parametrize(
    ("typed", "fen"), [("200", 20_000), ("1,234.5", 123_450), ("１２.３４", 1_234)]
)
def test_amounts_as_people_type_them(
    typed: str, fen: int, lite_app: Flask, lite_world: World
) -> None:
    person(lite_app, "supervisor").send(
        "/records/expense/new/", expense(lite_world, "O", amount=typed)
    )
    assert rows(lite_app, Expense)[0].amount == fen


def test_checks_across_fields_say_which_field(lite_app: Flask, lite_world: World) -> None:
    sent = {
        "cadre": lite_world.cadres["CO"],
        "kind": "annual",
        "first_day": "2026-03-12",
        "last_day": "2026-03-11",
    }
    answer = person(lite_app, "supervisor").send("/records/leave/new/", sent)
    assert len(problems(answer)) == 1


def test_half_days_are_said_in_words(lite_app: Flask, lite_world: World) -> None:
    """A day without a half is a whole one, from the morning to the afternoon."""
    cadre = person(lite_app, "cadre")
    page = cadre.get(f"/records/leave/details/?id={lite_world.records['leave']['O']}").text
    assert "上午（全天）" in page
    assert "下午（全天）" in page
    form = person(lite_app, "supervisor").get("/records/leave/new/").text
    choices = re.search(r'<select[^>]*name="first_half".*?</select>', form)
    assert choices is not None
    assert re.findall(r"<option[^>]*>([^<]+)<", choices.group(0)) == ["上午（全天）", "下午"]


def test_a_report_has_the_day_on_which_it_was_made(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    form = person(lite_app, "district").get("/records/conduct_report/new/").text
    assert "举报日期" in form
    assert "报告日期" not in form
