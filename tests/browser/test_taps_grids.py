"""Touches of a study session with thirty cadres, and of a meeting with four federations."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.crowd import CADRES, FEDERATIONS
from tests.browser.serving import served_copy
from tests.browser.taps import PHONE, Taps
from tests.browser.test_smoke import Visit
from tiesan.testing.world import World

pytestmark = pytest.mark.browser

MOST_FOR_A_SESSION, MOST_FOR_A_MEETING = 9, 7


@pytest.fixture
def visit(browser: Browser, crowd: tuple[Path, World], tmp_path: Path) -> Iterator[Visit]:
    """A phone; at the end it must not have complained."""
    with served_copy(crowd, tmp_path) as (_app, site):
        context = browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True)
        visit = Visit(context.new_page(), site)
        yield visit
        context.close()
    assert visit.complaints == []


def test_a_session_of_thirty_with_two_away(visit: Visit) -> None:
    visit.sign_in("chair")
    page = visit.page
    taps = Taps(page)
    # All of what is owed, where the button may not be among the first on the first page.
    page.goto(f"{visit.site}/owed/")
    taps.number += 1
    taps.tap(page.locator("main a[href*='/records/study_session/new/']").first)
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(CADRES + 1)
    taps.write(page.get_by_label("主题"), "学习工会法")
    taps.write(page.get_by_label("主讲人"), "陈欧")
    taps.tap(page.get_by_role("option").first)
    for number, said in ((5, "请假"), (9, "缺席")):
        taps.tap(rows.nth(number).get_by_text(said, exact=True))
    taps.tap(page.get_by_role("button", name="其余全部出席"))
    expect(page.locator("[data-empty]")).to_have_text("已全部填写")
    taps.tap(page.get_by_role("button", name="保存"))
    expect(page.locator(".message-success").first).to_contain_text(f"共保存{CADRES}行")
    assert taps.number <= MOST_FOR_A_SESSION


def test_a_meeting_of_four_federations(visit: Visit) -> None:
    visit.sign_in("district")
    page = visit.page
    taps = Taps(page)
    # The button of what is owed says which meeting.
    page.goto(f"{visit.site}/owed/")
    taps.number += 1
    taps.tap(page.locator("main a[href*='kind=chairs']").first)
    expect(page.locator("[data-row]")).to_have_count(FEDERATIONS)
    taps.tap(page.get_by_label("已作通报"))
    taps.tap(page.locator("[data-row]").first.get_by_text("缺席", exact=True))
    taps.tap(page.get_by_role("button", name="其余全部出席"))
    taps.tap(page.get_by_role("button", name="保存"))
    expect(page.locator(".message-success").first).to_contain_text(f"共保存{FEDERATIONS}行")
    assert taps.number <= MOST_FOR_A_MEETING
