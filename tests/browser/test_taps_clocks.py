"""In a real browser: the attendance of thirty cadres of a day from a file, and what is asked."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from sqlalchemy.orm import Session

from tests.browser.serving import served_copy
from tests.browser.taps import Taps
from tests.browser.test_smoke import NARROW, WIDE, Visit
from tests.clocks.bringing import run_here
from tests.clocks.files import Day, book, dingtalk_days
from tiesan.people.models import Organization
from tiesan.records.organizations import create_cadre
from tiesan.testing.world import ACTOR, AT, World

pytestmark = pytest.mark.browser

MONDAY = date(2026, 10, 12)
MOST_TAPS = 6
NUMBER = 30
_IMPACTS = frozenset({"serious", "critical"})


@pytest.fixture
def site(filled: tuple[Path, World], tmp_path: Path) -> Iterator[str]:
    """The address of the application, with thirty more cadres in the federation."""
    with served_copy(filled, tmp_path, _add_cadres) as (app, address):
        # What is shown is the same, whether a child does it or not.
        app.extensions["runner"].call_for = lambda run_id, _seconds: run_here(app, run_id)
        yield address


def _add_cadres(session: Session, world: World) -> None:
    place = session.get_one(Organization, world.organizations["F1"])
    for number in range(NUMBER):
        values = {"code": f"N{number}", "name": f"干部{number}", "organization": place,
                  "professional": True, "joined_on": date(2010, 1, 1)}  # fmt: skip
        create_cadre(ACTOR, session, values, at=AT)


@pytest.fixture(params=[WIDE, NARROW], ids=["1280", "390"])
def visit(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A window of either width in which nothing may complain."""
    context = browser.new_context(viewport=request.param, locale="zh-CN")
    visit = Visit(context.new_page(), site)
    yield visit
    context.close()
    assert visit.complaints == []


def stands(visit: Visit) -> None:
    """The page is not too wide, and shuts nobody out."""
    visit.fits()
    broken = [
        (each["id"], each["nodes"][0]["html"])
        for each in Axe().run(visit.page).response["violations"]
        if each["impact"] in _IMPACTS
    ]
    assert broken == []


def test_attendance_of_thirty_in_six_touches(browser: Browser, site: str, tmp_path: Path) -> None:
    days = [Day(f"干部{number}", "", MONDAY) for number in range(NUMBER)]
    path = book(tmp_path / "考勤.xlsx", ("每日统计", dingtalk_days(days)))
    context = browser.new_context(viewport=NARROW, has_touch=True, locale="zh-CN")
    visit = Visit(context.new_page(), site)
    visit.sign_in("supervisor")
    page = visit.page
    page.goto(f"{site}/")
    taps = Taps(page)
    # "More" in the bar, and the page in the menu.
    taps.tap(page.locator(".thumb-bar [data-menu]"))
    taps.tap(page.locator("#page-side").get_by_role("link", name="导入", exact=True))
    taps.give(page.locator("#file-attendance"), path)
    expect(page.get_by_text("条新增")).to_be_visible()
    taps.tap(page.get_by_role("button", name="确认导入"))
    expect(page.get_by_role("heading", name="已导入")).to_be_visible()
    assert taps.number <= MOST_TAPS
    context.close()


def test_what_is_asked_and_refused_fits_every_screen(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    visit.sign_in("supervisor")
    page.goto(f"{visit.site}/imports/")
    stands(visit)
    wrong = [Day("陈欧", "", MONDAY, "早上" * 40)]
    page.locator("#file-attendance").set_input_files(
        book(tmp_path / "坏.xlsx", ("每日统计", dingtalk_days(wrong)))
    )
    expect(page.get_by_role("table")).to_contain_text("上班1打卡时间")
    stands(visit)
    page.goto(f"{visit.site}/imports/")
    given = [Day("陈欧", "", MONDAY, "", "", result="请假"), Day("王" * 60, "99", MONDAY)]
    page.locator("#file-attendance").set_input_files(
        book(tmp_path / "考勤.xlsx", ("每日统计", dingtalk_days(given)))
    )
    expect(page.get_by_text("需要先回答")).to_be_visible()
    stands(visit)
    page.get_by_placeholder("姓名或编号").fill("白")
    page.get_by_role("option", name="白贝").click()
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_text("条新增")).to_be_visible()
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_role("heading", name="已导入")).to_be_visible()
    stands(visit)
    page.locator("summary", has_text="撤销导入").click()
    page.get_by_label("理由").fill("文件有误")
    page.get_by_role("button", name="撤销导入").click()
    expect(page.get_by_role("heading", name="已撤销")).to_be_visible()
    stands(visit)
