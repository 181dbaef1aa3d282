"""The bell and the page of notifications, what is read and unread, choices, hours, rules."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tiesan.audit import Actor, AuditEntry
from tiesan.clock import now
from tiesan.courses.telling import REQUEST_WAITS, SECRET
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.flags.telling import FLAG_RAISED
from tiesan.notifications.choices import choices_of, hours_of, language_for
from tiesan.notifications.rule_days import days_set
from tiesan.people.models import Account, Organization, RoleName
from tiesan.people.notifications import Leaves, Notification, tell
from tiesan.people.passwords import hash_password
from tiesan.people.services import (
    NEW_DEVICE,
    PASSWORD_SET,
    ROLE_GRANTED,
    ROLE_REVOKED,
    grant_role,
    revoke_role,
    set_password,
)
from tiesan.reviews.waiting import ANSWER_WAITS
from tiesan.testing.browsing import Person, messages, person
from tiesan.testing.world import World

PAGE = "/notifications/"


def told(app: Flask, world: World, who: str, kind: str = PASSWORD_SET, **given: Any) -> list[int]:
    """Tell somebody of something; gives the ids of all that they were told."""
    details = {"by": "某某", **given.pop("details", {})}
    with app.app_context():
        account = world.accounts[who]
        at = given.pop("at", now() - timedelta(minutes=5))
        tell(db.session(), [account], kind, details, at=at, **given)
        db.session.commit()
        mine = select(Notification.id).where(Notification.account_id == account)
        return list(db.session.scalars(mine.order_by(Notification.id)))


def bell(somebody: Person, address: str = "/") -> str:
    """The number at the bell; blank where there is none."""
    found = re.search(r'class="bell-number"[^>]*>([^<]+)<', somebody.get(address).text)
    return found.group(1) if found else ""


def lines(somebody: Person, query: str = "") -> list[str]:
    """The sentences of the page."""
    text = somebody.get(f"{PAGE}{query}").text
    found = re.findall(r'class="told-text">(.*?)</span>\s*<span class="told-sub"', text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in found]


def test_what_one_was_told_is_listed_counted_opened_and_read(app: Flask, world: World) -> None:
    flag = world_flag(app, world)
    told(app, world, "cadre")
    *_others, last = told(
        app,
        world,
        "cadre",
        FLAG_RAISED,
        details={"rule": "discipline.late", "day": "2026-03-20"},
        about=("flag", flag),
    )
    told(app, world, "chair")
    cadre = person(app, "cadre")
    before = len(lines(cadre))
    assert int(bell(cadre)) == before >= 2
    assert "迟到" in lines(cadre)[0]
    assert lines(cadre)[0].startswith("未读")
    answer = cadre.send(f"{PAGE}{last}/open", {}, form=PAGE)
    assert (answer.status_code, answer.location) == (303, f"/flags/{flag}")
    assert int(bell(cadre)) == before - 1
    assert not lines(cadre)[0].startswith("未读")
    assert len(lines(cadre, "?unread=1")) == before - 1
    # What is somebody else's is not there, and looking marks nothing.
    assert person(app, "chair").send(f"{PAGE}{last}/open", {}, form=PAGE).status_code == 404
    assert cadre.get(f"{PAGE}{last}/open").status_code == 405


def world_flag(app: Flask, world: World) -> int:
    """A flag on the cadre, whom it concerns."""
    with app.app_context():
        flag = Flag(
            rule="discipline.late", severity="minor", cadre_id=world.cadres["CO"], key="K1",
            episode=1, district_id=world.organizations["D1"], occurred_on=now().date(),
            message_zh="迟到", message_en="late", active=True, raised_at=now(),
            raised_as_of=now().date(), known_as_of=now().date(), revision=1,
            evidence_digest="0", rule_digest="0",
        )  # fmt: skip
        db.session.add(flag)
        db.session.commit()
        return flag.id


def test_what_one_may_not_see_any_more_is_not_there(app: Flask, world: World) -> None:
    flag = world_flag(app, world)
    details = {"course": "flag", "verb": "explain", "code": "discipline.late K1"}
    [*_others, last] = told(
        app, world, "supervisor", ANSWER_WAITS, details=details, about=("flag", flag)
    )
    supervisor = person(app, "supervisor")
    number = int(bell(supervisor))
    assert "迟到" in lines(supervisor)[0]
    with app.app_context():
        account = db.session.get_one(Account, world.accounts["supervisor"])
        revoke_role(Actor(None, "tester"), db.session(), account.grants[0], at=now())
        db.session.commit()
    # Of what was about others nothing is left, of the own role it is told.
    assert not [each for each in lines(supervisor) if "迟到" in each]
    assert int(bell(supervisor)) <= number
    assert supervisor.send(f"{PAGE}{last}/open", {}, form=PAGE).status_code == 404


def test_all_is_read_at_once_and_that_is_undone(app: Flask, world: World) -> None:
    for _time in range(3):
        told(app, world, "cadre")
    cadre = person(app, "cadre")
    number = bell(cadre)
    answer = cadre.send(f"{PAGE}read", {}, form=PAGE)
    page = cadre.get(answer.location)
    assert messages(page) == [f"{number}条消息已标为已读。"]
    assert bell(cadre) == ""
    [moment] = re.findall(r'name="at" value="([^"]+)"', page.text)
    undone = cadre.send(f"{PAGE}unread", {"at": moment}, form=answer.location)
    assert undone.status_code == 303
    assert bell(cadre) == number
    for wrong in ("", "yesterday", "2026-03-01T10:00:00"):
        assert cadre.send(f"{PAGE}unread", {"at": wrong}, form=PAGE).status_code == 404
    with app.app_context():
        verbs = select(AuditEntry.verb).where(AuditEntry.object_kind == "notification")
        assert list(db.session.scalars(verbs.order_by(AuditEntry.id))) == ["read", "unread"]


def test_the_list_is_narrowed_by_kind_and_span_and_goes_on(
    lite_app: Flask, lite_world: World
) -> None:
    long_ago = now() - timedelta(days=60)
    for _time in range(60):
        told(lite_app, lite_world, "cadre", NEW_DEVICE, at=long_ago)
    told(lite_app, lite_world, "cadre", PASSWORD_SET)
    cadre = person(lite_app, "cadre")
    assert len(lines(cadre)) == 50
    assert len(lines(cadre, f"?kind={PASSWORD_SET}")) == 1
    assert len(lines(cadre, "?span=month&kind=new+device")) == 0
    assert len(lines(cadre, "?kind=no+such&span=x&before=-1")) == 50
    [older] = re.findall(r'href="([^"]+)" rel="next"', cadre.get(f"{PAGE}?kind=new+device").text)
    assert len(lines(cadre, "?" + older.partition("?")[2].replace("&amp;", "&"))) == 10


def test_of_what_is_confidential_only_that_it_is_there_is_said(
    lite_app: Flask, lite_world: World
) -> None:
    details = {"course": "flag", "verb": "appeal", SECRET: True}
    about = ("organization", lite_world.organizations["D1"])
    told(lite_app, lite_world, "committee", ANSWER_WAITS, details=details, about=about)
    assert lines(person(lite_app, "committee"))[0] == "未读 有一件保密事项，请您查看。"


def test_there_is_no_bell_for_who_was_told_nothing(lite_app: Flask, lite_world: World) -> None:
    nobody = person(lite_app, "nobody")
    assert bell(nobody) == ""
    assert "暂无消息" in nobody.get(PAGE).text


# --- choices --------------------------------------------------------------------------------------


def test_choices_are_kept(app: Flask, world: World) -> None:
    cadre, address = person(app, "cadre"), f"{PAGE}choices"
    form = {f"way-{FLAG_RAISED}": "here", f"way-{REQUEST_WAITS}": "now", "language": "en"}
    assert cadre.send(address, form).status_code == 303
    with app.app_context():
        account = world.accounts["cadre"]
        chosen = choices_of(db.session(), account)
        assert (chosen[FLAG_RAISED], chosen[REQUEST_WAITS]) == (Leaves.HERE, Leaves.NOW)
        assert language_for(db.session(), account) == "en"
    text = cadre.get(address).text
    assert re.search(rf'name="way-{FLAG_RAISED}" value="here" checked', text)
    # How the installation runs is none of a cadre's business.
    assert "系统运行" not in text
    assert "系统运行" in person(app, "admin").get(address).text
    answer = cadre.send(address, {f"way-{FLAG_RAISED}": "pigeon", "language": "en"})
    assert (answer.status_code, messages(answer)) == (200, ["没有这种方式。"])
    answer = cadre.send(address, {"language": "fr"})
    assert messages(answer) == ["没有这种语言。"]


def test_hours_are_set_by_who_administers_everything(lite_app: Flask, lite_world: World) -> None:
    form = {"first": "08:00", "last": "18:30", "most": "3"}
    for who in ("cadre", "supervisor", "keeper"):
        sent = person(lite_app, who).send(f"{PAGE}hours", form, form=f"{PAGE}choices")
        assert sent.status_code == 403
    admin = person(lite_app, "admin")
    assert admin.send(f"{PAGE}hours", form, form=f"{PAGE}choices").status_code == 303
    with lite_app.app_context():
        assert hours_of(db.session()).most == 3
    for wrong in ({"first": "19:00"}, {"last": "soon"}, {"most": "many"}, {"most": "101"}):
        admin.send(f"{PAGE}hours", {**form, **wrong}, form=f"{PAGE}choices")
    with lite_app.app_context():
        assert hours_of(db.session()).first.hour == 8


def test_on_the_page_of_a_rule_it_is_set_how_early_it_is_told(
    lite_app: Flask, lite_world: World
) -> None:
    rule = "/rules/study.session_missed/"
    admin = person(lite_app, "admin")
    assert "3个工作日" in admin.get(rule).text
    assert "told-days" not in person(lite_app, "cadre").get(rule).text
    assert admin.send(f"{rule}reminder", {"days": "5"}, form=rule).status_code == 303
    for wrong in ("", "x", "31", "-1"):
        admin.send(f"{rule}reminder", {"days": wrong}, form=rule)
    with lite_app.app_context():
        assert days_set(db.session()) == {"study.session_missed": 5}
    for who, address in (("cadre", rule), ("keeper", rule), ("admin", "/rules/discipline.late/")):
        sent = person(lite_app, who).send(f"{address}reminder", {"days": "5"}, form=address)
        assert sent.status_code == 403


# --- accounts -------------------------------------------------------------------------------------


def kinds(app: Flask, account_id: int) -> list[str]:
    """What an account was told, the oldest first."""
    with app.app_context():
        mine = select(Notification.kind).where(Notification.account_id == account_id)
        return list(db.session.scalars(mine.order_by(Notification.id)))


def test_another_password_is_told_unless_one_gave_it_oneself(app: Flask, world: World) -> None:
    account_id = world.accounts["cadre"]
    before = len(kinds(app, account_id))
    for by in (account_id, world.accounts["admin"]):
        with app.app_context():
            account = db.session.get_one(Account, account_id)
            hashed = hash_password("another long password")
            set_password(Actor(by, "x"), db.session(), account, hashed, at=now())
            db.session.commit()
    assert kinds(app, account_id)[before:] == [PASSWORD_SET]


def test_a_role_is_told_to_the_person_and_to_who_looks_after_the_place(
    app: Flask, world: World
) -> None:
    names = ("cadre", "supervisor", "district", "committee", "chair")
    before = {name: len(kinds(app, world.accounts[name])) for name in names}
    with app.app_context():
        session = db.session()
        account = session.get_one(Account, world.accounts["cadre"])
        place = session.get_one(Organization, world.organizations["F1"])
        actor = Actor(world.accounts["admin"], "admin")
        grant = grant_role(actor, session, account, RoleName.SUPERVISOR, place, at=now())
        revoke_role(actor, session, grant, at=now())
        session.commit()
    new = {name: kinds(app, world.accounts[name])[before[name] :] for name in names}
    both = [ROLE_GRANTED, ROLE_REVOKED]
    told_both = dict.fromkeys(("cadre", "supervisor", "district", "committee"), both)
    assert new == {**told_both, "chair": []}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_new_device_is_told_but_not_the_first(app: Flask, world: World, backend: str) -> None:
    account_id = world.accounts["cadre"]
    first, second = Person(app.test_client()), Person(app.test_client())
    assert first.sign_in("cadre").status_code == 302
    assert NEW_DEVICE not in kinds(app, account_id)
    first.client.delete_cookie("tiesan_session")
    assert first.sign_in("cadre").status_code == 302
    assert NEW_DEVICE not in kinds(app, account_id)
    assert second.sign_in("cadre").status_code == 302
    assert kinds(app, account_id).count(NEW_DEVICE) == 1
    forged = Person(app.test_client())
    forged.client.set_cookie("tiesan_device", f"[{account_id}].forged")
    assert forged.sign_in("cadre").status_code == 302
    assert kinds(app, account_id).count(NEW_DEVICE) == 2
