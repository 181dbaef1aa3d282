"""What all tests share beside ``tiesan.testing``: a browser, and a list of omissions.

A test that needs what this machine has not (PostgreSQL, Chromium) is left out, and the end of the
run says which ones and why. With TIESAN_REQUIRE_ALL=1 being left out is a failure.
"""

import gc
import os
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright

pytest_plugins = ["tiesan.testing.fixtures"]

REQUIRE_ALL = os.environ.get("TIESAN_REQUIRE_ALL") == "1"
CHROMIUM = os.environ.get("TIESAN_TEST_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
# Without these, Chromium asks for the network, and refuses to run as root.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

settings.register_profile("here", deadline=None)
settings.register_profile("all", deadline=None, derandomize=True)
settings.load_profile("all" if REQUIRE_ALL else "here")

# --- what is compiled ----------------------------------------------------------------------------


def pytest_configure() -> None:
    """Keep what is compiled, also where nobody may.

    Hundreds of commands are started, each of which would compile every module anew.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


# --- the collector -------------------------------------------------------------------------------

# New objects before the collector of cycles looks: as many as a request makes, not a fraction.
YOUNG, MIDDLE, OLD = 20_000, 20, 20


def pytest_collection_finish() -> None:
    """Let the collector leave alone what stays until the end: every module and every test.

    It would go through all of that again and again, a fifth of the time of the tests of pages.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)


# --- left out ------------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test whose browser is not there."""
    if item.get_closest_marker("browser") and not CHROMIUM:
        pytest.skip("Chromium: not on the path, and TIESAN_TEST_CHROMIUM does not name it")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn being left out into a failure where nothing may be."""
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"left out, but TIESAN_REQUIRE_ALL is set: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end which tests were left out, by reason."""
    by_reason: dict[str, Counter[str]] = defaultdict(Counter)
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        by_reason[reason.removeprefix("Skipped: ")][report.nodeid.partition("[")[0]] += 1
    if by_reason:
        terminalreporter.section("left out")
    for reason, tests in sorted(by_reason.items()):
        terminalreporter.write_line(f"{tests.total()} left out, {reason}")
        for test, times in sorted(tests.items()):
            terminalreporter.write_line(f"    {test}" + (f" ({times} times)" if times > 1 else ""))


# --- the browser ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, started once per run; ask it for a context of your own.

    A test that uses it is marked `browser`.
    """
    # A machine that runs other tests beside it answers late, and is right all the same.
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
