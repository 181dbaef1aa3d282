"""Organizations, cadres, accounts and calendar exceptions, as administrators write them."""

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tiesan.audit import AuditEntry
from tiesan.calendar.working_days import officially_announced
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.people.models import Account, Cadre, Grant, Organization, Posting
from tiesan.records.settings import CalendarException
from tiesan.testing.browsing import Person, person
from tiesan.testing.world import World

ACCOUNTS = "/people/accounts"


def one(app: Flask, statement: Any) -> Any:
    """The only row of a statement."""
    with app.app_context():
        return db.session.scalars(statement).one()


def problems(answer: Any) -> list[str]:
    """What is said beside the inputs."""
    parts = answer.text.split('class="field-error" role="alert">')[1:]
    return [part.partition("<")[0] for part in parts]


# --- organizations and cadres -------------------------------------------------------------------


def organization(world: World, parent: str, **changed: object) -> dict[str, object]:
    """What the form of a new enterprise union sends."""
    return {
        "code": "E9",
        "name": "新企业工会",
        "kind": "enterprise",
        "parent": world.organizations[parent],
        "founded_on": "2026-01-01",
        **changed,
    }


def test_organizations_stand_as_a_tree(app: Flask, world: World) -> None:
    page = person(app, "admin").get("/people/organizations/").text
    names = ["甲区总工会", "东城联合会", "东城纺织工会", "西城联合会", "乙区总工会"]
    depths = [0, 1, 2, 1, 0]
    cells = [
        page.index(f'<span class="depth-{depth}">{name}')
        for depth, name in zip(depths, names, strict=True)
    ]
    assert cells == sorted(cells)


def test_an_administrator_founds_inside_their_organizations(app: Flask, world: World) -> None:
    keeper = person(app, "keeper")
    answer = keeper.send("/people/organizations/new/", organization(world, "F1"))
    assert answer.status_code == 302
    assert "新企业工会" in keeper.get(answer.location).text
    row = one(app, select(Organization).where(Organization.code == "E9"))
    assert row.district_id == world.organizations["D1"]
    outside = keeper.send("/people/organizations/new/", organization(world, "F2", code="E8"))
    assert problems(outside) == ["没有可供您选择的这一项。"]


def test_nobody_founds_a_district_beside_theirs(lite_app: Flask, lite_world: World) -> None:
    sent = {
        "code": "D9",
        "name": "丙区总工会",
        "kind": "district",
        "parent": "",
        "founded_on": "2026-01-01",
        "tracked_from": "2026-01-01",
    }
    answer = person(lite_app, "keeper").send("/people/organizations/new/", sent)
    assert answer.status_code == 200
    assert problems(answer) == ["区总工会只能由整个系统的管理员设立。"]
    stored = person(lite_app, "admin").send("/people/organizations/new/", sent)
    assert stored.status_code == 302


def test_a_cadre_moves_and_the_posting_is_kept(app: Flask, world: World) -> None:
    row = world.cadres["CO"]
    sent = {
        "name": "陈欧",
        "organization": world.organizations["E1"],
        "professional": "yes",
        "joined_on": "2010-01-01",
        "reason": "组织调整",
    }
    admin = person(app, "admin")
    page = admin.get(admin.send(f"/people/cadres/edit/?id={row}", sent).location).text
    assert "东城纺织工会" in page
    assert "任职经历" in page
    with app.app_context():
        postings = db.session.scalars(select(Posting).where(Posting.cadre_id == row)).all()
        assert len(postings) == 2


def test_a_cadre_is_not_moved_out_of_ones_reach(lite_app: Flask, lite_world: World) -> None:
    sent = {"name": "陈欧", "professional": "yes", "joined_on": "2010-01-01", "reason": "调动"}
    answer = person(lite_app, "keeper").send(
        f"/people/cadres/edit/?id={lite_world.cadres['CO']}",
        sent | {"organization": lite_world.organizations["F2"]},
    )
    assert problems(answer) == ["没有可供您选择的这一项。"]


def test_required_answers_are_asked_for(lite_app: Flask, lite_world: World) -> None:
    sent = {
        "code": "C9",
        "name": "新人",
        "organization": lite_world.organizations["F1"],
        "joined_on": "2026-01-01",
        "professional": "",
    }
    keeper = person(lite_app, "keeper")
    assert problems(keeper.send("/people/cadres/new/", sent)) == ["此项必填。"]
    stored = keeper.send("/people/cadres/new/", sent | {"professional": "no"})
    assert stored.status_code == 302
    assert one(lite_app, select(Cadre).where(Cadre.code == "C9")).professional is False


# --- accounts -----------------------------------------------------------------------------------


