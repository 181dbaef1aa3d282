"""The pictures of the documentation, from the real application: `python -m tests.docs.screenshots`.

It fills a database with the fictitious district, serves it, and takes the pages as people see them.
"""

import io
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tiesan.clock import today
from tiesan.testing.command import COMMAND
from tests.conftest import CHROMIUM, CHROMIUM_FLAGS
from tests.docs.pages import DOCS
from tiesan.demo.accounts import PASSWORD

WIDE, NARROW = (1280, 900), (390, 844)
# Two bills of one day to one shop, each below the threshold: the demo has one on every day.
FLAGS = "/flags/?flt_rule=discipline.expense_split"
# Found several times of the cadre whose flag is shown, and waiting for a decision.
WAIVED_RULE = "discipline.log_missing"
# So many colours keep the letters smooth and the pictures small.
COLOURS = 64


@contextmanager
def served() -> Iterator[str]:
    """Serve the fictitious district; gives the address."""
    with tempfile.TemporaryDirectory() as folder:
        where = {"TIESAN_INSTANCE": folder, "TIESAN_DATABASE_URL": ""}
        environment = os.environ | where
        subprocess.run([COMMAND, "demo", "--quiet"], env=environment, check=True)
        words = [str(COMMAND), "serve", "--port", "0"]
        with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as server:
            if server.stdout is None:
                message = "the application has no output"
                raise RuntimeError(message)
            # What runs beside the pages may say something first; the language is the machine's.
            said = (line.partition("http://") for line in server.stdout)
            address = next("".join(found[1:]) for found in said if found[1])
            try:
                yield address.strip().rstrip("/")
            finally:
                server.terminate()
                server.communicate()


def signed_in(browser: Browser, address: str, username: str, size: tuple[int, int] = WIDE) -> Page:
    """A page in Chinese of somebody who has signed in."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", base_url=address
    )
    page = context.new_page()
    page.goto("/login")
    page.fill("[name=identity]", username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: not url.endswith("/login"))
    return page


def main() -> None:
    """Write the pictures."""
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        reviews(signed_in(browser, address, "supervisor"))
        phone = signed_in(browser, address, "supervisor", NARROW)
        phone.goto("/inbox")
        _write(phone, "inbox-phone")
        _open_flag(phone)
        _write(phone, "flag-phone")
        phone = signed_in(browser, address, "cadre", NARROW)
        phone.goto("/my/flags")
        _write(phone, "my-flags-phone")
        working_day(signed_in(browser, address, "supervisor"), phone)
        rule_book(signed_in(browser, address, "admin"))
        browser.close()


def working_day(page: Page, phone: Page) -> None:
    """Write what the working day begins with: a cadre's on a phone, a supervisor's at a desk."""
    phone.goto("/")
    _write(phone, "home-cadre-phone")
    phone.goto("/requests/")
    _write(phone, "requests-phone")
    page.goto("/requests/queue")
    _write(page, "requests")
    page.goto("/records/study_session/new/")
    _write(page, "session-grid")
    page.goto("/imports/")
    page.set_input_files("#file-attendance", DOCS / "samples" / "sign-in-sheet.csv")
    # The script sends what was chosen at once.
    page.wait_for_url(re.compile(r"/imports/\d+"))
    _write(page, "import-preview")


def rule_book(page: Page) -> None:
    """Write what an administrator sees who writes a rule."""
    page.goto("/rule-versions/new?form=tally")
    page.locator("section", has_text="同组累计须同时达到").first.scroll_into_view_if_needed()
    _write(page, "rule-editor")


def reviews(page: Page) -> None:
    """Write what a supervisor sees at a desk, in the order of their work."""
    page.goto("/inbox")
    _write(page, "inbox")
    _open_flag(page)
    _write(page, "flag")
    cadre = _cadre_of_flag(page)
    page.goto(f"/waivers/new?rule={WAIVED_RULE}&cadre={cadre}&from={today().year}-01-01")
    page.fill("[name=until]", (today() + timedelta(days=30)).isoformat())
    page.fill("[name=text]", "借调市总工会期间，不记本区工作日志。")
    page.click("main [name=preview]")
    page.wait_for_selector("#preview")
    _write(page, "waiver-preview")
    page.goto("/flags/?flt_review=confirmed&flt_severity=serious")
    page.click(_FIRST_FLAG)
    page.wait_for_url(re.compile(r"/flags/\d+$"))
    page.click("#follow-up a[href*='/notices/new']")
    page.fill("main textarea", "一周内书面说明脱岗原因，并签字承诺今后按规定在岗。")
    page.fill("main input[type=date]", (today() + timedelta(days=14)).isoformat())
    page.click("main form .btn-primary")
    page.wait_for_url(re.compile(r"/notices/\d+$"))
    _write(page, "notice")


_FIRST_FLAG = "main a[href^='/flags/']:not([href*='?']):not([href$='/'])"


def _open_flag(page: Page) -> None:
    page.goto(FLAGS)
    page.click(_FIRST_FLAG)
    page.wait_for_url(re.compile(r"/flags/\d+$"))


def _cadre_of_flag(page: Page) -> str:
    """The code of whom the open flag is about, as its evidence names them."""
    named = page.inner_text(".exhibit dd >> text=/ · G\\d+/")
    return named.rpartition(" ")[2]


def _write(page: Page, name: str) -> None:
    folder: Path = DOCS / "images"
    folder.mkdir(exist_ok=True)
    with Image.open(io.BytesIO(page.screenshot())) as taken:
        small = taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
