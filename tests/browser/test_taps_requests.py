"""Touches of leave and expense on a phone, from the first page until it is saved."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.taps import PHONE, Taps
from tests.browser.test_smoke import Visit

pytestmark = pytest.mark.browser


class People:
    """Somebody's phone, or another screen, by user name."""

    def __init__(self, browser: Browser, site: str, size: ViewportSize = PHONE) -> None:
        self.browser, self.site, self.size = browser, site, size
        self.pages: dict[str, Page] = {}

    def at_home(self, name: str) -> Taps:
        """Begin to count on somebody's first page."""
        if name not in self.pages:
            context = self.browser.new_context(
                locale="zh-CN",
                viewport=self.size,
                has_touch=True,
            )
            visit = Visit(context.new_page(), self.site)
            visit.sign_in(name)
            self.pages[name] = visit.page
        self.pages[name].goto(f"{self.site}/")
        return Taps(self.pages[name])

    def close(self) -> None:
        """Put all of them away."""
        for page in self.pages.values():
            page.context.close()


@pytest.fixture
def people(browser: Browser, site: str) -> Iterator[People]:
    """Phones that are put away at the end."""
    found = People(browser, site)
    yield found
    found.close()


def ask_for_leave(people: People, day: str) -> int:
    """Ask for a personal leave of a day that has a button; returns how many touches it took."""
    taps = people.at_home("cadre")
    page = taps.page
    taps.tap(page.locator("#my-requests .asking-buttons a").first)
    taps.tap(page.locator(".chip", has_text="事假"))
    taps.tap(page.get_by_role("button", name=day))
    taps.write(page.locator("[name=reason]"), "家中有事")
    taps.tap(page.locator("form.asking .form-buttons button.btn-primary"))
    expect(page.locator(".message-success").first).to_be_visible()
    return taps.number


def decided(people: People, name: str, verb: str, *, paper: bool = False) -> int:
    """Decide the first of the queue; returns how many touches it took."""
    taps = people.at_home(name)
    page = taps.page
    taps.tap(page.locator("#queue h2 a"))
    card = page.locator(".request-card").filter(has=page.locator(f'[data-verb="{verb}"]')).first
    if paper:
        taps.tap(card.locator("[name=receipt]"))
    taps.tap(card.locator(f'[data-verb="{verb}"]'))
    expect(page.locator(".message-success").first).to_be_visible()
    return taps.number


def test_leave(people: People) -> None:
    assert ask_for_leave(people, "今天") <= 5
    assert decided(people, "chair", "approve") <= 2
    assert ask_for_leave(people, "明天") <= 5
    taps = people.at_home("cadre")
    page = taps.page
    closing = page.locator("#my-requests details", has=page.get_by_text("销假", exact=True)).first
    taps.tap(closing.locator("summary"))
    taps.tap(closing.locator("form > button"))
    expect(page.locator(".message-success").first).to_be_visible()
    assert taps.number <= 2


def test_expense(people: People, tmp_path: Path) -> None:
    taps = people.at_home("cadre")
    page = taps.page
    taps.tap(page.locator("#my-requests .asking-buttons a").nth(1))
    expect(page.locator("[name=payee]")).to_be_focused()
    for name, text in (("payee", "红星文具店"), ("item", "纸"), ("amount", "260")):
        taps.write(page.locator(f"form.asking [name={name}]"), text)
    taps.tap(page.locator("form.asking .form-buttons button.btn-primary"))
    expect(page.locator(".message-success").first).to_be_visible()
    assert taps.number <= 4
    assert decided(people, "committee", "approve") <= 2
    photo = tmp_path / "receipt.jpg"
    Image.new("RGB", (40, 40), "white").save(photo)
    taps = people.at_home("cadre")
    taps.tap(page.locator("#my-requests a", has_text="登记支出").first)
    taps.give(page.locator("input[type=file]"), photo)
    expect(page.locator(".file-list li")).to_have_count(1)
    taps.tap(page.locator(".form-buttons button.btn-primary"))
    expect(page.locator(".message-success").first).to_be_visible()
    assert taps.number <= 5
    assert decided(people, "supervisor", "reimburse", paper=True) <= 3
