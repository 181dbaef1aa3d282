"""In a real browser: the bell, the page of notifications and the choices, wide and on a phone."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sqlalchemy.orm import Session

from tests.browser.serving import served_copy
from tiesan.clock import now
from tiesan.people.notifications import tell
from tiesan.people.services import PASSWORD_SET
from tiesan.testing.world import PASSWORD, World

pytestmark = pytest.mark.browser
_IMPACTS = frozenset({"serious", "critical"})


def told(session: Session, world: World) -> None:
    """Tell the cadre of three things."""
    at = now() - timedelta(minutes=5)
    for by in ("甲", "乙", "丙"):
        tell(session, [world.accounts["cadre"]], PASSWORD_SET, {"by": by}, at=at)


@pytest.fixture(params=[1280, 390])
def page(
    request: pytest.FixtureRequest, browser: Browser, flagged: tuple[Path, World], tmp_path: Path
) -> Iterator[Page]:
    """The cadre's browser, signed in; what its console says is wrong."""
    size: ViewportSize = {"width": request.param, "height": 844}
    with served_copy(flagged, tmp_path, told) as (_app, address):
        context = browser.new_context(locale="zh-CN", base_url=address, viewport=size)
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto("/login")
        page.fill("[name=identity]", "cadre")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_selector("a.bell")
        yield page
        assert said == []
        context.close()


def sound(page: Page) -> None:
    """Nothing shuts anybody out, and nothing is wider than the screen."""
    broken = [
        (each["id"], each["nodes"][0]["html"])
        for each in Axe().run(page).response["violations"]
        if each["impact"] in _IMPACTS
    ]
    assert broken == []
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0


def test_the_bell_leads_to_what_was_told_and_counts_down(page: Page) -> None:
    number = int(page.inner_text(".bell-number"))
    box = page.locator("a.bell").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    page.click("a.bell")
    unread = page.locator(".told-line.is-unread")
    expect(unread).to_have_count(number)
    sound(page)
    page.locator(".told-open", has_text="丙").click()
    page.wait_for_url("**/my/profile**")
    expect(page.locator(".bell-number")).to_have_text(str(number - 1))
    page.click("a.bell")
    page.get_by_role("button", name="全部标为已读").click()
    expect(page.locator(".bell-number")).to_have_count(0)
    sound(page)
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(".bell-number")).to_have_text(str(number - 1))


def test_the_keyboard_opens_a_notification_and_the_filter(page: Page) -> None:
    page.goto("/notifications/")
    page.locator("details.filters > summary").press("Enter")
    page.check("#told-unread")
    page.locator("details.filters button").press("Enter")
    page.wait_for_url("**unread=1**")
    first = page.locator(".told-open").first
    first.focus()
    first.press("Enter")
    page.wait_for_url(lambda url: "/notifications" not in url)


def test_choices_are_made_with_a_finger(page: Page) -> None:
    page.goto("/notifications/choices")
    sound(page)
    group = page.get_by_role("group", name="其他新的预警标记")
    group.get_by_label("仅在系统内").check()
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".message")).to_contain_text("消息设置已保存")
    expect(group.get_by_label("仅在系统内")).to_be_checked()
