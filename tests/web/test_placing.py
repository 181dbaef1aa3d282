"""Nothing leaves a district, or the reach of who edits it, by an edit."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tiesan.extensions import db
from tiesan.people.models import Account, Cadre, Organization, RoleName
from tiesan.people.services import grant_role
from tiesan.testing.browsing import messages, person
from tiesan.testing.world import ACTOR, AT, World


def edited(app: Flask, world: World, editor: str, code: str, **changed: object) -> Any:
    """What is answered to somebody who edits an organization."""
    with app.app_context():
        row = db.session.get(Organization, world.organizations[code])
        assert row is not None
        sent: dict[str, object] = {
            "name": row.name,
            "kind": row.kind,
            "parent": row.parent_id or "",
            "founded_on": "2000-01-01",
            "tracked_from": row.tracked_from or "",
            "chair": row.chair_id or "",
            "reason": "组织调整",
        }
    address = f"/people/organizations/edit/?id={world.organizations[code]}"
    return person(app, editor).send(address, sent | changed)


def placed(app: Flask, code: str) -> tuple[str, str | None, str]:
    """Of which kind an organization is, what stands above it, and its district."""
    with app.app_context():
        row = db.session.scalars(select(Organization).where(Organization.code == code)).one()
        assert row.district is not None
        return row.kind, None if row.parent is None else row.parent.code, row.district.code


def administers(app: Flask, world: World, name: str, *places: str) -> None:
    with app.app_context():
        account = db.session.get(Account, world.accounts[name])
        assert account is not None
        for place in places:
            row = db.session.get(Organization, world.organizations[place])
            grant_role(ACTOR, db.session(), account, RoleName.ADMINISTRATOR, row, at=AT)
        db.session.commit()


@pytest.mark.parametrize("name", ["keeper", "admin"])
def test_a_federation_does_not_leave_its_district(name: str, app: Flask, world: World) -> None:
    seceding = {"kind": "district", "parent": "", "tracked_from": "2026-03-31"}
    answer = edited(app, world, name, "F1", **seceding)
    assert answer.status_code == 200
    assert "field-error" in answer.text
    assert placed(app, "F1") == ("federation", "D1", "D1")
    assert placed(app, "E1") == ("enterprise", "F1", "D1")


def test_no_district_is_put_below_another(lite_app: Flask, lite_world: World) -> None:
    joining = {"kind": "federation", "parent": lite_world.organizations["D1"], "tracked_from": ""}
    answer = edited(lite_app, lite_world, "admin", "D2", **joining)
    assert "区总工会也不能改为其他组织" in answer.text
    assert placed(lite_app, "D2") == ("district", None, "D2")


def test_moving_needs_the_old_and_the_new_place(lite_app: Flask, lite_world: World) -> None:
    world = lite_world
    # Of the place itself and of the new one, but not of that which loses it.
    administers(lite_app, world, "nobody", "E1", "F2")
    there = {"parent": world.organizations["F2"]}
    answer = edited(lite_app, world, "nobody", "E1", **there)
    assert "须同时管理原上级组织和新上级组织，方可更改" in answer.text
    assert placed(lite_app, "E1") == ("enterprise", "F1", "D1")
    # What stays where it is can be edited, although what is above is not the editor's.
    assert edited(lite_app, world, "nobody", "E1", name="改名工会").status_code == 302
    administers(lite_app, world, "nobody", "F1")
    assert edited(lite_app, world, "nobody", "E1", **there).status_code == 302
    assert placed(lite_app, "E1") == ("enterprise", "F2", "D1")


def test_a_federation_is_not_moved_into_another_district_of_the_editor(
    lite_app: Flask, lite_world: World
) -> None:
    administers(lite_app, lite_world, "keeper", "D2")
    answer = edited(lite_app, lite_world, "keeper", "F1", parent=lite_world.organizations["D2"])
    assert answer.status_code == 200
    assert placed(lite_app, "F1") == ("federation", "D1", "D1")


def test_a_district_s_administrator_founds_no_other_one(lite_app: Flask, lite_world: World) -> None:
    administers(lite_app, lite_world, "nobody", "D1")
    sent = {"code": "D9", "name": "丙区", "kind": "district", "founded_on": "2026-01-01"}
    new = "/people/organizations/new/"
    answer = person(lite_app, "nobody").send(new, sent | {"tracked_from": "2026-01-01"})
    assert "区总工会只能由整个系统的管理员设立" in answer.text


def test_a_cadre_is_moved_by_who_administers_both_places(
    lite_app: Flask, lite_world: World
) -> None:
    administers(lite_app, lite_world, "nobody", "E1", "F2")
    sent = {"name": "白贝", "professional": "yes", "joined_on": "2010-01-01", "reason": "调动"}
    address = f"/people/cadres/edit/?id={lite_world.cadres['CB']}"
    there = sent | {"organization": lite_world.organizations["F2"]}
    assert person(lite_app, "keeper").send(address, there).status_code == 200
    assert person(lite_app, "nobody").send(address, there).status_code == 302
    with lite_app.app_context():
        cadre = db.session.get(Cadre, lite_world.cadres["CB"])
        assert cadre is not None
        assert cadre.organization.code == "F2"


def test_what_is_refused_is_said(lite_app: Flask, lite_world: World) -> None:
    answer = edited(lite_app, lite_world, "admin", "F1", kind="district", parent="",
                    tracked_from="2026-03-31")  # fmt: skip
    assert "尚未保存，请检查标出的项目。 组织类型" in messages(answer)
    assert "已有组织不能通过修改变为区总工会" in answer.text
