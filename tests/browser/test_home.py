"""In a real browser: the first page of a cadre, and the log of today written there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sqlalchemy import delete
from sqlalchemy.orm import Session

from tests.browser.serving import served_copy
from tests.browser.taps import PHONE
from tests.browser.test_smoke import Visit
from tiesan.clock import today
from tiesan.records.calendar_exceptions import set_exception
from tiesan.records.pending import PendingEvaluation
from tiesan.testing.world import ACTOR, AT, World

pytestmark = pytest.mark.browser

TEXT = "走访三家企业，了解职工思想动态"
NARROW = ViewportSize(width=PHONE["width"], height=PHONE["height"])
WIDE = ViewportSize(width=1280, height=900)
IMPACTS = frozenset({"serious", "critical"})


@pytest.fixture
def site(flagged: tuple[Path, World], tmp_path: Path) -> Iterator[str]:
    """The address of the application, on a working day."""
    with served_copy(flagged, tmp_path, _work_today) as (_app, address):
        yield address


def _work_today(session: Session, _world: World) -> None:
    working = {"day": today(), "kind": "working", "name": None}
    set_exception(ACTOR, session, None, working, at=AT)
    # As if that had been evaluated, and the flags found as they are stored.
    session.execute(delete(PendingEvaluation))


@pytest.fixture(params=[WIDE, NARROW], ids=["1280", "390"])
def visit(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A window of either width; at the end it must not have complained."""
    context = browser.new_context(viewport=request.param, locale="zh-CN")
    visit = Visit(context.new_page(), site)
    yield visit
    context.close()
    assert visit.complaints == []


def broken(page: Page) -> list[str]:
    """The rules of accessibility that a page breaks gravely."""
    found = Axe().run(page).response["violations"]
    return [each["id"] for each in found if each["impact"] in IMPACTS]


def test_a_log_is_written_and_changed_on_the_first_page(visit: Visit) -> None:
    visit.sign_in("cadre")
    page = visit.page
    section = page.locator("#today")
    visit.fits()
    assert broken(page) == []
    height = page.viewport_size["height"] if page.viewport_size else 0
    if page.viewport_size == NARROW:
        # Of what comes after Today at least the head is in sight.
        box = page.locator("#today + section h2").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height
    section.get_by_label("工作日志").fill(TEXT)
    section.get_by_role("button", name="保存日志").dblclick()
    expect(section).to_contain_text(TEXT)
    expect(section.locator("textarea")).to_have_count(0)
    section.get_by_role("link", name="修改").click()
    page.get_by_label("内容").fill("改过的日志")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#today")).to_contain_text("改过的日志")
    visit.fits()
    assert broken(page) == []
    page.goto(f"{visit.site}/records/work_log/?flt_day_from={today()}")
    expect(page.get_by_text("改过的日志")).to_have_count(1)


def test_a_flag_is_explained_on_the_first_page(visit: Visit) -> None:
    visit.sign_in("cadre")
    page = visit.page
    flags = page.locator("#own-flags .own-flag")
    expect(flags).to_have_count(2)
    flags.first.locator("summary[data-verb=explain]").click()
    flags.first.locator("textarea").fill("当天下乡，忘记打卡")
    flags.first.get_by_role("button", name="说明情况").click()
    expect(page).to_have_url(f"{visit.site}/")
    expect(page.locator("#own-flags")).to_contain_text("等待核查")
    visit.fits()


@pytest.mark.parametrize("username", ["district", "chair", "admin"])
def test_each_first_page_fits_and_shuts_nobody_out(visit: Visit, username: str) -> None:
    visit.sign_in(username)
    visit.page.goto(visit.site)
    visit.fits()
    assert broken(visit.page) == []