def test_an_account_is_made_given_a_role_and_used(app: Flask, world: World) -> None:
    keeper = person(app, "keeper")
    made = keeper.send(
        f"{ACCOUNTS}/new/",
        {"username": "bai", "cadre": world.cadres["CB"]},
    )
    details = f"{ACCOUNTS}/details/?id={one(app, select(Account).filter_by(username='bai')).id}"
    role = {"role": "cadre", "organization": world.organizations["E1"]}
    keeper.send(details, role)
    page = keeper.get(details).text
    assert "工会干部 · 东城纺织工会" in page
    link = re.search(r"/invitation/[\w-]+", keeper.get(made.location).text)
    assert link is not None
    bai = Person(app.test_client())
    bai.get(link.group())
    chosen = {"new": "足够长的一句话密码", "again": "足够长的一句话密码"}
    assert bai.send("/invitation/", chosen).status_code == 200
    chosen = dict.fromkeys(chosen, "足够长的一句话密码。")
    assert bai.send("/invitation/", chosen).location == "/login"
    assert bai.sign_in("bai", "足够长的一句话密码。").location == "/first"
    assert bai.get("/first").location == "/"
    assert "白贝" in bai.get("/").text
    grant = one(app, select(Grant).join(Account).where(Account.username == "bai"))
    keeper.send(f"{ACCOUNTS}/revoke/?id={grant.account_id}", {"grant": grant.id}, form=details)
    assert "尚未授予角色" in keeper.get(details).text


@pytest.mark.parametrize("role", ["administrator", "supervisor", "cadre"])
def test_roles_are_given_only_inside_ones_organizations(
    role: str, lite_app: Flask, lite_world: World
) -> None:
    account = lite_world.accounts["cadre"]
    address = f"{ACCOUNTS}/details/?id={account}"
    keeper = person(lite_app, "keeper")
    outside = {"role": role, "organization": lite_world.organizations["D1"]}
    assert problems(keeper.send(address, outside)) == ["没有可供您选择的这一项。"]
    everywhere = keeper.send(address, {"role": role, "organization": ""})
    assert everywhere.status_code == 403
    with lite_app.app_context():
        statement = select(Grant).where(Grant.account_id == account)
        assert len(db.session.scalars(statement).all()) == 1


def test_who_has_a_role_elsewhere_is_changed_by_those_elsewhere(
    lite_app: Flask, lite_world: World
) -> None:
    """An administrator of one federation cannot become one of the whole over its cadres."""
    with lite_app.app_context():
        admin = db.session.get(Account, lite_world.accounts["admin"])
        assert admin is not None
        admin.cadre_id = lite_world.cadres["CB"]
        db.session.commit()
    keeper = person(lite_app, "keeper")
    account = lite_world.accounts["admin"]
    details = f"{ACCOUNTS}/details/?id={account}"
    assert keeper.get(details).status_code == 200
    own = f"{ACCOUNTS}/details/?id={lite_world.accounts['cadre']}"
    for address, given in (
        (f"{ACCOUNTS}/invite/?id={account}", {}),
        (f"{ACCOUNTS}/active/?id={account}", {"active": "0"}),
        (f"{ACCOUNTS}/revoke/?id={account}", {"grant": "1"}),
        (details, {"role": "cadre", "organization": lite_world.organizations["F1"]}),
    ):
        assert keeper.send(address, given, form=own).status_code == 403


def test_who_was_moved_elsewhere_is_changed_by_those_elsewhere(
    lite_app: Flask, lite_world: World
) -> None:
    """The role that was left behind can be taken away where it was given, and no more."""
    account = lite_world.accounts["cadre"]
    with lite_app.app_context():
        cadre = db.session.get(Cadre, lite_world.cadres["CO"])
        assert cadre is not None
        cadre.organization_id = lite_world.organizations["F2"]
        db.session.commit()
    keeper = person(lite_app, "keeper")
    details = f"{ACCOUNTS}/details/?id={account}"
    assert "/people/accounts/invite/" not in keeper.get(details).text
    for address, given in (
        (f"{ACCOUNTS}/invite/?id={account}", {}),
        (f"{ACCOUNTS}/active/?id={account}", {"active": "0"}),
        (details, {"role": "cadre", "organization": lite_world.organizations["E1"]}),
    ):
        assert keeper.send(address, given, form=details).status_code == 403
    grant = one(lite_app, select(Grant).where(Grant.account_id == account))
    sent = {"grant": grant.id}
    answer = keeper.send(f"{ACCOUNTS}/revoke/?id={account}", sent, form=details)
    assert answer.status_code == 302


