"""The form of a rule: another view of its text, both ways, without loss."""

import json
import random
import re
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.flags.published import LOCAL
from tiesan.admin.rules.form.changes import changed
from tiesan.admin.rules.form.controls import Action, Block, Control, Row, places
from tiesan.admin.rules.form.page import shaped
from tiesan.admin.rules.reading import Problem, Reading
from tiesan.admin.rules.templates_of import FORMS, template_text
from tiesan.flags.catalog import installed_catalog
from tiesan.rulebook.checking import failed_tests, read
from tiesan.rulebook.texts import shipped_text
from tiesan.rules import decide_plainly
from tiesan.rules.editing import NoPlaceError, Plain, marked
from tiesan.testing.browsing import person

CATALOG = installed_catalog()
UNREAD = Reading("", [], [], [])
DAY = "2026-03-31"


def drawn(text: str, *problems: Problem) -> list[Block]:
    form = shaped(text, CATALOG.kinds, Reading("", [], list(problems), []), DAY)
    assert not form.refused
    return form.blocks


def controls(blocks: list[Block]) -> list[Control]:
    return [each for each in places(blocks) if isinstance(each, Control)]


def buttons(blocks: list[Block]) -> Iterator[Action]:
    for each in places(blocks):
        if isinstance(each, Block):
            yield from each.actions
        elif isinstance(each, Row) and each.drop is not None:
            yield each.drop


def does(text: str, verb: str, address: str, value: Plain) -> str:
    return changed(text, verb, tuple(json.loads(address)), value, CATALOG.kinds)


@pytest.mark.parametrize("rule_id", CATALOG.shipped)
def test_a_form_that_is_sent_as_it_was_drawn_changes_nothing(rule_id: str) -> None:
    text = shipped_text(CATALOG, rule_id) or ""
    said = marked(text).plain()
    sendable = [each for each in controls(drawn(text)) if each.value or each.verb == "put"]
    for control in random.Random(rule_id).sample(sendable, min(30, len(sendable))):
        written = does(text, control.verb, control.at, control.value)
        assert marked(written).plain() == said, control
        assert written.count("#") == text.count("#")


@pytest.mark.parametrize("rule_id", CATALOG.shipped)
def test_every_field_and_comparison_of_a_shipped_rule_is_among_what_is_offered(
    rule_id: str,
) -> None:
    text = shipped_text(CATALOG, rule_id) or ""
    for control in controls(drawn(text)):
        if control.kind == "select" and control.value:
            assert control.value in {each.value for each in control.offers}, control


def test_each_form_is_written_from_the_other() -> None:
    text = template_text("when", LOCAL)
    for form in ("deadline", "duty", "tally", "when"):
        chooser = next(each for each in controls(drawn(text)) if each.verb == "form")
        text = does(text, "form", chooser.at, form)
        assert marked(text).at(("rules", 0, form)) is not None
        assert form == next(each for each in controls(drawn(text)) if each.verb == "form").value


def test_another_field_takes_the_comparison_with_it_only_where_it_has_to() -> None:
    text, where = template_text("when", LOCAL), '["rules", 0, "when", "where", 1'
    # From an amount to another one nothing else changes; to a text the comparison has to.
    kept = does(text, "field", f'{where}, "field"]', "amount")
    assert kept == text
    other = does(text, "field", f'{where}, "field"]', "payee")
    assert "{field: payee, op: present}" in other
    listed = does(other, "op", f'{where}, "op"]', "in")
    assert '{field: payee, op: in, value: [""]}' in listed
    back = does(listed, "op", f'{where}, "op"]', "eq")
    assert '{field: payee, op: eq, value: ""}' in back
    near = does(text, "field", f'{where}, "field"]', "spent_on")
    near = does(near, "op", f'{where}, "op"]', "within_days")
    near = does(near, "source", f'{where}, "value"]', ".reimbursed_on")
    assert "{field: spent_on, op: within_days, value: .reimbursed_on, days: 3}" in near


