"""In a real browser: the server is killed between a click and its answer, and nothing is lost."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from plugins.research.models import InfoReport
from tests.browser.test_smoke import NARROW, Visit
from tests.web.test_killed import SERVER
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.testing.command import COMMAND, Tiesan
from tiesan.testing.fixtures import sqlite_copy
from tiesan.testing.world import World

pytestmark = pytest.mark.browser

FORM = "/records/info_report/new/"
TITLE, TEXT = "走访三家企业", "了解职工诉求若干"
# It dies over the evaluation: the record is stored, and nobody is told.
_DIES = (sys.executable, SERVER, "unlocked")


@pytest.fixture
def database(filled: tuple[Path, World], tmp_path: Path) -> str:
    """A database with a world in it."""
    return sqlite_copy(filled[0], tmp_path)


@contextmanager
def running(database: str, folder: Path, port: int, command: Sequence[str | Path]) -> Iterator[str]:
    """A server of its own process at a port; gives its address."""
    environment = Tiesan(folder)._environment(database, "en")
    process = subprocess.Popen(
        [*command, "serve", "--port", str(port)],
        cwd=folder,
        env=os.environ
        | environment
        | {"TIESAN_INSTANCE": str(folder / "instance"), "PYTHONWARNINGS": "ignore"},
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    found = re.search(r"http://[\w.:]+", process.stdout.readline())
    try:
        assert found is not None
        yield found.group()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def stored(database: str) -> list[str | None]:
    """The texts of the records that were stored."""
    engine = make_engine(read_database_url(database))
    with Session(engine) as session:
        named = InfoReport.title == TITLE
        found = list(session.scalars(select(InfoReport.content).where(named)))
    engine.dispose()
    return found


def _write(page: Page, site: str) -> None:
    page.goto(f"{site}{FORM}")
    page.get_by_label("标题").fill(TITLE)
    page.get_by_label("内容").fill(TEXT)


def _save(page: Page) -> None:
    page.get_by_role("button", name="保存", exact=True).click()


def _open(browser: Browser, site: str) -> Visit:
    context = browser.new_context(viewport=NARROW, locale="zh-CN")
    visit = Visit(context.new_page(), site)
    visit.sign_in("cadre")
    return visit


def test_killed_after_storing_the_next_try_stores_nothing_twice(
    browser: Browser, database: str, tmp_path: Path
) -> None:
    port = _free_port()
    with running(database, tmp_path, port, _DIES) as site:
        page = _open(browser, site).page
        _write(page, site)
        _save(page)
        banner = page.get_by_role("alert")
        expect(banner).to_contain_text("未保存，所填内容已留在本机")
    assert stored(database) == [TEXT]
    with running(database, tmp_path, port, (COMMAND,)):
        banner.get_by_role("button", name="重试").click()
        expect(page.locator(".message").first).to_contain_text("已经保存过")
        expect(page.get_by_role("heading", level=1)).to_contain_text("XC")
        page.context.close()
    assert stored(database) == [TEXT]


def test_killed_after_storing_and_written_on_loses_no_word(
    browser: Browser, database: str, tmp_path: Path
) -> None:
    """Neither with the page open, nor when its tab is gone as well."""
    port = _free_port()
    more = f"{TEXT}，又及"
    with running(database, tmp_path, port, _DIES) as site:
        page = _open(browser, site).page
        _write(page, site)
        _save(page)
        expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_label("内容").fill(more)
    context = page.context
    page.close(run_before_unload=True)
    with running(database, tmp_path, port, (COMMAND,)):
        page = context.new_page()
        page.goto(f"{site}{FORM}")
        page.get_by_role("button", name="使用").click()
        expect(page.get_by_label("内容")).to_have_value(more)
        _save(page)
        asked = page.get_by_role("alert")
        expect(asked).to_contain_text("此表单此前已保存")
        expect(page.get_by_label("内容")).to_have_value(more)
        with context.expect_page() as opened:
            asked.get_by_role("link", name="查看已保存的内容").click()
        expect(opened.value.locator("main")).to_contain_text(TEXT)
        context.close()
    assert stored(database) == [TEXT]