@pytest.mark.parametrize("page", ["invite", "active", "revoke"])
def test_an_account_out_of_sight_takes_nothing(
    page: str, lite_app: Flask, lite_world: World
) -> None:
    keeper = person(lite_app, "keeper")
    address = f"{ACCOUNTS}/{page}/?id={lite_world.accounts['committee']}"
    sent = {"active": "0", "grant": "1"}
    assert keeper.send(address, sent, form=f"{ACCOUNTS}/new/").status_code == 404


def test_a_grant_of_another_account_is_not_revoked(lite_app: Flask, lite_world: World) -> None:
    other = one(lite_app, select(Grant).join(Account).where(Account.username == "chair"))
    own = f"{ACCOUNTS}/details/?id={lite_world.accounts['cadre']}"
    answer = person(lite_app, "keeper").send(
        f"{ACCOUNTS}/revoke/?id={lite_world.accounts['cadre']}", {"grant": other.id}, form=own
    )
    assert answer.status_code == 404


def test_an_account_is_switched_off_and_on_but_not_ones_own(
    lite_app: Flask, lite_world: World
) -> None:
    keeper = person(lite_app, "keeper")
    details = f"{ACCOUNTS}/details/?id={lite_world.accounts['cadre']}"
    cadre = person(lite_app, "cadre")
    for active, reason, status in (("0", "", 200), ("0", "借调外单位", 302), ("1", "", 302)):
        keeper.send(
            f"{ACCOUNTS}/active/?id={lite_world.accounts['cadre']}",
            {"active": active, "reason": reason},
            form=details,
        )
        assert cadre.get("/").status_code == status
    # Who was switched off signs in anew: no session of theirs lives on.
    assert Person(lite_app.test_client()).sign_in("cadre").status_code == 302
    entry = one(lite_app, select(AuditEntry).where(AuditEntry.verb == "deactivate account"))
    assert entry.details == {"reason": "借调外单位"}
    own = f"{ACCOUNTS}/active/?id={lite_world.accounts['keeper']}"
    keeper.send(own, {"active": "0", "reason": "试一试"}, form=details)
    assert keeper.get("/").status_code == 200


# --- calendar -----------------------------------------------------------------------------------


def test_calendar_exceptions_are_written_by_who_administers_everything(
    app: Flask, world: World
) -> None:
    admin = person(app, "admin")
    stored = admin.send("/calendar/new/", {"day": "2026-10-10", "kind": "working", "name": "调休"})
    assert "2026年10月10日" in admin.get(stored.location).text
    twice = admin.send("/calendar/new/", {"day": "2026-10-10", "kind": "off"})
    assert problems(twice) == ["已有相同的记录。"]
    row = one(app, select(CalendarException).where(CalendarException.name == "调休").where(
        CalendarException.day == date(2026, 10, 10)))  # fmt: skip
    change = {"day": "2026-10-11", "kind": "off", "name": ""}
    assert problems(admin.send(f"/calendar/edit/?id={row.id}", change)) == [
        "所改内容是规则判断的依据，请写明更正理由。"
    ]
    edited = admin.send(f"/calendar/edit/?id={row.id}", {**change, "reason": "通知有变"})
    assert edited.status_code == 302
    changes = select(AuditEntry).where(AuditEntry.verb == "set calendar exception")
    assert one(app, changes.order_by(AuditEntry.id.desc()).limit(1)).details["reason"] == "通知有变"
    details = f"/calendar/details/?id={row.id}"
    for reason, status in ((" ", 200), ("通知已撤销", 404)):
        admin.send(f"/calendar/remove/?id={row.id}", {"reason": reason}, form=details)
        assert admin.get(details).status_code == status
    removed = select(AuditEntry).where(AuditEntry.verb == "remove calendar exception")
    assert one(app, removed).details["reason"] == "通知已撤销"


@pytest.mark.parametrize("name", ["keeper", "district", "cadre"])
def test_nobody_else_writes_the_calendar(name: str, lite_app: Flask, lite_world: World) -> None:
    somebody = person(lite_app, name)
    day = {"day": "2026-10-10", "kind": "off"}
    assert somebody.send("/calendar/new/", day, form="/").status_code == 403
    assert somebody.send("/calendar/edit/?id=1", day, form="/").status_code == 403
    assert somebody.send("/calendar/remove/?id=1", form="/").status_code == 403


def test_the_calendar_says_of_which_years_the_make_up_days_are_known(
    lite_app: Flask, lite_world: World
) -> None:
    assert lite_world.records
    page = person(lite_app, "cadre").get("/calendar/").text
    for year in (today().year, today().year + 1):
        known = (
            "法定节假日和调休上班日已内置" if officially_announced(year) else "本版本尚无调休安排"
        )
        assert f"{year}年：{known}" in page