def test_units_ends_and_periods_are_chosen() -> None:
    text, form = template_text("deadline", LOCAL), '["rules", 0, "deadline"]'
    assert "working_days: $days" in does(text, "unit", form, "working_days")
    assert "until: end_of_year" in does(text, "unit", form, "until")
    other = does(text, "done", form, "record")
    assert "done: {fact: conflict, date: mediated_on}" in other
    assert "again: {fact: conflict, date: mediated_on}" in does(other, "done", form, "again")
    assert "done: mediated_on" in does(other, "done", form, "field")
    text, form = template_text("tally", LOCAL), '["rules", 0, "tally"]'
    window = does(text, "period", form, "within")
    assert "within: {days: 30}" in window
    assert "every" not in window
    assert "every: year" in does(window, "period", form, "year")
    most = does(text, "side", '["rules", 0, "tally", "at_least", "count"]', "more_than")
    assert "more_than: {count: $times}" in most
    assert "at_least" not in most
    total = does(text, "measure", '["rules", 0, "tally", "at_least", "count"]', "sum")
    assert "at_least: {sum: {amount: 1000}}" in total.replace('"1000"', "1000")


def test_what_is_wrong_stands_at_its_input() -> None:
    text = template_text("when", LOCAL).replace("amount, op: gte", "amuont, op: gte")
    found = read(CATALOG, LOCAL, text)
    [line] = found.problems
    number, column = map(int, re.findall(r":(\d+):(\d+):", line)[0])
    wrong = [each for each in places(drawn(text, Problem(number, column, line))) if each.problems]
    assert [each.address for each in wrong] == [("rules", 0, "when", "where", 1, "field")]


VALUES = [
    *("", "1", "0", "-5", "10.5", "2026-03-05", "08:45", "true", "甲", "a: b", "{x}", "$y", ".z"),
    *("<script>", "'", '"', "amount", "cadre", "\n", "a\nb", "🙂" * 50),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_pressed_and_chosen_the_text_can_be_read_and_drawn(
    form: str, seed: int
) -> None:
    drawn_by, text = random.Random(f"{form}{seed}"), template_text(form, LOCAL)
    for _step in range(25):
        blocks = drawn(text)
        before, pressed = text, drawn_by.random() < 0.4
        try:
            if pressed:
                button = drawn_by.choice(list(buttons(blocks)))
                text = does(text, button.verb, button.at, button.value)
            else:
                control = drawn_by.choice(controls(blocks))
                offers = [each.value for each in control.offers]
                free = control.kind != "select" or drawn_by.random() < 0.1
                value = drawn_by.choice(VALUES if free or not offers else offers)
                text = does(text, control.verb, control.at, value)
        except NoPlaceError:
            text = before
        root = marked(text)
        if root.at(("rules", 0)) is None:
            text = before
        found = read(CATALOG, LOCAL, text)
        if found.rule is not None and found.file is not None:
            failed_tests(CATALOG, found.file, decide_plainly)
    assert text != template_text(form, LOCAL)


def test_the_page_changes_the_text_and_draws_it_again(lite_app: Flask) -> None:
    admin = person(lite_app, "admin")
    filled = admin.filled("/rule-versions/new?form=when")
    sent: dict[str, str] = {**{k: str(v) for k, v in filled.items()}, "rule": LOCAL}
    sent["yaml"] = template_text("when", LOCAL)
    sent |= {"verb": "put", "at": '["rules", 0, "severity"]', "value": '"serious"'}
    answer = admin.client.post("/rule-versions/shape", data=sent).get_json()
    assert answer["yaml"] == sent["yaml"].replace("severity: minor", "severity: serious")
    assert "通过" in answer["form"]
    for verb, at, value in (
        ("nothing", "[]", '""'),
        ("put", "{", '""'),
        ("put", "[1.5]", '""'),
        ("put", '["rules", 7, "x"]', '"a"'),
        ("put", '["rules", 0, "title"]', "[1]"),
        ("put", "[" * 5000, '""'),
        ("form", '["rules", 0]', '"fifth"'),
        ("drop", "[]", '""'),
        ("append", '["rules", 0, "severity"]', '"a"'),
    ):
        sent |= {"verb": verb, "at": at, "value": value}
        refused = admin.client.post("/rule-versions/shape", data=sent)
        assert refused.status_code == 200
        assert "无法在表单中修改" in refused.get_json()["form"], verb
        assert refused.get_json()["yaml"] == sent["yaml"]
    sent |= {"yaml": "a: &b [*b]", "verb": "put", "at": "[]", "value": '""'}
    assert "先修改文本" in admin.client.post("/rule-versions/shape", data=sent).get_json()["form"]


def test_only_who_writes_rules_may_have_them_drawn(lite_app: Flask) -> None:
    for name in ("district", "keeper", "cadre"):
        somebody = person(lite_app, name)
        answer = somebody.client.post("/rule-versions/shape", data=somebody.filled("/"))
        assert answer.status_code in {302, 403}
