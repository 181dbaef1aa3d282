"""What the page on rights says of somebody, held against what they are answered."""

import re

import pytest
from flask import Flask, url_for

from tiesan.testing.browsing import Person, person
from tiesan.testing.world import PEOPLE, World

_PAGE = re.compile(r'data-page="([^"]+)"')
_KIND = re.compile(r'data-kind="(\w+)" data-enters="(yes|no)" data-begins="(\d+)"')
# Pages of the menu that not everybody may open.
CLOSED_TO_SOME = {
    f"{name}.index_view"
    for name in ("account", "audit", "enter", "imports", "inbox", "operation", "owed", "right",
                 "sending", "way")
}  # fmt: skip


def address(app: Flask, endpoint: str) -> str:
    with app.test_request_context():
        return url_for(endpoint)


def opens(somebody: Person, where: str) -> bool:
    return somebody.get(where).status_code in (200, 302)


@pytest.mark.parametrize("name", PEOPLE[1:])
def test_what_it_says_is_what_they_are_answered(
    name: str, lite_app: Flask, lite_world: World
) -> None:
    said = person(lite_app, "admin").get(f"/people/rights/{lite_world.accounts[name]}").text
    somebody = person(lite_app, name)
    own = somebody.get(f"/people/rights/{lite_world.accounts[name]}").text
    # To themself the same is said; of steps each sees those on rows that they see.
    assert _PAGE.findall(own) == _PAGE.findall(said)
    assert _KIND.findall(own) == _KIND.findall(said)
    pages = set(_PAGE.findall(said))
    for endpoint in sorted(pages | CLOSED_TO_SOME):
        assert opens(somebody, address(lite_app, endpoint)) == (endpoint in pages), endpoint
    kinds = {kind: (enters == "yes", int(begins)) for kind, enters, begins in _KIND.findall(said)}
    for kind in lite_world.records:
        assert opens(somebody, f"/records/{kind}/") == (kind in kinds), kind
        if kind in kinds:
            enters, _begins = kinds[kind]
            assert opens(somebody, f"/records/{kind}/new/") == enters, kind


def test_who_reads_confidential_matters_is_said(lite_app: Flask, lite_world: World) -> None:
    admin = person(lite_app, "admin")
    found = {}
    for name in ("committee", "district", "supervisor", "admin"):
        page = admin.get(f"/people/rights/{lite_world.accounts[name]}").text
        said = page.partition("保密事项</dt><dd>")[2].partition("<")[0]
        found[name] = (said, 'data-kind="conduct_report"' in page)
    assert found == {
        "committee": ("是", True), "district": ("是", True),
        "supervisor": ("否", False), "admin": ("否", False),
    }  # fmt: skip


def test_steps_are_those_of_the_courses(lite_app: Flask, lite_world: World) -> None:
    """A supervisor decides on flags; a cadre explains; who administers does neither."""
    admin = person(lite_app, "admin")
    pages = {
        name: admin.get(f"/people/rights/{lite_world.accounts[name]}").text
        for name in ("supervisor", "cadre", "keeper")
    }
    pages = {name: text.partition("现有内容")[2] for name, text in pages.items()}
    assert "属实" in pages["supervisor"]
    assert "属实" not in pages["cadre"]
    assert "说明" in pages["cadre"]
    assert "属实" not in pages["keeper"]


def test_the_list_is_filtered_and_exported(lite_app: Flask) -> None:
    admin = person(lite_app, "admin")
    page = admin.get("/people/rights/?flt_role=supervisor").text
    assert "潘培" in page
    assert "周主席" not in page
    rows = admin.get("/people/rights/export/csv/?flt_role=audit_committee").text.splitlines()
    assert rows[1:] == ["安审,committee,审计委员会,甲区总工会,使用中"] or "安审" in rows[1]
    assert len(rows) == 2
