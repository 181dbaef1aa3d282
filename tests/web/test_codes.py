"""Codes on pages: given by the system where none is typed; what a refused one tells nobody."""

import re

from flask import Flask

from plugins.discipline.models import ConductReport, Expense, Leave
from tests.web.entering import LATE, expense, problems, rows
from tiesan.clock import today
from tiesan.people.models import Cadre
from tiesan.testing.browsing import person
from tiesan.testing.world import World

CANNOT = "不能使用，请另填一个。"


def test_a_blank_code_is_given_with_kind_year_and_number(app: Flask, world: World) -> None:
    supervisor = person(app, "supervisor")
    for _ in range(2):
        assert supervisor.send("/records/expense/new/", expense(world, "O")).status_code == 302
    series = f"D1-BX{today().year}"
    assert [row.code for row in rows(app, Expense)[:2]] == [f"{series}-0002", f"{series}-0001"]


def test_so_is_that_of_a_request(app: Flask, world: World) -> None:
    assert world.records
    day = f"{today():%Y-%m-%d}"
    request = {"kind": "annual", "first_day": day, "last_day": day, "reason": "探亲"}
    cadre = person(app, "cadre")
    assert cadre.send("/records/leave/new/request", request).status_code == 303
    assert rows(app, Leave)[0].code == f"D1-QJ{today().year}-0001"


def test_the_code_of_a_confidential_record_is_nobody_s_to_choose(
    lite_app: Flask, lite_world: World
) -> None:
    """Who could choose one would learn from the refusal that there is such a report."""
    district, page = person(lite_app, "district"), "/records/conduct_report/new/"
    assert 'name="code"' not in district.get(page).text
    taken = {"code": "conduct_report-P", "cadre": lite_world.cadres["CO"]}
    given = {"kind": "conduct", "reported_on": "2026-03-02"}
    assert district.send(page, taken | given).status_code == 302
    code = rows(lite_app, ConductReport)[0].code
    assert re.fullmatch("JB-[0-9A-Z]{5}-[0-9A-Z]{5}", code)


def test_a_code_taken_out_of_sight_is_refused_with_words_that_fit_any_cause(
    lite_app: Flask, lite_world: World
) -> None:
    supervisor, page = person(lite_app, "supervisor"), "/records/expense/new/"
    said = {
        place: problems(supervisor.send(page, expense(lite_world, "O", code=f"expense-{place}")))
        for place in "OX"
    }
    assert said == {"O": ["已有相同的记录。"], "X": [CANNOT]}


def test_so_is_that_of_a_cadre_or_an_organization(lite_app: Flask, lite_world: World) -> None:
    keeper, place = person(lite_app, "keeper"), lite_world.organizations["F1"]
    cadre = {"name": "新人", "organization": place, "professional": "yes"}
    cadre |= {"joined_on": "2026-03-02"}
    said = {
        code: problems(keeper.send("/people/cadres/new/", cadre | {"code": code}))
        for code in ("CB", "CX")
    }
    assert said == {"CB": ["已有相同的记录。"], "CX": [CANNOT]}
    organization = {"name": "新工会", "kind": "enterprise", "parent": place}
    organization |= {"founded_on": "2026-03-02", "code": "D2"}
    refused = keeper.send("/people/organizations/new/", organization)
    assert problems(refused) == [CANNOT]
    assert len(rows(lite_app, Cadre)) == len(lite_world.cadres)


def test_the_reason_of_a_late_entry_is_still_asked_for(lite_app: Flask, lite_world: World) -> None:
    sent = expense(lite_world, "O") | dict.fromkeys(LATE, "") | {"requested_on": "2026-03-10"}
    refused = person(lite_app, "supervisor").send("/records/expense/new/", sent)
    assert problems(refused) == ["补录须填写理由。"]
