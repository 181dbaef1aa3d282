"""Behind nginx, below a path, by https, by two processes, pages work as they do elsewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import test_smoke as smoke
from tests.browser.behind import PREFIX, Behind, behind_nginx
from tiesan.testing.fixtures import sqlite_copy
from tiesan.testing.world import World

pytestmark = pytest.mark.browser

# What is done elsewhere at the root of a host and by one process, each at one width.
SCENARIOS = (
    (smoke.test_an_expense_without_approval_is_flagged, smoke.NARROW),
    (smoke.test_files_are_sent_when_they_are_picked, smoke.WIDE),
    (smoke.test_going_back_and_saving_again_stores_no_second_record, smoke.NARROW),
)


@pytest.fixture(scope="module")
def behind(
    filled: tuple[Path, World], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Behind]:
    """The small world, served by two processes behind nginx."""
    folder = tmp_path_factory.mktemp("behind")
    with behind_nginx(sqlite_copy(filled[0], folder), folder) as found:
        yield found


def test_the_pages_work_below_a_path(browser: Browser, behind: Behind) -> None:
    """No request leaves the path: a visit complains of every one that does."""
    for scenario, viewport in SCENARIOS:
        context = browser.new_context(viewport=viewport, locale="zh-CN", ignore_https_errors=True)
        visit = smoke.Visit(context.new_page(), behind.address)
        scenario(visit)
        assert visit.complaints == []
        cookies = {each["name"]: each for each in context.cookies()}
        session = cookies["tiesan_session"]
        assert (session["path"], session["secure"]) == (PREFIX, True)
        context.close()
    first, second = behind.answered()
    assert min(len(first), len(second)) > 10
    assert all(re.fullmatch("[0-9a-f]{32}", each["request"]) for each in (*first, *second))
    # What is left of two when one ends goes on.
    behind.processes[0].terminate()
    behind.processes[0].wait(60)
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    for _time in range(3):
        page.goto(f"{behind.address}/login")
        expect(page.get_by_role("button", name="登录")).to_be_visible()
    answer = page.goto(f"{behind.address}/metrics")
    assert answer is not None
    assert answer.status == 404
    context.close()
