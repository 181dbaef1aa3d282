"""The menu by work: each role has its places, in its order, and none that it cannot open."""

import re

import pytest
from flask import Flask

from tiesan.testing.browsing import Person, person
from tiesan.testing.world import World

# The menu at the side and the bar of a phone, by person.
OWN = ("/", "/log", "/my/flags")
SIDES = {
    "cadre": (*OWN, "/my/records", "/rules"),
    "chair": (*OWN, "/my/records", "/flags", "/notices", "/waivers", "/people/organizations",
              "/people/cadres", "/rules", "/calendar"),
    "supervisor": ("/", "/inbox", "/enter", "/records", "/flags", "/notices", "/waivers",
                   "/people/organizations", "/people/cadres", "/rules", "/calendar"),
    "district": (*OWN, "/inbox", "/enter", "/my/records", "/records", "/flags", "/notices",
                 "/waivers", "/people/organizations", "/people/cadres", "/rules", "/calendar"),
    "admin": ("/", "/records", "/flags", "/notices", "/waivers", "/audit", "/operation",
              "/people/organizations", "/people/cadres", "/people/accounts", "/rules",
              "/calendar"),
}  # fmt: skip
BARS = {
    "cadre": OWN,
    "chair": OWN,
    "supervisor": ("/inbox", "/enter"),
    "district": ("/inbox", "/enter", "/"),
    "committee": ("/inbox", "/enter", "/"),
    "keeper": ("/", "/people/organizations", "/rules"),
    "admin": ("/", "/people/organizations", "/rules"),
}
LATER = {"/requests", "/requests/queue", "/owed", "/imports", "/corrections"}


def menu_of(page: str, mark: str) -> list[str]:
    """The addresses of a menu in its order, but for those that other places add."""
    part = page[page.index(mark) :]
    found = re.findall(r'href="([^"#]+)"', part[: part.index("</nav>")])
    return [each for each in map(_plain, found) if each not in LATER]


def _plain(address: str) -> str:
    return address if address == "/" else address.rstrip("/")


@pytest.mark.parametrize("name", SIDES)
def test_everybody_has_the_places_of_their_work(
    name: str, lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    somebody = person(lite_app, name)
    found = menu_of(somebody.get("/").text, 'id="page-side"')
    assert tuple(each for each in found if each in _known()) == SIDES[name]
    answers = {each: somebody.client.get(each, follow_redirects=True) for each in found}
    assert {each.status_code for each in answers.values()} == {200}


def _known() -> set[str]:
    return {each for side in SIDES.values() for each in side}


@pytest.mark.parametrize("name", BARS)
def test_a_phone_has_the_most_used_of_them_within_reach(
    name: str, lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    page = person(lite_app, name).get("/").text
    assert tuple(menu_of(page, 'class="thumb-bar"')) == BARS[name]
    bar = page[page.index('class="thumb-bar"') :]
    assert ("data-menu" in bar) is (name not in {"cadre", "chair"})
    assert page.count("data-menu") == 1


def test_the_page_that_is_shown_is_marked(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    page = person(lite_app, "cadre").get("/my/flags").text
    marked = re.findall(r'href="([^"]+)" aria-current="page"', page)
    assert marked == ["/my/flags", "/my/flags"]


def test_what_is_ones_own_is_folded_away_for_who_answers_for_others(
    lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    folded = "<details>\n          <summary>我的</summary>"
    district, cadre = person(lite_app, "district"), person(lite_app, "cadre")
    assert folded in district.get("/inbox").text
    assert folded not in district.get("/").text
    assert folded not in cadre.get("/rules/").text


def _offered(somebody: Person, address: str) -> list[str]:
    page = somebody.get(address).text
    return re.findall(r'<li><a href="(/records/[^"]+)"', page)


def test_a_cadre_logs_what_is_theirs_to_enter(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    offered = _offered(person(lite_app, "cadre"), "/log/")
    assert "/records/work_log/new/?own=1" in offered
    assert "/records/leave/new/request" in offered
    assert not [each for each in offered if "attendance" in each or "conduct" in each]
    cadre = person(lite_app, "cadre")
    assert {each: cadre.get(each).status_code for each in offered} == dict.fromkeys(offered, 200)


def test_a_supervisor_enters_for_others(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.records
    supervisor = person(lite_app, "supervisor")
    offered = _offered(supervisor, "/enter/")
    kinds = [each.split("/")[2] for each in offered]
    assert {"attendance", "post_check", "work_log"} <= set(kinds)
    assert kinds.index("post_check") < kinds.index("work_log")
    assert "conduct_report" not in kinds
    answers = {each: supervisor.client.get(each, follow_redirects=True) for each in offered}
    assert {each.status_code for each in answers.values()} == {200}


def test_what_is_entered_most_comes_first(app: Flask, world: World) -> None:
    assert world.records
    cadre = person(app, "cadre")
    first = _offered(cadre, "/log/")
    sent = {"title": "职工书屋开放情况", "content": "本周开放职工书屋两次。"}
    cadre.send("/records/info_report/new/?own=1", sent)
    assert _offered(cadre, "/log/")[0] == "/records/info_report/new/?own=1" != first[0]


def test_the_list_of_records_shows_what_may_be_read(lite_app: Flask, lite_world: World) -> None:
    """The world has one row of each kind at each place: O, B, S below P, and X elsewhere."""
    ids = lite_world.records["expense"]
    address = "/records/expense/details/?id="
    seen = {
        name: [
            place
            for place, row in ids.items()
            if f'href="{address}{row}"'
            in person(lite_app, name).get("/records/?institution=discipline").text
        ]
        for name in ("supervisor", "district", "admin")
    }
    assert seen["supervisor"] == [place for place in ids if place in "OB"]
    assert seen["district"] == [place for place in ids if place in "OBSP"]
    assert "X" in seen["admin"]


def test_ones_own_records_are_ones_own(lite_app: Flask, lite_world: World) -> None:
    pages = {name: person(lite_app, name).get("/my/records/").text for name in ("cadre", "chair")}
    logs = lite_world.records["work_log"]
    for place, row in logs.items():
        assert (f"/records/work_log/details/?id={row}" in pages["cadre"]) is (place == "O")
    for page in pages.values():
        assert "conduct_report" not in page
