"""In a real browser: from a new account's link to a code on one's own phone, each page without axe.

The phone is 390 pixels wide; the administrator sits at a screen.
"""

from base64 import b32decode
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_home import NARROW, WIDE, broken
from tests.browser.test_smoke import Visit
from tiesan.clock import now
from tiesan.people.codes import code_at

pytestmark = pytest.mark.browser

PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0 Mobile Safari/537.36"
)
CHOSEN = "春天里的一只小鸟飞过"
_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def test_from_a_link_to_a_code_on_ones_phone(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport=WIDE, locale="zh-CN")
    admin = Visit(context.new_page(), site)
    admin.sign_in("admin")
    link = _made_account(admin.page, site)
    context.close()
    context = browser.new_context(viewport=NARROW, locale="zh-CN", user_agent=PHONE)
    person = Visit(context.new_page(), site)
    _sets_password(person.page, link)
    key, recovery = _sets_codes_up(person.page, site)
    # The app is a little ahead, so that its code is not the one by which it was set up.
    for shown in (lambda: recovery, lambda: code_at(key, now() + timedelta(seconds=30))):
        person.page.click("form[action='/logout'] button")
        _signs_in(person.page, site, shown)
    _looks_well(person.page, f"{site}/my/profile")
    expect(person.page.locator("#sessions li")).to_have_count(1)
    context.close()
    assert admin.complaints == person.complaints == []


def _made_account(page: Page, site: str) -> str:
    _looks_well(page, f"{site}/settings/sign-in/")
    _looks_well(page, f"{site}/people/accounts/new/")
    page.fill("[name=username]", "new.person")
    page.click("button:has-text('保存')")
    link = page.input_value("#link")
    page.click("button:has-text('复制链接')")
    _looks_well(page)
    page.click("text=返回账号")
    _looks_well(page)
    return link


def _sets_password(page: Page, link: str) -> None:
    page.goto(link)
    assert page.url.endswith("/invitation/")
    _looks_well(page)
    for word in ("1234567890", CHOSEN):
        page.fill("[name=new]", word)
        page.fill("[name=again]", word)
        page.click("button:has-text('设置密码')")
        _looks_well(page)
    page.fill("[name=identity]", "new.person")
    page.fill("[name=password]", CHOSEN)
    page.press("[name=password]", "Enter")
    expect(page.locator("form[action='/logout']")).to_be_attached()


def _sets_codes_up(page: Page, site: str) -> tuple[bytes, str]:
    """Set codes up; the secret as an app has it, and a recovery code."""
    _looks_well(page, f"{site}/my/profile/codes")
    page.fill("[name=present]", CHOSEN)
    page.click("button:has-text('开始设置')")
    typed = page.inner_text(".typed-key").replace(" ", "")
    _looks_well(page)
    key = b32decode(typed)
    page.fill("[name=code]", code_at(key, now()))
    page.click("button:has-text('确认验证码')")
    expect(page.locator(".code-list li")).to_have_count(10)
    _looks_well(page)
    return key, page.inner_text(".code-list li >> nth=0")


def _signs_in(page: Page, site: str, shown: Callable[[], str]) -> None:
    page.goto(f"{site}/login")
    page.fill("[name=identity]", "new.person")
    page.fill("[name=password]", CHOSEN)
    page.check("[name=own_phone]")
    page.press("[name=password]", "Enter")
    page.wait_for_selector("[name=code]")
    _looks_well(page)
    page.fill("[name=code]", shown())
    page.press("[name=code]", "Enter")
    expect(page.locator("form[action='/logout']")).to_be_attached()


def _looks_well(page: Page, address: str | None = None) -> None:
    """A page, opened if it is not yet, breaks no rule of accessibility and fits its screen."""
    if address is not None:
        page.goto(address)
    page.wait_for_load_state("load")
    assert broken(page) == []
    assert not page.evaluate(_TOO_WIDE)
