"""In a real browser: a cadre fetches their own data, and retention is looked at and set."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser.serving import served_copy
from tests.browser.test_home import NARROW, WIDE, broken
from tests.browser.test_smoke import Visit
from tiesan.testing.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def site(
    flagged: tuple[Path, World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    with served_copy(flagged, tmp_path) as (app, address):
        monkeypatch.setenv("TIESAN_INSTANCE", app.instance_path)
        yield address


def test_own_data_is_fetched_and_retention_is_set(
    browser: Browser, site: str, tmp_path: Path
) -> None:
    _fetches(browser, site, tmp_path, NARROW)
    context = browser.new_context(viewport=WIDE, locale="zh-CN")
    visit = Visit(context.new_page(), site)
    visit.sign_in("admin")
    page = visit.page
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)
        page.goto(f"{site}/retention")
        visit.fits()
        assert broken(page) == []
    page.fill("[name=notifications]", "6")
    page.get_by_role("button", name="预览").click()
    expect(page.locator(".would").first).to_contain_text("目前没有要清除的")
    expect(page.locator("[name=notifications]")).to_have_value("6")
    page.fill("[name=reason]", "按档案管理规定")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".message-success")).to_contain_text("调整了 1 类")
    assert broken(page) == []
    context.close()
    assert visit.complaints == []


def _fetches(browser: Browser, site: str, folder: Path, size: ViewportSize) -> None:
    """From one's account to the archive, gathered by a child process."""
    context = browser.new_context(viewport=size, locale="zh-CN")
    visit = Visit(context.new_page(), site)
    visit.sign_in("cadre")
    page = visit.page
    page.goto(f"{site}/kept")
    visit.fits()
    assert broken(page) == []
    page.get_by_role("link", name="关于我的数据").click()
    page.get_by_role("button", name="汇集我的数据").click()
    expect(page.locator("[data-run=over]")).to_contain_text("下载压缩包")
    visit.fits()
    assert broken(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="下载压缩包").click()
    download.value.save_as(folder / "own.zip")
    assert "flags.csv" in zipfile.ZipFile(folder / "own.zip").namelist()
    page.get_by_role("link", name="关于我的预警标记").click()
    visit.fits()
    assert broken(page) == []
    context.close()
    assert visit.complaints == []
