"""Searching and sorting lists: what a word means, where blanks stand, and which page follows."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask import Flask

from plugins.discipline.models import Expense
from tests.web.test_lists import write_expenses
from tiesan.extensions import db
from tiesan.people.models import Cadre
from tiesan.records.services import create_record
from tiesan.testing.browsing import person
from tiesan.testing.world import ACTOR, AT, World

ODD = {
    "percent": "满100%减",
    "under": "a_b店",
    "caret": "^开头",
    "equals": "=等号",
    "slash": "甲/乙",
}


@pytest.mark.parametrize(
    ("search", "codes"),
    [
        ("%25", ["percent"]),
        ("_", ["under"]),
        ("a_b", ["under"]),
        ("^", ["caret"]),
        ("^开", ["caret"]),
        ("^a", []),
        ("=", ["equals"]),
        ("=等号", ["equals"]),
        ("=expense-O", []),
        ("/", ["slash"]),
        ("0%25减", ["percent"]),
    ],
)
def test_every_character_of_a_search_means_itself(
    search: str, codes: list[str], app: Flask, world: World
) -> None:
    _write(app, world, ODD)
    page = person(app, "district").get(f"/records/expense/?search={search}")
    assert [code for code in ODD if f">{code}<" in page.text] == codes
    assert f"{len(codes)}条" in re.sub(r"\s", "", page.text)


def _write(app: Flask, world: World, payees: dict[str, str], **further: Any) -> None:
    with app.app_context():
        cadre = db.session.get(Cadre, world.cadres["CO"])
        for code, payee in payees.items():
            values = {"code": code, "cadre": cadre, "payee": payee, "amount": 100}
            values |= {"spent_on": date(2026, 3, 20)} | further
            create_record(ACTOR, db.session(), Expense, values, at=AT)
        db.session.commit()


def test_blanks_stand_last_both_ways(app: Flask, world: World) -> None:
    """Of a field of the row, and of a reference that may be blank."""
    _write(app, world, {"early": "甲", "late": "乙"}, reimbursed_on=date(2026, 3, 21))
    district = person(app, "district")
    for address in ("/records/expense/", "/records/study_session/", "/records/asset/"):
        page = district.get(address)
        for at in range(page.text.count("<th ")):
            for way in ("", "&desc=1"):
                text = district.get(f"{address}?sort={at}{way}").text
                if 'aria-sort="' in text:
                    blank = _blanks(text, at)
                    assert blank == sorted(blank), (address, at, way)


def _blanks(page: str, at: int) -> list[bool]:
    """Whether the cell of a column is blank, row by row."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = [re.findall(r'<td class="([^"]*)" data-label', row) for row in body.split("<tr")[1:]]
    return ["blank" in row[at].split() for row in rows]


def test_a_click_on_a_heading_leads_to_the_first_page(lite_app: Flask, lite_world: World) -> None:
    write_expenses(lite_app, lite_world, *range(100, 4100, 100))
    district = person(lite_app, "district")
    page = district.get("/records/expense/?page=1&search=店&sort=0&flt_receipt=no")
    assert page.status_code == 200
    page = district.get("/records/expense/?page=1&search=店&sort=0")
    headings = re.findall(r'<th [^>]*>\s*<a href="([^"]+)"', page.text)
    assert headings
    for heading in map(unescape, headings):
        assert "page=" not in heading
        assert "search=" in heading
    again = district.get(headings[0].replace("&amp;", "&"))
    assert 'aria-sort="descending"' in again.text


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("迟到", True),
        ("迟到 陈欧", True),
        ("迟到 石诗", False),
        ("late", True),
        ("LATE work", True),
        ("大额开支未经", False),
    ],
)
def test_flags_are_found_by_the_title_of_their_rule(
    search: str, found: bool, app: Flask, world: World
) -> None:
    page = person(app, "district").get(f"/flags/?search={search}")
    link = f'/flags/{world.flags["cO"]}"'
    assert (link in page.text) is found
