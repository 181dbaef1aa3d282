"""How many touches the first page takes: the log of today, from home until it is saved."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.taps import Taps
from tests.browser.test_home import NARROW, TEXT, site
from tests.browser.test_smoke import Visit

__all__ = ["site"]
pytestmark = pytest.mark.browser


def test_the_log_of_today_takes_two_touches(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport=NARROW, locale="zh-CN")
    visit = Visit(context.new_page(), site)
    visit.sign_in("cadre")
    taps = Taps(visit.page)
    taps.write(visit.page.locator("#today textarea"), TEXT)
    taps.tap(visit.page.get_by_role("button", name="保存日志"))
    expect(visit.page.locator("#today")).to_contain_text(TEXT)
    context.close()
    assert taps.number == 2


def test_a_flag_is_explained_with_three_touches(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport=NARROW, locale="zh-CN")
    visit = Visit(context.new_page(), site)
    visit.sign_in("cadre")
    flag = visit.page.locator("#own-flags .own-flag").first
    taps = Taps(visit.page)
    taps.tap(flag.locator("summary[data-verb=explain]"))
    taps.write(flag.locator("textarea"), TEXT)
    taps.tap(flag.get_by_role("button", name="说明情况"))
    expect(visit.page.locator("#own-flags")).to_contain_text("等待核查")
    context.close()
    assert taps.number == 3
