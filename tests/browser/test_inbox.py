"""In a real browser: from the list to a verb to the next flag, by touch and by keys."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_smoke import NARROW, WIDE, Visit

pytestmark = pytest.mark.browser


def visited(browser: Browser, site: str, **options: object) -> Iterator[Visit]:
    """A window in which nothing may complain."""
    context = browser.new_context(locale="zh-CN", **options)  # type: ignore[arg-type]
    visit = Visit(context.new_page(), site)
    yield visit
    context.close()
    assert visit.complaints == []


@pytest.fixture
def wide(browser: Browser, site: str) -> Iterator[Visit]:
    """A window of a desktop."""
    yield from visited(browser, site, viewport=WIDE)


@pytest.fixture
def narrow(browser: Browser, site: str) -> Iterator[Visit]:
    """A phone."""
    yield from visited(browser, site, viewport=NARROW, has_touch=True)


def opened(page: Page) -> str:
    """The token of the flag that is open, as the list marks it."""
    marked = page.locator(".waiting.is-open input")
    return str(marked.get_attribute("value")).split(":")[0]


def press(page: Page, key: str) -> None:
    """Press a key once the page listens to it."""
    page.wait_for_load_state("load")
    page.keyboard.press(key)


def test_keys_lead_from_flag_to_flag(wide: Visit) -> None:
    wide.sign_in("supervisor")
    page = wide.page
    expect(page).to_have_url(f"{wide.site}/inbox")
    lines = page.locator(".waiting")
    expect(lines).to_have_count(6)
    order = [
        str(each.get_attribute("value")).split(":")[0] for each in lines.locator("input").all()
    ]
    assert opened(page) == order[0]
    wide.fits()
    for key, at in (("j", 1), ("j", 2), ("k", 1), ("k", 0)):
        press(page, key)
        expect(page.locator(".waiting").nth(at)).to_have_class("waiting is-open")
    # What asks for nothing is done at once, and the next flag comes by itself.
    press(page, "a")
    expect(page.locator(".message-success")).to_contain_text("已受理")
    assert opened(page) == order[1]
    press(page, "c")
    page.keyboard.type("经核实，情况属实")
    page.get_by_label("存为常用语").locator("visible=true").check()
    page.keyboard.press("Shift+Tab")
    page.locator("details[open] textarea").press("Control+Enter")
    expect(page.locator(".message-success")).to_contain_text("属实")
    assert opened(page) == order[2]
    expect(page.locator(f'.waiting input[value^="{order[1]}:"]')).to_have_count(0)
    for key in ("d", "w"):
        press(page, key)
        expect(page.locator("details[open] textarea")).to_be_focused()
        page.locator("details[open] [data-phrases]").select_option(label="经核实，情况属实")
        expect(page.locator("details[open] textarea")).to_have_value("经核实，情况属实")
        page.locator("details[open] summary[data-verb]").click()
    press(page, "?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_on_a_phone_one_flag_fills_the_screen(narrow: Visit) -> None:
    narrow.sign_in("supervisor")
    page = narrow.page
    expect(page.locator(".inbox-flag")).to_be_hidden()
    narrow.fits()
    page.locator(".waiting a").first.tap()
    expect(page.locator(".inbox-list")).to_be_hidden()
    first = opened(page)
    narrow.fits()
    # The verbs are in reach before anything is pushed, and after.
    button = page.locator(".verbs-in-reach summary", has_text="认定属实")
    expect(button).to_be_in_viewport()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    expect(button).to_be_in_viewport()
    button.tap()
    page.locator("details[open] textarea").fill("情况属实")
    page.locator("details[open] button", has_text="认定属实").tap()
    expect(page.locator(".message-success")).to_contain_text("属实")
    expect(page.locator(".inbox-flag")).to_be_visible()
    expect(page.locator(".inbox-list")).to_be_hidden()
    assert opened(page) != first
    narrow.fits()
    page.get_by_role("link", name="返回列表").tap()
    expect(page.locator(f'.waiting input[value^="{first}:"]')).to_have_count(0)
    expect(page.locator(".waiting").first).to_be_visible()
    expect(page.locator(".inbox-flag")).to_be_hidden()


def test_on_a_phone_the_verbs_of_own_flags_can_be_touched(narrow: Visit) -> None:
    narrow.sign_in("cadre")
    page = narrow.page
    page.goto(f"{narrow.site}/my/flags")
    # The card leads to the flag wherever it is touched, but for its buttons.
    page.locator(".own-flag [data-verb=explain]").first.tap()
    expect(page).to_have_url(f"{narrow.site}/my/flags")
    expect(page.locator("details[open] textarea")).to_be_visible()
    narrow.fits()
