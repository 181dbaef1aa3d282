"""In a real browser: a folder is chosen, problems are mended, the effect is seen, it is undone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.serving import served_copy
from tests.browser.test_smoke import NARROW, WIDE, Visit
from tests.clocks.bringing import run_here
from tiesan.testing.fixtures import filled_sqlite
from tiesan.testing.world import World, fill

pytestmark = pytest.mark.browser

HEADING = "code,cadre,payee,item,amount,spent_on,reimbursed_on\n"
DAYS = "2026-03-20,2026-03-27"
WRONG = HEADING + f"E90,谁,{'长' * 90},办公用品,1.234,{DAYS}\n"
# More than twenty flags: none of these was approved.
MANY = HEADING + "".join(f"E{each},CO,书店,图书,900.00,{DAYS}\n" for each in range(100, 122))
_IMPACTS = frozenset({"serious", "critical"})


@pytest.fixture(scope="module")
def small(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A SQLite file with the small world; it is copied, never used."""
    return filled_sqlite(sqlite_template, tmp_path_factory.mktemp("small"), fill)


@pytest.fixture
def site(small: tuple[Path, World], tmp_path: Path) -> Iterator[str]:
    """The address of the application; what children do is done in its process."""
    with served_copy(small, tmp_path) as (app, address):
        app.extensions["runner"].call_for = lambda run_id, _seconds: run_here(app, run_id)
        yield address


def stands(visit: Visit) -> None:
    """The page is not too wide, and shuts nobody out."""
    visit.fits()
    broken = [
        (each["id"], each["nodes"][0]["html"])
        for each in Axe().run(visit.page).response["violations"]
        if each["impact"] in _IMPACTS
    ]
    assert broken == []


@pytest.fixture(params=[WIDE, NARROW], ids=["1280", "390"])
def visit(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A window of either width in which nothing may complain, of who administers everything."""
    context = browser.new_context(viewport=request.param, locale="zh-CN")
    visit = Visit(context.new_page(), site)
    visit.sign_in("admin")
    yield visit
    context.close()
    assert visit.complaints == []


def test_a_folder_from_choosing_to_undoing(visit: Visit, tmp_path: Path) -> None:
    choose_wrong_ones(visit, tmp_path / "records")
    store_many(visit, tmp_path / "records" / "expenses.csv")
    page = visit.page
    page.locator("summary", has_text="撤销导入").click()
    page.get_by_label("理由").fill("文件有误")
    page.get_by_role("button", name="撤销导入").click()
    expect(page.get_by_role("heading", name="已撤销")).to_be_visible()
    stands(visit)


def choose_wrong_ones(visit: Visit, folder: Path) -> None:
    """Choose a folder with problems, and get the sheets back."""
    page = visit.page
    folder.mkdir()
    (folder / "expenses.csv").write_text(WRONG, encoding="utf-8")
    (folder / "读我.txt").write_text("x", encoding="utf-8")
    page.goto(f"{visit.site}/imports/")
    stands(visit)
    page.locator("#folder-everything").set_input_files(folder)
    expect(page.locator("td.is-wrong").nth(1)).to_contain_text("小数超过两位")
    stands(visit)
    with page.expect_download() as marked:
        page.get_by_role("link", name="下载标注了问题的表格").click()
    assert marked.value.suggested_filename == "导入问题.xlsx"


def store_many(visit: Visit, mended: Path) -> None:
    """Choose the mended file, whose effect is large, and confirm it when that was seen."""
    page = visit.page
    mended.write_text(MANY, encoding="utf-8")
    page.goto(f"{visit.site}/imports/")
    page.locator("#file-everything").set_input_files(mended)
    expect(page.get_by_text("条新增")).to_be_visible()
    stands(visit)
    page.get_by_label("理由").fill("补录三月的报销")
    page.get_by_role("button", name="确认导入", exact=True).click()
    asked = page.get_by_role("button", name=re.compile("并产生 [0-9]+ 个预警标记"))
    expect(asked).to_be_visible()
    expect(page.locator("#effect")).to_contain_text("陈欧")
    stands(visit)
    asked.click()
    expect(page.get_by_role("heading", name="已导入")).to_be_visible()
    stands(visit)
