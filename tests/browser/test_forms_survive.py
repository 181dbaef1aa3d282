"""In a real browser: what is written is stored once, and not lost before it is stored."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from plugins.research.models import InfoReport
from tests.browser.serving import served_copy
from tests.browser.test_smoke import NARROW, WIDE, Visit
from tiesan.extensions import db
from tiesan.testing.world import PASSWORD, World

pytestmark = pytest.mark.browser

FORM = "/records/info_report/new/"
TEXT = '了解职工诉求若干，<核实> "欠薪" & 情况'
_KEPT = """
  () => Object.entries(localStorage).filter(([name]) => name.startsWith("tiesan.draft"))
    .map(([name, value]) => name + value).join("\\n")
"""
# Let what is kept be older: the phone was away for so many hours.
_AGE = """
  (hours) => Object.keys(localStorage).filter((name) => name.startsWith("tiesan."))
    .forEach((name) => {
      const kept = JSON.parse(localStorage.getItem(name));
      kept.at -= hours * 3600 * 1000;
      localStorage.setItem(name, JSON.stringify(kept));
    })
"""


@dataclass
class Window:
    """A browser window of somebody, and how many titles they have made up."""

    app: Flask
    site: str
    context: BrowserContext
    visit: Visit
    title: str
    visits: list[Visit] = field(default_factory=list)

    @property
    def page(self) -> Page:
        """The page that is open."""
        return self.visit.page

    def another(self) -> Page:
        """Open another tab."""
        visit = Visit(self.context.new_page(), self.site)
        self.visits.append(visit)
        return visit.page

    def sign_out_elsewhere(self) -> None:
        """Let the session end while the page stays open."""
        self.context.clear_cookies()

    def stored(self) -> list[str | None]:
        """The texts of the records with the title of this test."""
        with self.app.app_context(), Session(db.engine) as session:
            named = InfoReport.title == self.title
            return list(session.scalars(select(InfoReport.content).where(named)))

    def silent(self, *expected: str) -> None:
        """The console said this much, by pieces of its words, and nothing besides."""
        said = self.visit.complaints
        assert len(said) == len(expected), said
        for text, part in zip(said, expected, strict=True):
            assert part in text
        said.clear()


@pytest.fixture(scope="module")
def site(
    filled: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Flask, str]]:
    """An application with a world in it, and its address; each test has a title of its own."""
    with served_copy(filled, tmp_path_factory.mktemp("survive")) as served_here:
        yield served_here


@pytest.fixture(params=[WIDE, NARROW], ids=["1280", "390"])
def window(
    browser: Browser, site: tuple[Flask, str], request: pytest.FixtureRequest
) -> Iterator[Window]:
    """A window in which the cadre is signed in; at the end it must not have complained."""
    size: ViewportSize = request.param
    context = browser.new_context(viewport=size, locale="zh-CN")
    visit = Visit(context.new_page(), site[1])
    visit.sign_in("cadre")
    opened = Window(*site, context, visit, request.node.name)
    yield opened
    context.close()
    assert [each for found in (visit, *opened.visits) for each in found.complaints] == []


def write(window: Window, page: Page, text: str = TEXT) -> None:
    """Open the form and write into it."""
    page.goto(f"{window.site}{FORM}")
    put(window, page, text)


def put(window: Window, page: Page, text: str = TEXT) -> None:
    """Write into the form that is open."""
    page.get_by_label("标题").fill(window.title)
    page.get_by_label("内容").fill(text)


def save(page: Page) -> None:
    """Press the button."""
    page.get_by_role("button", name="保存", exact=True).click()


def filled(page: Page, text: str = TEXT) -> None:
    """The form says this."""
    expect(page.get_by_label("内容")).to_have_value(text)


def drafted(page: Page) -> None:
    """The page is put aside, which keeps at once what was written."""
    page.evaluate("window.dispatchEvent(new Event('pagehide'))")
    assert "draft" in page.evaluate(_KEPT)


# --- one record -----------------------------------------------------------------------------------


def test_a_double_click_and_a_reload_store_one_record(window: Window) -> None:
    page = window.page
    write(window, page)
    number = re.search("once=([0-9a-f]{16})", page.url)
    assert number is not None
    page.reload()
    assert number.group() in page.url
    put(window, page)
    page.get_by_role("button", name="保存", exact=True).dblclick()
    expect(page.locator(".message-success").first).to_contain_text("已保存")
    assert window.stored() == [TEXT]
    assert page.evaluate(_KEPT) == ""


def test_back_and_another_text_is_not_lost_and_can_be_another_record(window: Window) -> None:
    page = window.page
    write(window, page)
    save(page)
    expect(page.locator(".message-success").first).to_be_visible()
    page.go_back()
    put(window, page, "又走访了两家企业，另有情况")
    save(page)
    asked = page.get_by_role("alert")
    expect(asked).to_contain_text("此表单此前已保存")
    filled(page, "又走访了两家企业，另有情况")
    assert window.stored() == [TEXT]
    window.visit.fits()
    asked.get_by_role("button", name="另存为一条新记录").click()
    expect(page.locator(".message-success").first).to_be_visible()
    assert len(window.stored()) == 2


# --- no connection --------------------------------------------------------------------------------


def test_offline_it_is_kept_and_sent_by_itself_when_there_is_a_connection(window: Window) -> None:
    page = window.page
    write(window, page)
    window.context.set_offline(offline=True)
    save(page)
    kept = page.get_by_role("alert")
    expect(kept).to_contain_text("未保存，所填内容已留在本机")
    expect(kept).to_be_in_viewport()
    filled(page)
    window.visit.fits()
    kept.get_by_role("button", name="重试").click()
    expect(kept.get_by_role("button", name="重试")).to_be_visible()
    assert window.stored() == []
    window.context.set_offline(offline=False)
    expect(page.locator(".message-success").first).to_contain_text("已保存")
    assert window.stored() == [TEXT]
    window.silent("INTERNET_DISCONNECTED", "INTERNET_DISCONNECTED")


def test_what_was_changed_meanwhile_is_not_sent_by_itself(window: Window) -> None:
    page = window.page
    write(window, page)
    window.context.set_offline(offline=True)
    save(page)
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("内容").fill(f"{TEXT}，未完")
    window.context.set_offline(offline=False)
    drafted(page)
    assert window.stored() == []
    page.get_by_role("button", name="重试").click()
    expect(page.locator(".message-success").first).to_be_visible()
    assert window.stored() == [f"{TEXT}，未完"]
    window.silent("INTERNET_DISCONNECTED")


def test_a_failure_of_the_server_says_what_and_keeps_what_was_written(window: Window) -> None:
    page = window.page
    write(window, page)
    page.route(f"**{FORM}*", lambda route: route.fulfill(status=502, body="<p>no</p>"))
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("未保存")
    page.unroute(f"**{FORM}*")
    filled(page)
    page.get_by_role("button", name="重试").click()
    expect(page.locator(".message-success").first).to_be_visible()
    assert window.stored() == [TEXT]
    window.silent("502")


# --- the session ends -----------------------------------------------------------------------------


def test_a_session_that_ends_while_writing_leads_back_to_the_filled_form(window: Window) -> None:
    page = window.page
    write(window, page)
    before = page.url
    window.sign_out_elsewhere()
    save(page)
    page.get_by_label("用户名或电子邮箱").fill("cadre")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("您已重新登录")).to_be_visible()
    filled(page)
    assert page.url == before
    window.visit.fits()
    save(page)
    expect(page.locator(".message-success").first).to_contain_text("已保存")
    assert window.stored() == [TEXT]
    window.silent("401")


def test_somebody_else_who_signs_in_finds_nothing(window: Window) -> None:
    page = window.page
    write(window, page)
    drafted(page)
    window.sign_out_elsewhere()
    save(page)
    page.get_by_label("用户名或电子邮箱").fill("chair")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("button", name="退出")).to_be_visible()
    page.goto(f"{window.site}{FORM}")
    filled(page, "")
    assert page.evaluate(_KEPT) == ""
    expect(page.get_by_text("的草稿")).to_have_count(0)
    window.silent("401")


# --- the page is gone -----------------------------------------------------------------------------


def test_a_tab_that_is_closed_leaves_a_draft_which_is_used(window: Window) -> None:
    page = window.another()
    write(window, page)
    page.close(run_before_unload=True)
    page = window.page
    page.goto(f"{window.site}{FORM}")
    offered = page.locator("[data-shown=draft]")
    expect(offered).to_contain_text(re.compile(r"\d\d:\d\d 的草稿"))
    filled(page, "")
    window.visit.fits()
    offered.get_by_role("button", name="使用").click()
    filled(page)
    expect(offered).to_have_count(0)
    save(page)
    expect(page.locator(".message-success").first).to_be_visible()
    assert window.stored() == [TEXT]
    page.goto(f"{window.site}{FORM}")
    expect(offered).to_have_count(0)


def test_a_draft_is_discarded_or_too_old_or_goes_with_signing_out(window: Window) -> None:
    page = window.page
    offered = page.locator("[data-shown=draft]")
    for how in ("discard", "old", "sign out"):
        write(window, page)
        drafted(page)
        page.goto(f"{window.site}{FORM}")
        expect(offered).to_have_count(1)
        if how == "discard":
            offered.get_by_role("button", name="丢弃").click()
            page.goto(f"{window.site}{FORM}")
        elif how == "old":
            page.evaluate(_AGE, 71)
            page.goto(f"{window.site}{FORM}")
            expect(offered).to_have_count(1)
            page.evaluate(_AGE, 1)
            page.goto(f"{window.site}{FORM}")
        else:
            page.get_by_role("button", name="退出").click()
            expect(page.get_by_label("密码")).to_be_visible()
        expect(offered).to_have_count(0)
        assert page.evaluate(_KEPT) == ""
    assert window.stored() == []


def test_two_tabs_keep_two_drafts_and_one_draft_stores_once(window: Window) -> None:
    first, second = window.page, window.another()
    write(window, first, "甲内容甲内容")
    write(window, second, "乙内容乙内容")
    drafted(first)
    second.goto(f"{window.site}{FORM}")
    offered = second.locator("[data-shown=draft]")
    expect(offered).to_have_count(2)
    # The draft of the first tab, which is open still, is used in the second: one record.
    second.get_by_role("button", name="使用").nth(1).click()
    filled(second, "甲内容甲内容")
    save(second)
    expect(second.locator(".message-success").first).to_be_visible()
    save(first)
    expect(first.locator(".message").first).to_contain_text("已经保存过")
    assert window.stored() == ["甲内容甲内容"]


def test_what_is_wrong_stands_beside_its_field_which_has_the_focus(window: Window) -> None:
    page = window.page
    page.goto(f"{window.site}{FORM}")
    page.get_by_label("标题").fill(window.title)
    save(page)
    expect(page.get_by_label("内容")).to_be_focused()
    expect(page.get_by_label("内容")).to_have_attribute("aria-invalid", "true")
    put(window, page)
    save(page)
    expect(page.locator(".message-success").first).to_be_visible()
    assert window.stored() == [TEXT]
