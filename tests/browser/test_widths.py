"""In a real browser: no page is wider than its screen, whatever texts stand in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from tests.browser.serving import served_copy
from tiesan.extensions import Base
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.models import Flag, FlagRevision
from tiesan.people.models import Account, Cadre, Organization
from tiesan.records.kinds import field_columns
from tiesan.testing.world import PASSWORD, World

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 768, 1024, 1280)
UNBROKEN = 200
# What is wider than the screen, or lies out of sight in something that can be pushed aside. Inputs
# push their text themselves; what is for screen readers alone has no width to speak of. Tables of
# an overview have more columns than any screen has room for: they are pushed in their own box.
_WIDER = """
  () => {
    const width = document.documentElement.clientWidth;
    const tooWide = document.documentElement.scrollWidth > width ? ["page"] : [];
    const hidden = [...document.querySelectorAll("body *")].filter((each) =>
      each.checkVisibility() &&
      !each.matches("input, select, textarea, option, .sr-only, .who, .skip, .wide-table") &&
      getComputedStyle(each).clipPath !== "inset(50%)" &&
      getComputedStyle(each).overflowX !== "visible" && each.scrollWidth > each.clientWidth + 1);
    const outside = [...document.querySelectorAll("td, th, dd, h1")].filter((each) =>
      each.checkVisibility() && !each.closest(".wide-table") && each.getBoundingClientRect().right >
        (each.closest(".table-box") ?? document.documentElement).getBoundingClientRect().right + 1);
    return [...tooWide, ...[...hidden, ...outside].map((each) => each.outerHTML.slice(0, 90))];
  }
"""


def _long(number: int, most: int | None) -> str:
    """A text without a place to break it, as long as its column takes, and none twice."""
    return f"{number}{'W' * UNBROKEN}"[: min(UNBROKEN, most or UNBROKEN)]


def _write_long_texts(session: Session, _world: World) -> None:
    """Make every text of every row one long word."""
    models: list[type[Base]] = [*installed_catalog().records.values(), Organization, Cadre]
    for model in models:
        texts = {
            column.name: field.max_length
            for field, column in field_columns(model)
            if field.max_length is not None and not field.choices and field.to is None
        }
        for number, row in enumerate(session.query(model), 1):
            for name, most in texts.items():
                setattr(row, name, _long(number, most))
    for number, account in enumerate(session.query(Account), 1):
        if account.username != "district":
            account.username = _long(number, 60)
    for number, flag in enumerate(session.query(Flag), 1):
        flag.message_zh, flag.key = _long(number, None), _long(number, None)
    for revision in session.query(FlagRevision):
        revision.message_zh = _long(1, None)


@pytest.fixture
def site(flagged: tuple[Path, World], tmp_path: Path) -> Iterator[tuple[Flask, str]]:
    """The application with long texts, and its address."""
    with served_copy(flagged, tmp_path, _write_long_texts) as found:
        yield found


def _lists(app: Flask) -> list[str]:
    """The address of every list."""
    rules = app.url_map.iter_rules()
    return sorted(each.rule for each in rules if each.endpoint.endswith(".index_view"))


def _first_of(page: Page, address: str) -> list[str]:
    """The pages of the first row of a list: its own, and those that it leads to."""
    main = page.locator("main")
    rows = main.locator("td.head a").first
    if not rows.count():
        return []
    found = [str(rows.get_attribute("href"))]
    kind = address.strip("/").split("/")[0]
    if kind == "records":
        found += [found[0].replace("/details/", f"/{verb}/") for verb in ("edit", "void")]
    return found


def test_no_page_is_wider_than_its_screen(browser: Browser, site: tuple[Flask, str]) -> None:
    app, address = site
    context = browser.new_context(locale="zh-CN", base_url=address)
    page = context.new_page()
    page.goto("/login")
    page.fill("[name=identity]", "district")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{address}/inbox")
    problems = _problems(page, "/")
    walked = 1
    for listed in _lists(app):
        problems += _problems(page, listed)
        new = [f"{listed}new/"] if listed.startswith("/records/") else []
        further = [*_first_of(page, listed), *new]
        for each in further:
            problems += _problems(page, each)
        walked += 1 + len(further)
    context.close()
    assert problems == []
    assert walked > 3 * len(installed_catalog().records)


def _problems(page: Page, address: str) -> list[tuple[str, int, Any]]:
    """What is too wide on a page, with its address and the width of the screen."""
    answer = page.goto(address)
    if answer is None or answer.status >= 400:
        return []
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        wider = page.evaluate(_WIDER)
        if wider:
            found.append((address, width, wider[:3]))
    return found
