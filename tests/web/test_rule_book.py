"""The pages of the rule book: written, read while one types, tried, published, held, taken back."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from tests.flags.published import LOCAL, UNAPPROVED
from tests.rulebook.texts import with_tests
from tiesan.admin.rules.templates_of import EXAMPLES, FORMS, example_text, template_text
from tiesan.clock import now, today
from tiesan.extensions import db
from tiesan.flags.catalog import installed_catalog, read_catalog
from tiesan.flags.halts import RuleHalt
from tiesan.flags.versions import RuleVersion
from tiesan.people.models import Organization
from tiesan.rulebook.checking import failed_tests, read
from tiesan.rulebook.texts import shipped_text
from tiesan.rules import decide_plainly
from tiesan.testing.browsing import Person, messages, person

NEW = "/rule-versions/new"
_SEEN = re.compile(r'name="(seen_\w+)" value="([^"]*)"')


def seen(page: str) -> dict[str, str]:
    """What a page says its viewer has seen of a version."""
    return dict(_SEEN.findall(page))


def written(admin: Person, text: str | None = None, rule: str = LOCAL) -> str:
    """Store a draft; gives its address."""
    given = {"rule": rule, "yaml": text or with_tests(rule)}
    answer = admin.send(NEW, given, form=f"{NEW}?rule={rule}")
    assert answer.status_code == 303, answer.text
    return answer.location


def does(admin: Person, address: str, verb: str, **given: str) -> str:
    """Carry out a verb as its page offers it; gives the page afterwards."""
    page = admin.get(address).text
    answer = admin.send(f"{address}/{verb}", {**seen(page), **given}, form=address)
    assert answer.status_code == 303, messages(answer)
    return admin.get(answer.location).text


@pytest.mark.parametrize("form", FORMS)
def test_what_one_starts_from_is_sound(form: str) -> None:
    text, catalog = template_text(form, LOCAL), installed_catalog()
    found = read(catalog, LOCAL, text)
    assert found.problems == ()
    assert found.file is not None
    assert failed_tests(catalog, found.file, decide_plainly) == []
    assert {bool(each.flags) for each in found.file.scenarios} == {True, False}


def test_a_new_rule_begins_without_errors_and_with_an_id_of_its_own(lite_app: Flask) -> None:
    admin = person(lite_app, "admin")
    for form in FORMS:
        page = admin.get(f"{NEW}?form={form}").text
        assert 'value="discipline.local_new1"' in page
        assert "处错误" not in page
    first = "discipline.local_new1"
    written(admin, rule=first)
    page = admin.get(NEW).text
    assert 'value="discipline.local_new2"' in page
    assert "处错误" not in page


@pytest.mark.parametrize("example", [each for found in EXAMPLES.values() for each in found])
def test_a_rule_that_is_worked_out_is_one_to_start_from(example: str) -> None:
    catalog = installed_catalog()
    rule_id = f"{example.partition('.')[0]}.local_new1"
    text = example_text(shipped_text(catalog, example) or "", rule_id)
    found = read(catalog, rule_id, text)
    assert found.problems == ()
    assert found.file is not None
    assert failed_tests(catalog, found.file, decide_plainly) == []


def test_the_editor_starts_from_what_it_is_asked_for(lite_app: Flask) -> None:
    admin = person(lite_app, "admin")
    page = admin.get(f"{NEW}?like=study.attendance_low").text
    assert 'value="study.local_new1"' in page
    assert "联合会当季学习会出勤率偏低" in page
    assert "处错误" not in page
    assert all(f"like={each}" in page for found in EXAMPLES.values() for each in found)


def test_a_rule_is_written_tried_published_and_taken_back(lite_app: Flask) -> None:
    admin = person(lite_app, "admin")
    assert "起草规则" in admin.get("/rules/").text
    address = written(admin)
    page = admin.get(address).text
    assert "金额" in page
    assert "尚未查看按近一年记录试算的结果" in page
    assert LOCAL in admin.get("/rules/").text
    admin.send(f"{address}/trial", form=address)
    with lite_app.app_context():
        row = db.session.scalars(select(RuleVersion)).one()
        assert (row.tried_digest, row.tried is None) == (row.digest, False)
    page = does(admin, address, "check")
    assert "没有其他全局管理员" in page
    page = does(admin, address, "publish", since=today().isoformat(), confirmed="1")
    assert "已发布" in page
    # The next request judges by it, and the book has it.
    shown = admin.get(f"/rules/{LOCAL}/").text
    assert "现行" in shown
    assert "大额开支" in admin.get("/rules/?search=大额开支").text
    assert LOCAL not in admin.get("/rules/?search=没有这样的规则").text
    back = f"{address}/take_back"
    given = {**seen(admin.get(back).text), "earlier": "nothing", "text": "停用"}
    assert admin.send(back, given).status_code == 303
    with lite_app.app_context():
        found = read_catalog(db.session(), today()).rules[LOCAL]
        assert (found.number, found.enabled) == (2, False)


def test_what_is_wrong_is_told_all_at_once_with_its_lines_while_one_types(
    lite_app: Flask,
) -> None:
    admin = person(lite_app, "admin")
    text = with_tests().replace("amount, op", "amuont, op").replace("minor", "<script>")
    token = admin.filled(f"{NEW}?rule={LOCAL}")
    said = {**token, "rule": LOCAL, "yaml": text}
    html = admin.client.post("/rule-versions/read", data=said).get_json()["html"]
    lines = [int(each) for each in re.findall(r'data-line="(\d+)"', html)]
    places = [n for n, line in enumerate(text.splitlines(), 1) if "amuont" in line or "<sc" in line]
    assert lines == places
    assert "&lt;script&gt;" in html
    assert "<script>" not in html
    # Saved all the same, and never published.
    assert "amuont" in admin.get(written(admin, text)).text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: &a [*a]",
        "!!python/object:os.system {}",
        "[" * 5_000,
        "plugin: discipline\nrules: " + "[" * 50 + "]" * 50,
        "\x00",
        with_tests().replace("where:", "where: [" + "{any: [" * 100 + "]}" * 100 + "]\n      x:"),
        with_tests() + "#" * 100_001,
        with_tests().replace(
            "        - {field: amount", "        - {field: amount, op: gte, value: 1}\n" * 2_000
            + "        - {field: amount",
        ),
    ],
    ids=["blank", "alias", "tag", "brackets", "deep", "null", "nested", "long", "many"],
)  # fmt: skip
def test_hostile_texts_are_refused_with_a_message_or_work(lite_app: Flask, text: str) -> None:
    admin = person(lite_app, "admin")
    hidden = admin.filled(f"{NEW}?rule={LOCAL}")
    given = {**hidden, "rule": LOCAL, "yaml": text}
    assert admin.client.post("/rule-versions/read", data=given).status_code == 200
    answer = admin.client.post(NEW, data=given)
    assert answer.status_code in {303, 422}
    if answer.status_code == 422:
        assert messages(answer)


def test_the_second_of_two_sees_what_the_first_has_stored(lite_app: Flask) -> None:
    admin = person(lite_app, "admin")
    address = written(admin)
    old = seen(admin.get(f"{address}/text").text)
    first = {**old, "yaml": with_tests(LOCAL, 300)}
    assert admin.send(f"{address}/edit", first, form=f"{address}/text").status_code == 303
    second = {**old, "yaml": with_tests(LOCAL, 400)}
    answer = admin.send(f"{address}/edit", second, form=f"{address}/text")
    assert answer.status_code == 409
    assert "其间他人已修改文本" in answer.text
    assert "value: 300" in answer.text
    assert "value: 400" in answer.text
    again = {**seen(answer.text), "yaml": with_tests(LOCAL, 400)}
    assert admin.send(f"{address}/edit", again, form=f"{address}/text").status_code == 303


def test_nobody_else_opens_any_of_it(lite_app: Flask) -> None:
    address = written(person(lite_app, "admin"))
    for name in ("district", "keeper", "cadre"):
        somebody = person(lite_app, name)
        for each in (address, f"{address}/text", NEW):
            assert somebody.get(each).status_code in {403, 404}, (name, each)
        assert "起草" not in somebody.get(f"/rules/{UNAPPROVED}/").text


def test_a_held_rule_is_let_go_on_its_page(lite_app: Flask) -> None:
    with lite_app.app_context():
        district = select(Organization.id).where(Organization.kind == "district").limit(1)
        halt = RuleHalt(
            district_id=db.session.scalars(district).one(),
            rule=UNAPPROVED,
            kind="held",
            fingerprint="x",
            since=now(),
            subjects=12,
            among=20,
            flags=[],
        )
        db.session.add(halt)
        db.session.commit()
        halt_id = halt.id
    admin, address = person(lite_app, "admin"), f"/rules/{UNAPPROVED}/"
    page = admin.get(address).text
    assert "20个对象中的12个" in page
    assert "暂缓执行" in admin.get("/rules/").text
    admin.send(f"/rule-versions/halts/{halt_id}", form=address)
    assert "20个对象中的12个" not in admin.get(address).text
    assert "暂缓执行" not in person(lite_app, "district").get(address).text
