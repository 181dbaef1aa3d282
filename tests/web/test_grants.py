"""Nobody changes their own roles, and who looks after a place is told of every change."""

from flask import Flask
from sqlalchemy import select

from tiesan.extensions import db
from tiesan.people.models import Account, Cadre, Grant, Organization, RoleName
from tiesan.people.services import grant_role
from tiesan.testing.browsing import messages, person
from tiesan.testing.world import ACTOR, AT, World

ACCOUNTS = "/people/accounts"


def details(world: World, name: str) -> str:
    return f"{ACCOUNTS}/details/?id={world.accounts[name]}"


def grants(app: Flask, name: str) -> dict[str, int]:
    """The roles of an account, with the ids of the grants."""
    with app.app_context():
        found = db.session.scalars(select(Grant).join(Account).where(Account.username == name))
        return {each.role.name: each.id for each in found}


def test_an_administrator_gives_themself_nothing(app: Flask, world: World) -> None:
    for name in ("keeper", "admin"):
        administrator = person(app, name)
        page = administrator.get(details(world, name)).text
        assert "授予角色" not in page
        assert f"{ACCOUNTS}/revoke/" not in page
        # A form that is made by hand.
        for place in ("F1", "D1"):
            sent = {"role": "supervisor", "organization": world.organizations[place]}
            answer = administrator.send(details(world, name), sent)
            assert answer.status_code in {200, 403}
        grant = {"grant": grants(app, name)["administrator"]}
        revoke = f"{ACCOUNTS}/revoke/?id={world.accounts[name]}"
        assert administrator.send(revoke, grant, form="/").status_code == 403
        assert list(grants(app, name)) == ["administrator"]


def told(app: Flask, name: str) -> str:
    """What somebody's home tells them."""
    page = person(app, name).get("/").text
    return page.partition("告知事项</h2>")[2].partition("</section>")[0]


def test_a_role_is_told_to_who_looks_after_the_place(app: Flask, world: World) -> None:
    admin = person(app, "admin")
    sent = {"role": "supervisor", "organization": world.organizations["E1"]}
    assert admin.send(details(world, "nobody"), sent).status_code == 302
    given = "admin授予nobody“督查领导”角色（东城纺织工会）。"
    for name in ("supervisor", "district", "committee", "nobody"):
        assert given in told(app, name)
    for name in ("admin", "keeper", "cadre", "chair"):
        assert told(app, name) == ""
    revoke = f"{ACCOUNTS}/revoke/?id={world.accounts['nobody']}"
    grant = {"grant": grants(app, "nobody")["supervisor"]}
    assert admin.send(revoke, grant, form=details(world, "nobody")).status_code == 302
    taken = "admin收回nobody的“督查领导”角色（东城纺织工会）。"
    for name in ("supervisor", "district", "committee"):
        assert taken in told(app, name)
    somebody = person(app, "supervisor")
    somebody.client.post("/language", data=somebody.filled("/") | {"language": "en"})
    assert "admin gave nobody the role “Supervisor” (东城纺织工会)." in somebody.get("/").text


def test_a_role_that_holds_everywhere_is_told_in_every_district(
    lite_app: Flask, lite_world: World
) -> None:
    with lite_app.app_context():
        account = db.session.get(Account, lite_world.accounts["chair"])
        place = db.session.get(Organization, lite_world.organizations["D2"])
        assert account is not None
        grant_role(ACTOR, db.session(), account, RoleName.SUPERVISOR, place, at=AT)
        db.session.commit()
    sent = {"role": "administrator", "organization": ""}
    admin = person(lite_app, "admin")
    assert admin.send(details(lite_world, "nobody"), sent).status_code == 302
    for name in ("district", "committee", "chair"):
        assert "“管理员”角色（全部组织）" in told(lite_app, name)
    # Who supervises one federation only has no district in their hands.
    assert "管理员" not in told(lite_app, "supervisor")


def test_the_last_administrator_is_not_taken_away_on_a_page(
    lite_app: Flask, lite_world: World
) -> None:
    with lite_app.app_context():
        account = db.session.get(Account, lite_world.accounts["admin"])
        assert account is not None
        account.cadre_id = lite_world.cadres["CS"]
        db.session.commit()
    admin = person(lite_app, "admin")
    sent = {"name": "石诗", "organization": lite_world.organizations["F2"], "professional": "yes"}
    sent |= {"joined_on": "2010-01-01", "left_on": "2026-03-20", "reason": "离职"}
    address = f"/people/cadres/edit/?id={lite_world.cadres['CS']}"
    answer = admin.send(address, sent)
    assert answer.status_code == 200
    assert "这是整个系统的最后一名管理员，请先授予他人该角色。" in messages(answer)
    with lite_app.app_context():
        cadre = db.session.get(Cadre, lite_world.cadres["CS"])
        assert cadre is not None
        assert cadre.left_on is None
