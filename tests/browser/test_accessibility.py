"""In a real browser: no page breaks a rule of accessibility whose breach is serious or critical."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from tiesan.testing.world import PASSWORD

pytestmark = pytest.mark.browser

_IMPACTS = frozenset({"serious", "critical"})
_LINKS = """
  () => [...document.querySelectorAll("nav a[href^='/'], main a[href^='/']")]
    .map((each) => each.getAttribute("href"))
"""


@pytest.mark.parametrize(
    ("person", "width"), [("district", 390), ("chair", 1280), ("admin", 390), ("committee", 768)]
)
def test_no_page_shuts_anybody_out(
    browser: Browser, still_site: str, person: str, width: int
) -> None:
    size: ViewportSize = {"width": width, "height": 844}
    context = browser.new_context(locale="zh-CN", base_url=still_site, viewport=size)
    page = context.new_page()
    page.goto("/login")
    broken = _broken(page)
    page.fill("[name=identity]", person)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_selector("form[action='/logout'], a[href='/logout']", state="attached")
    walked = _pages(page)
    for each in walked:
        page.goto(each)
        broken += _broken(page)
    context.close()
    assert broken == []
    assert len(walked) > 5


def _pages(page: Page) -> list[str]:
    """What can be reached from the first page; of rows of one kind, one."""
    found = {link.split("?")[0].split("#")[0] for link in page.evaluate(_LINKS)}
    one_of_each = {_shape(each): each for each in sorted(found) if each != "/logout"}
    return ["/", *one_of_each.values()]


def _shape(address: str) -> str:
    return "/".join("n" if part.isdigit() else part for part in address.split("/"))


def _broken(page: Page) -> list[tuple[str, str, str]]:
    """The address of a page with each rule that is broken there, and where."""
    return [
        (page.url, each["id"], each["nodes"][0]["html"])
        for each in Axe().run(page).response["violations"]
        if each["impact"] in _IMPACTS
    ]
