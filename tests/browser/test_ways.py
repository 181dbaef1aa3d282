"""In a real browser: a way is set up and tried, and a person confirms an address by a real code."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.serving import served_copy
from tests.browser.test_home import NARROW, WIDE, broken
from tests.browser.test_smoke import Visit
from tests.sending.mail_server import Mail, mail_server
from tiesan.testing.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def mail() -> Iterator[Mail]:
    with mail_server() as found:
        yield found


@pytest.fixture
def site(
    flagged: tuple[Path, World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The application; the process that sends has its key."""
    with served_copy(flagged, tmp_path) as (app, address):
        monkeypatch.setenv("TIESAN_INSTANCE", app.instance_path)
        yield address


def test_mail_is_set_up_tried_and_confirmed(browser: Browser, site: str, mail: Mail) -> None:
    context = browser.new_context(viewport=WIDE, locale="zh-CN")
    visit = Visit(context.new_page(), site)
    visit.sign_in("admin")
    page = visit.page
    page.goto(f"{site}/ways/")
    assert broken(page) == []
    page.click("text=电子邮件（内网）")
    given = {"title": "工会邮箱", "host": "127.0.0.1", "port": str(mail.port)}
    for name, value in {**given, "sender": "gh@example.cn"}.items():
        page.fill(f"[name={name}]", value)
    page.click("button:has-text('保存')")
    page.fill("#address", "admin@example.cn")
    page.get_by_role("button", name="发送测试消息").click()
    # The page looks again by itself until it is known what came of it.
    expect(page.locator("[data-run=over]")).to_contain_text("250 2.0.0 queued as 4711")
    assert broken(page) == []
    context.close()
    assert visit.complaints == []
    _confirm(browser, site, mail)


def _confirm(browser: Browser, site: str, mail: Mail) -> None:
    context = browser.new_context(viewport=NARROW, locale="zh-CN")
    visit = Visit(context.new_page(), site)
    visit.sign_in("cadre")
    page = visit.page
    page.goto(f"{site}/my/profile")
    page.fill("#ways [name=address]", "chen@example.cn")
    page.get_by_role("button", name="发送验证码").click()
    expect(page.locator("#ways [name=code]")).to_be_visible()
    found = re.search(r"\d{6}", _last_subject(mail, 2))
    assert found is not None
    page.fill("#ways [name=code]", found[0])
    page.click("#ways >> button:text-is('确认')")
    expect(page.locator("#ways")).to_contain_text("ch…@example.cn · 已确认")
    assert broken(page) == []
    context.close()
    assert visit.complaints == []


def _last_subject(mail: Mail, number: int) -> str:
    """The subject of the letter that comes as that many."""
    mail.wait_for(number)
    return mail.texts()[-1][0]
