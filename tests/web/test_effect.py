"""The page that shows what a parameter's new value changes, before it is saved."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from plugins.discipline.models import Expense
from tests.list_parameters import catalog_with_lists
from tests.web.test_list_parameters import RULE as LISTS
from tiesan.access.installation import serve_installation
from tiesan.audit import AuditEntry
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.people.models import Cadre
from tiesan.records.services import create_record
from tiesan.records.settings import RuleParameterValue
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import ACTOR, AT, World

UNAPPROVED, SPLIT = "discipline.expense_unapproved", "discipline.expense_split"
RULE = f"/rules/{UNAPPROVED}/"
SENT = {
    "name": "threshold",
    "value": "150",
    "valid_from": "2026-01-01",
    "reason": "总工发〔2026〕3号",
}


def effect_of(admin: Person, rule: str, given: Mapping[str, object]) -> str:
    """Ask for an effect; gives the address of its page."""
    answer = admin.send(f"{rule}parameter", {**given, "effect": "1"}, form=rule)
    assert answer.status_code == 303, answer.text
    return answer.location


def stored(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        rows = db.session.execute(select(RuleParameterValue.rule, RuleParameterValue.value))
        return sorted((rule, value) for rule, value in rows)


def spend(amount: int) -> None:
    """An expense of an amount (fen), reimbursed and not approved, each at a payee of its own."""
    cadre = db.session.scalars(select(Cadre).where(Cadre.code == "CO")).one()
    days = dict.fromkeys(("requested_on", "spent_on", "reimbursed_on"), date(2026, 3, 5))
    named = {"code": f"S{amount}", "cadre": cadre, "payee": f"甲{amount}", "amount": amount}
    create_record(ACTOR, db.session(), Expense, {**named, **days}, at=AT)
    db.session.commit()


def flags(app: Flask) -> set[tuple[str, str]]:
    with app.app_context():
        return {(rule, key) for rule, key in db.session.execute(select(Flag.rule, Flag.key))}


def test_the_effect_is_seen_and_then_the_value_is_set_in_both(app: Flask, world: World) -> None:
    with app.app_context():
        spend(150_00)
        spend(149_99)
    admin = person(app, "admin")
    assert "这些规则同时修改" in admin.get(RULE).text
    address = effect_of(admin, RULE, {**SENT, "also": SPLIT})
    page = admin.get(address).text
    assert "看影响" in page
    assert "尚未保存" in page
    assert re.findall(r"<strong>(\d+)</strong>", page) == ["1", "0", "0"]
    # Each with whom it is about and its record, and the form as it was filled in.
    assert re.search(r'href="[^"]+details/\?id=\d+">陈欧 · CO</a>', page)
    assert re.search(r'href="[^"]+details/\?id=\d+">[^<]+ S15000</a>', page)
    for text in ('value="150"', 'value="2026-01-01"', "总工发〔2026〕3号", " checked "):
        assert text in page
    assert stored(app) == []
    # What was recorded may be evaluated meanwhile, by the value that is in force.
    assert (UNAPPROVED, "S15000") not in flags(app)
    answer = admin.send(f"{RULE}parameter", {**SENT, "also": SPLIT}, form=address)
    assert answer.location == RULE
    assert messages(admin.get(RULE))[0] == "参数值已设定。"
    assert stored(app) == [(SPLIT, "150"), (UNAPPROVED, "150")]
    with app.app_context():
        entries = select(func.count(AuditEntry.id)).where(AuditEntry.verb == "set parameter")
        assert db.session.scalar(entries) == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"value": "199.995"}, "199.995"),
        ({"value": ""}, "必填"),
        ({"valid_from": (today() + timedelta(days=2)).isoformat()}, "尚未到来"),
        ({"also": "discipline.late"}, "also"),
    ],
)
def test_what_is_refused_is_said_at_the_form(
    lite_app: Flask, lite_world: World, given: dict[str, object], words: str
) -> None:
    admin = person(lite_app, "admin")
    answer = admin.send(f"{RULE}parameter", {**SENT, **given, "effect": "1"}, form=RULE)
    assert answer.status_code == 200
    assert "field-error" in answer.text
    assert words in answer.text
    assert stored(lite_app) == []


def test_the_effect_of_a_list_comes_with_its_rows(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    serve_installation(lite_app, catalog_with_lists(tmp_path))
    admin = person(lite_app, "admin")
    given = {**SENT, "name": "payees", "value": ["甲", "乙；丙"]}
    page = admin.get(effect_of(admin, LISTS, given)).text
    assert ">\n甲</textarea>" in page
    assert ">\n乙；丙</textarea>" in page


def test_only_who_sets_parameters_sees_their_effect(lite_app: Flask, lite_world: World) -> None:
    address = effect_of(person(lite_app, "admin"), RULE, dict(SENT))
    for name in ("district", "keeper"):
        assert person(lite_app, name).get(address).status_code == 403
    admin = person(lite_app, "admin")
    assert admin.get(address.replace(UNAPPROVED, SPLIT)).status_code == 404
    assert admin.get(f"{RULE}effect/999999").status_code == 404
