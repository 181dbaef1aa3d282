"""In a real browser: an entry is merged, looked at and separated, wide and narrow."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import served_copy
from tests.browser.test_home import NARROW, WIDE, broken
from tests.browser.test_smoke import Visit
from tests.web.test_merging import twice
from tiesan.testing.world import World

pytestmark = pytest.mark.browser


def test_an_entry_is_merged_and_separated(
    browser: Browser, flagged: tuple[Path, World], tmp_path: Path
) -> None:
    with served_copy(flagged, tmp_path) as (app, site):
        twice(app, flagged[1])
        for size in (WIDE, NARROW):
            context = browser.new_context(viewport=size, locale="zh-CN")
            visit = Visit(context.new_page(), site)
            visit.sign_in("admin")
            _merge(visit.page, f"{site}/people/cadres/details/?id={flagged[1].cadres['CO']}")
            visit.page.goto(f"{site}/people/rights/{flagged[1].accounts['district']}")
            expect(visit.page.locator("h1")).to_have_text("潘培的权限")
            visit.fits()
            assert broken(visit.page) == []
            context.close()
            assert visit.complaints == []


def _merge(page: Page, details: str) -> None:
    """Merge the second entry into the one of these details, and separate it again."""
    page.goto(details)
    page.click("text=合并登记")
    page.fill("[data-lookup=merged]", "N1")
    page.get_by_role("option").first.click()
    page.fill("[name=reason]", "重复登记")
    page.click("text=查看合并结果")
    expect(page.locator(".questions")).to_contain_text("工作日志 1")
    assert broken(page) == []
    page.click("text=确认合并")
    expect(page.locator("body")).to_contain_text("两份登记已合并")
    page.goto(details)
    page.click("text=生效中")
    assert broken(page) == []
    page.fill("[name=reason]", "不是同一人")
    page.click("button:has-text('撤销合并')")
    expect(page.locator("body")).to_contain_text("合并已撤销")
