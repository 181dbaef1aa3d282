"""In a real browser: grids by finger, by keys and without scripts; nobody is shut out."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.crowd import CADRES
from tests.browser.serving import served_copy
from tests.browser.test_smoke import Visit
from tiesan.clock import today
from tiesan.testing.world import World

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 768, 1280)
FINGER = 44
_LOW = """
  (least) => ["[data-grid] button", ".segments label", "[data-grid] a.btn", ".grid-tick",
              "[data-grid] input.form-control"]
    .flatMap((each) => [...document.querySelectorAll(each)])
    .filter((each) => each.checkVisibility())
    .filter((each) => Math.round(each.getBoundingClientRect().height) < least)
    .map((each) => each.outerHTML.slice(0, 120))
"""
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SESSION = "/records/study_session/new/"


@pytest.fixture
def served_crowd(crowd: tuple[Path, World], tmp_path: Path) -> Iterator[tuple[str, dict[str, int]]]:
    """The address, and the ids of organizations."""
    with served_copy(crowd, tmp_path) as (_app, address):
        yield address, crowd[1].organizations


@pytest.fixture
def opened(browser: Browser, served_crowd: tuple[str, dict[str, int]]) -> Iterator[Any]:
    """A function that opens a window for somebody; nobody's may have complained."""
    visits, contexts = [], []

    def open_for(name: str, **options: Any) -> Page:
        context = browser.new_context(locale="zh-CN", base_url=served_crowd[0], **options)
        visit = Visit(context.new_page(), served_crowd[0])
        contexts.append(context)
        visits.append(visit)
        visit.sign_in(name)
        return visit.page

    yield open_for
    for context in contexts:
        context.close()
    assert [each.complaints for each in visits if each.complaints] == []


def test_every_grid_fits_and_shuts_nobody_out(
    opened: Any, served_crowd: tuple[str, dict[str, int]]
) -> None:
    place = served_crowd[1]["F1"]
    page = opened("district")
    for address in (
        f"{SESSION}?organization={place}",
        f"/records/meeting/new/?organization={served_crowd[1]['D1']}&kind=chairs",
        f"/records/attendance/grid/?organization={place}",
        f"/records/post_check/grid/?organization={place}",
        f"/records/asset_count/grid/?organization={place}",
    ):
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate(_WIDER) <= 0, (address, width)
            if width <= 390:
                assert page.evaluate(_LOW, FINGER) == [], (address, width)
            broken = Axe().run(page).response["violations"]
            assert [(each["id"], each["nodes"][0]["html"]) for each in broken] == [], address


def test_the_save_bar_stays_in_sight_on_a_phone(opened: Any) -> None:
    page = opened("chair", viewport={"width": 390, "height": 844})
    page.goto(SESSION)
    save = page.get_by_role("button", name="保存")
    for _turn in range(3):
        box = save.bounding_box()
        assert box is not None
        assert 700 < box["y"] < 844
        page.mouse.wheel(0, 700)


def test_keys_go_from_row_to_row(opened: Any) -> None:
    page = opened("chair", viewport={"width": 1280, "height": 900})
    page.goto(SESSION)
    rows = page.locator("[data-row]:has([data-cell])")
    expect(rows).to_have_count(CADRES)
    rows.nth(0).locator("input[type=radio]").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(rows.nth(0).locator("input[value=leave]")).to_be_checked()
    expect(rows.nth(1).locator("input[value=present]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(2).locator("input[value=present]")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    expect(rows.nth(1).locator("input[value=present]")).to_be_checked()
    page.keyboard.press("Tab")
    expect(rows.nth(2).locator("input[value=present]")).to_be_focused()
    expect(page.locator("[data-empty]")).to_have_text(f"还有{CADRES - 2}行未填")
    # From the last row Enter goes to the button, and sends nothing before.
    rows.last.locator("input[type=radio]").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="保存")).to_be_focused()


def test_a_choice_is_taken_back_by_touching_it_again(opened: Any) -> None:
    page = opened("chair", viewport={"width": 390, "height": 844})
    page.goto(SESSION)
    said = page.locator("[data-row]:has([data-cell])").first.get_by_text("缺席", exact=True)
    said.click()
    expect(page.locator("[data-empty]")).to_have_text(f"还有{CADRES - 1}行未填")
    said.click()
    expect(page.locator("[data-empty]")).to_have_text(f"还有{CADRES}行未填")


def test_another_day_brings_its_rows_and_keeps_what_was_said(opened: Any) -> None:
    page = opened("chair", viewport={"width": 390, "height": 844})
    page.goto(SESSION)
    page.get_by_label("主题").fill("学习工会法")
    page.locator("[data-row]:has([data-cell])").first.get_by_text("缺席", exact=True).click()
    before = page.locator("[name=drawn]").input_value()
    page.get_by_label("召开日期").fill(f"{today() - timedelta(days=1):%Y-%m-%d}")
    expect(page.locator("[name=drawn]")).not_to_have_value(before)
    expect(page.get_by_label("主题")).to_have_value("学习工会法")
    expect(page.locator("input[value=absent]:checked")).to_have_count(1)
    # The rows that were drawn anew are counted and filled in as those before.
    expect(page.locator("[data-empty]")).to_have_text(f"还有{CADRES - 1}行未填")
    page.get_by_role("button", name="其余全部出席").click()
    expect(page.locator("[data-empty]")).to_have_text("已全部填写")
    page.locator("[data-row]:has([data-cell])").first.get_by_text("缺席", exact=True).click()
    expect(page.locator("[data-empty]")).to_have_text("还有1行未填")


def test_it_works_without_scripts(opened: Any) -> None:
    page = opened("chair", java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto(SESSION)
    row = page.locator("[data-row]:has([data-cell])").first
    row.get_by_text("缺席", exact=True).click()
    page.get_by_role("button", name="其余全部出席").click()
    expect(page.locator("input[value=absent]:checked")).to_have_count(1)
    expect(page.locator("input[value=present]:checked")).to_have_count(CADRES - 1)
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".message-success").first).to_contain_text(f"共保存{CADRES}行")
