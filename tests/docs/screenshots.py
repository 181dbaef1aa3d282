"""The pictures of the documentation, from the real application: `python -m tests.docs.screenshots`.

It fills a database with the fictitious district, serves it, and takes the pages as people see them.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tiesan.testing.command import COMMAND
from tests.conftest import CHROMIUM, CHROMIUM_FLAGS
from tests.docs.pages import DOCS
from tiesan.demo.accounts import PASSWORD

WIDTH, HEIGHT = 1280, 900
# Two bills of one day to one shop, each below the threshold: the demo has one on every day.
FLAGS = "/flags/?flt_rule=discipline.expense_split"


@contextmanager
def served() -> Iterator[str]:
    """Serve the fictitious district; gives the address."""
    with tempfile.TemporaryDirectory() as folder:
        where = {"TIESAN_INSTANCE": folder, "TIESAN_DATABASE_URL": "", "LANG": "en"}
        environment = os.environ | where
        subprocess.run([COMMAND, "demo", "--quiet"], env=environment, check=True)
        words = [str(COMMAND), "serve", "--port", "0"]
        with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as server:
            if server.stdout is None:
                message = "the application has no output"
                raise RuntimeError(message)
            address = server.stdout.readline().split()[-1]
            try:
                yield address.rstrip("/")
            finally:
                server.terminate()
                server.communicate()


def signed_in(browser: Browser, address: str, username: str) -> Page:
    """A page in Chinese of somebody who has signed in."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN", base_url=address
    )
    page = context.new_page()
    page.goto("/login")
    page.fill("[name=identity]", username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{address}/")
    return page


def main() -> None:
    """Write the pictures."""
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        page = signed_in(browser, address, "supervisor")
        page.goto(FLAGS)
        page.click("main a[href^='/flags/']:not([href*='?']):not([href$='/'])")
        page.wait_for_url("**/flags/*")
        _write(page, "flag")
        browser.close()


def _write(page: Page, name: str) -> None:
    folder: Path = DOCS / "images"
    folder.mkdir(exist_ok=True)
    page.screenshot(path=folder / f"{name}.png")


if __name__ == "__main__":
    main()
