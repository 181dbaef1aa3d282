"""Parameters that are lists, in the pages: an item in each row, the list replaced from a day on."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.list_parameters import catalog_with_lists
from tiesan.access.installation import serve_installation
from tiesan.extensions import db
from tiesan.flags.catalog import Catalog
from tiesan.records.settings import RuleParameterValue
from tiesan.testing.browsing import messages, person
from tiesan.testing.world import World

RULE = "/rules/discipline.watched/"
SENT = {"name": "payees", "valid_from": "2026-03-01", "reason": "会议决定"}


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """The installation with a rule that has lists."""
    return catalog_with_lists(tmp_path)


def stored(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(RuleParameterValue.value)))


def test_a_list_is_replaced_row_by_row(app: Flask, world: World, catalog: Catalog) -> None:
    serve_installation(app, catalog)
    admin = person(app, "admin")
    before = admin.get(RULE).text
    assert ">\n老张; 五金</textarea>" in before
    assert '<option selected value="chairs">主席会</option>' in before
    rows = [" 甲 ", "", "乙；丙", *(f"{number:02}" + '"' * 198 for number in range(49)), "丁\r\n戊"]
    answer = admin.send(f"{RULE}parameter", {**SENT, "value": rows}, form=RULE)
    assert answer.location == RULE, answer.text
    page = admin.get(RULE)
    assert messages(page)[0] == "参数值已设定。"
    [cell] = stored(app)
    assert cell.startswith('甲;"乙；丙";"00""')
    assert cell.endswith('";"丁\n戊"')
    assert len(cell) > 19_000
    for text in ("乙；丙", "自2026年3月1日起", "会议决定", "默认值", "老张; 五金"):
        assert text in page.text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"value": ["甲", " 甲"]}, "“甲”在列表中出现两次"),
        ({"value": ["", " "]}, "至少要有一项"),
        ({"value": ["长" * 201]}, "超过200个字符"),
        ({"value": ["甲\x01"]}, "无法保存的字符"),
        ({"name": "kinds", "value": ["chairs", "party"]}, "party"),
        ({"name": "least", "value": "many"}, "many"),
        ({"name": "mark", "value": "票" * 201}, "200"),
    ],
)
def test_what_is_refused_changes_nothing(
    lite_app: Flask, lite_world: World, catalog: Catalog, given: dict[str, object], words: str
) -> None:
    serve_installation(lite_app, catalog)
    answer = person(lite_app, "admin").send(f"{RULE}parameter", SENT | given, form=RULE)
    assert answer.status_code == 200
    assert words in answer.text.split("field-error")[1]
    assert stored(lite_app) == []


def test_more_rows_keep_what_was_typed(
    lite_app: Flask, lite_world: World, catalog: Catalog
) -> None:
    serve_installation(lite_app, catalog)
    admin = person(lite_app, "admin")
    before = admin.get(RULE).text.count("<textarea")
    sent = {**SENT, "value": ["甲", "甲", "乙"], "more": "1", "valid_from": ""}
    page = admin.send(f"{RULE}parameter", sent, form=RULE).text
    assert page.count("<textarea") > before
    assert page.count(">\n甲</textarea>") == 2
    assert "field-error" not in page
    assert stored(lite_app) == []


def test_who_may_not_set_parameters_sees_no_rows(
    lite_app: Flask, lite_world: World, catalog: Catalog
) -> None:
    serve_installation(lite_app, catalog)
    somebody = person(lite_app, "district")
    assert "<textarea" not in somebody.get(RULE).text
    assert somebody.send(f"{RULE}parameter", SENT | {"value": ["甲"]}, form="/").status_code == 403
