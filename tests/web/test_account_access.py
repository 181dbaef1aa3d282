"""An account is managed by who administers every place that it gives access to."""

from flask import Flask

from tiesan.extensions import db
from tiesan.people.models import Organization
from tiesan.testing.browsing import Person, person
from tiesan.testing.world import World


def chairs(app: Flask, world: World, organization: str, cadre: str) -> None:
    with app.app_context():
        place = db.session.get(Organization, world.organizations[organization])
        assert place is not None
        place.chair_id = world.cadres[cadre]
        db.session.commit()


def takes(somebody: Person, world: World, name: str) -> list[int]:
    """What is answered to taking an account over, by every way."""
    details = f"/people/accounts/details/?id={world.accounts[name]}"
    ways: tuple[tuple[str, dict[str, object]], ...] = (
        ("invite", {}),
        ("active", {"active": "0"}),
        ("revoke", {"grant": "1"}),
        ("details", {"role": "supervisor", "organization": world.organizations["F1"]}),
    )
    return [
        somebody.send(
            f"/people/accounts/{way}/?id={world.accounts[name]}", sent, form=details
        ).status_code
        if somebody.get(details).status_code == 200
        else 404
        for way, sent in ways
    ]


def test_the_account_of_the_district_s_chair_is_not_taken_where_the_chair_is_posted(
    app: Flask, world: World
) -> None:
    """Although every role of the account, and the posting, are the administrator's."""
    chairs(app, world, "D1", "CO")
    keeper = person(app, "keeper")
    assert takes(keeper, world, "cadre") == [403, 403, 403, 403]
    page = keeper.get(f"/people/accounts/details/?id={world.accounts['cadre']}").text
    assert "生成重设密码链接" not in page
    # Of who chairs nothing but what is the administrator's it is managed as before.
    page = keeper.get(f"/people/accounts/details/?id={world.accounts['chair']}").text
    assert "生成重设密码链接" in page


def test_nobody_makes_an_account_for_the_chair_of_what_they_do_not_administer(
    lite_app: Flask, lite_world: World
) -> None:
    chairs(lite_app, lite_world, "D1", "CB")
    sent = {"username": "taken", "cadre": lite_world.cadres["CB"]}
    answer = person(lite_app, "keeper").send("/people/accounts/new/", sent)
    assert answer.status_code == 200
    assert "没有可供您选择的这一项。" in answer.text
    chairs(lite_app, lite_world, "D1", "CP")
    answer = person(lite_app, "keeper").send("/people/accounts/new/", sent)
    assert answer.location == "/people/accounts/link/"
