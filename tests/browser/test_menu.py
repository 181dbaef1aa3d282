"""In a real browser: the pages of daily work by keyboard, for a thumb, and silent."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.taps import PHONE
from tiesan.testing.world import PASSWORD

pytestmark = pytest.mark.browser

_LEAST = 44
# What a finger meets: of a link that covers its line that line, of a tick its label.
_TOO_LOW = """
  (least) => [...document.querySelectorAll(
      "main a, main button, main summary, main select, main input, .thumb-bar *")]
    .filter((each) => each.matches("a, button, summary, select, input") && each.checkVisibility())
    .filter((each) => !each.matches("[type=hidden], [hidden], [aria-hidden=true]"))
    .filter((each) => {
      const covers = getComputedStyle(each, "::after").position === "absolute";
      const tick = each.matches("[type=radio], [type=checkbox]") ? each.labels[0] : null;
      const met = covers ? each.closest("tr, li") : each.closest("label") ?? tick ?? each;
      const height = (met ?? each).getBoundingClientRect().height;
      return height > 0 && height < least - 0.5;
    })
    .map((each) => each.outerHTML.slice(0, 110))
"""
_LINKS = """
  () => [...document.querySelectorAll("nav a[href^='/'], main a[href^='/']")]
    .map((each) => each.getAttribute("href"))
"""


@pytest.fixture
def phone(browser: Browser, still_site: str) -> Iterator[BrowserContext]:
    """A phone, put away at the end."""
    with browser.new_context(locale="zh-CN", base_url=still_site, viewport=PHONE) as context:
        yield context


def _signed_in(phone: BrowserContext, name: str, said: list[str]) -> Page:
    page = phone.new_page()
    page.on("console", lambda message: said.append(f"{page.url} {message.text}"))
    page.on("pageerror", lambda error: said.append(f"{page.url} {error}"))
    page.goto("/login")
    page.fill("[name=identity]", name)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_selector(".thumb-bar")
    # A button does something when its script is there.
    page.wait_for_load_state("load")
    return page


def _pages(page: Page) -> list[str]:
    """What can be reached from the first page; of rows of one kind, one."""
    found: list[str] = []
    for start in ("/", "/log/", "/enter/"):
        page.goto(start)
        found += [link.split("#")[0] for link in page.evaluate(_LINKS)]
    shapes = {"/".join("n" if part.isdigit() else part for part in each.split("/")): each
              for each in sorted(found)}  # fmt: skip
    return list(shapes.values())


@pytest.mark.parametrize("name", ["cadre", "chair", "supervisor", "admin"])
def test_whatever_is_pressed_is_as_high_as_a_thumb(phone: BrowserContext, name: str) -> None:
    page = _signed_in(phone, name, [])
    low: dict[str, Any] = {}
    for address in _pages(page):
        answer = page.goto(address)
        if answer is not None and answer.ok:
            found = page.evaluate(_TOO_LOW, _LEAST)
            if found:
                low[address] = found[:4]
    assert low == {}


def test_the_menu_opens_from_the_bar_and_closes_by_escape(phone: BrowserContext) -> None:
    said: list[str] = []
    page = _signed_in(phone, "supervisor", said)
    side, more = page.locator("#page-side"), page.locator(".thumb-bar [data-menu]")
    assert not side.is_visible()
    more.click()
    assert side.is_visible()
    assert more.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert not side.is_visible()
    assert said == []


def test_arrows_move_in_the_year_and_a_day_opens(phone: BrowserContext) -> None:
    said: list[str] = []
    page = _signed_in(phone, "cadre", said)
    page.goto("/persons/CO?year=2026")
    assert page.locator("a.day[tabindex='0']").count() == 1
    page.locator("a.day[href*='2026-03-19']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**day=2026-03-20**")
    assert "迟到" in page.locator("#day").inner_text()
    assert said == []


def test_a_day_that_is_picked_is_said_in_words(phone: BrowserContext) -> None:
    said: list[str] = []
    page = _signed_in(phone, "cadre", said)
    page.goto("/records/leave/new/request")
    page.locator("#first_day").fill("2026-10-01")
    words = page.locator("[data-days=first_day]")
    words.get_by_text("10月1日 星期四 节假日").wait_for()
    page.locator("#first_day").fill("")
    assert words.inner_text() == ""
    assert said == []


def test_what_saves_stays_in_reach_and_over_no_field(phone: BrowserContext) -> None:
    page = _signed_in(phone, "cadre", [])
    page.goto("/records/leave/new/request")
    save, bar = page.locator(".form-buttons"), page.locator(".thumb-bar")
    assert save.bounding_box()["y"] < PHONE["height"] - bar.bounding_box()["height"]  # type: ignore[index]
    page.evaluate("() => window.scrollTo(0, document.body.scrollHeight)")
    field = page.locator("main form .field:visible").last.bounding_box()
    assert field["y"] + field["height"] <= save.bounding_box()["y"] + 1  # type: ignore[index]
    assert save.bounding_box()["y"] + save.bounding_box()["height"] <= bar.bounding_box()["y"] + 1  # type: ignore[index]
