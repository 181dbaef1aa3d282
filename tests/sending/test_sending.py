"""A sending from being written down to its end, in every state, on both kinds of database."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.sending.conftest import (
    BEGUN,
    DEVICE_KEY,
    ROBOT_KEY,
    SECRET_KEY,
    TESTER,
    TITLE,
    House,
)
from tests.sending.robots import HANG
from tiesan.audit import AuditEntry
from tiesan.errors import UserError
from tiesan.notifications.sending.models import Sending, State, Trouble, Way, WayAddress
from tiesan.notifications.sending.outcome import Reason
from tiesan.notifications.sending.queue import queue, queue_group, queue_test, send_again
from tiesan.notifications.sending.reach import Reach
from tiesan.notifications.sending.schemes import SCHEMES
from tiesan.notifications.sending.sealing import Seal
from tiesan.notifications.sending.speaking import Speaker
from tiesan.notifications.sending.taking import AGAIN_AFTER, LEASE, is_due, take_next
from tiesan.notifications.sending.ways import (
    Entered,
    Keeping,
    change_way,
    create_way,
    look_at_ways,
    switch_way,
)
from tiesan.notifications.sending.working import Post, work_off
from tiesan.people.models import Account
from tiesan.people.notifications import Notification


def test_what_is_queued_is_sent_once(house: House) -> None:
    house.told(number=2)
    assert house.states() == [State.WAITING]
    assert house.work() == {"sent": 1}
    assert house.work() == {}
    row = house.row()
    assert (row.state, row.reason, row.ended_at) == ("sent", "accepted", BEGUN)
    assert house.attempts() == [(1, "sent")]
    [body] = house.robots.sent()
    assert "2" in body
    assert DEVICE_KEY in body


def test_who_has_no_address_or_is_told_nothing_is_sent_nothing(house: House) -> None:
    assert house.told("admin") == []
    with Session(house.database) as session:
        ask = partial(
            queue, session, account_id=house.ids["person"], due_at=BEGUN, urgent=False, at=BEGUN
        )
        assert ask(notification_ids=[]) == []
        assert ask(notification_ids=[1], ways=["wechat"]) == []


def test_an_address_that_is_not_confirmed_gets_nothing(house: House) -> None:
    with Session(house.database) as session:
        session.execute(update(WayAddress).values(confirmed_at=None))
        session.commit()
    assert house.told() == []


def test_nothing_is_sent_before_its_time(house: House) -> None:
    house.told()
    house.now = BEGUN - timedelta(seconds=1)
    with Session(house.database) as session:
        assert not is_due(session, house.now)
    assert house.work() == {}
    house.now = BEGUN
    with Session(house.database) as session:
        assert is_due(session, house.now)
    assert house.work() == {"sent": 1}


def test_what_fails_is_tried_again_ever_later_and_then_given_up(house: House) -> None:
    house.robots.answer("push", 500)
    house.told()
    for span in AGAIN_AFTER:
        assert house.work() == {"failed": 1}
        row = house.row()
        assert (row.state, row.due_at) == ("waiting", house.now + span)
        assert house.work() == {}
        house.now = row.due_at
    assert house.work() == {"failed": 1}
    row = house.row()
    assert (row.state, row.reason) == ("failed", "refused")
    assert row.answer.startswith("HTTP 500")
    assert house.attempts() == [(number, "failed") for number in range(1, 8)]
    house.later(days=30)
    assert house.work() == {}
    with Session(house.database) as session:
        told = session.scalars(select(Notification).where(Notification.kind == "sending failed"))
        found = [(each.account_id, each.details) for each in told]
        assert found == [(house.ids["admin"], {"way": "Bark"})]


def test_administrators_are_told_of_a_broken_way_once_until_they_read_it(house: House) -> None:
    house.robots.answer("push", 500)
    for _number in range(3):
        house.told()
    for _attempt in range(7):
        house.work()
        house.later(days=2)
    assert house.states() == [State.FAILED] * 3
    with Session(house.database) as session:
        failed = select(Notification).where(Notification.kind == "sending failed")
        assert len(session.scalars(failed).all()) == 1


def test_what_may_have_arrived_is_never_sent_again_by_itself(house: House) -> None:
    house.robots.answer("push", HANG)
    house.seconds = 0.2
    house.told()
    assert house.work() == {"unknown": 1}
    house.robots.answers.clear()
    house.later(days=3)
    assert house.work() == {}
    assert house.row().state == "unknown"
    assert len(house.robots.sent()) == 1
    with Session(house.database) as session:
        send_again(TESTER, session, session.scalars(select(Sending)).one(), at=house.now)
        session.commit()
    assert house.work() == {"sent": 1}
    assert house.attempts() == [(1, "unknown"), (2, "sent")]


def test_only_what_failed_or_is_unknown_is_sent_again(house: House) -> None:
    house.told()
    house.work()
    with Session(house.database) as session, pytest.raises(UserError):
        send_again(TESTER, session, session.scalars(select(Sending)).one(), at=house.now)


def test_what_is_sent_again_has_all_its_attempts_once_more(house: House) -> None:
    house.robots.answer("push", 500)
    house.told()
    for _attempt in range(7):
        house.work()
        house.later(days=2)
    with Session(house.database) as session:
        send_again(TESTER, session, session.scalars(select(Sending)).one(), at=house.now)
        session.commit()
    assert house.work() == {"failed": 1}
    row = house.row()
    assert (row.state, row.due_at) == ("waiting", house.now + AGAIN_AFTER[0])


def test_who_crashed_in_between_leaves_it_unknown(house: House) -> None:
    house.told()
    with Session(house.database) as session:
        assert take_next(session, house.now) is not None
    assert house.work() == {}
    house.now += LEASE
    with Session(house.database) as session:
        assert is_due(session, house.now)
    assert house.work() == {"unknown": 1}
    assert house.robots.sent() == []
    assert (house.row().reason, house.attempts()) == ("process_ended", [(1, "unknown")])


def test_who_may_see_nothing_of_it_any_more_is_sent_nothing(house: House) -> None:
    house.told()
    with Session(house.database) as session:
        session.execute(update(Notification).values(read_at=BEGUN))
        session.commit()
    assert house.work() == {"dropped": 1}
    assert (house.row().state, house.row().reason) == ("dropped", Reason.NOTHING_TO_SAY)
    assert house.robots.asked == []


def test_who_cannot_sign_in_any_more_is_sent_nothing(house: House) -> None:
    house.told()
    with Session(house.database) as session:
        session.get_one(Account, house.ids["person"]).active = False
        session.commit()
    assert house.work() == {"dropped": 1}
    assert house.row().reason == Reason.NOBODY_TO_TELL
    assert house.robots.asked == []


def test_a_way_that_is_switched_off_sends_nothing(house: House) -> None:
    house.told()
    with Session(house.database) as session:
        way = session.get_one(Way, house.ids["bark"])
        switch_way(TESTER, session, way, active=False, at=house.now)
        session.commit()
    assert (house.work(), house.states()) == ({}, [State.DROPPED])
    assert house.told() == []


def test_another_secret_key_is_said_and_nothing_is_sent_until_it_is_entered_anew(
    house: House,
) -> None:
    with Session(house.database) as session:
        house.way(session, "wecombot", {"key": ROBOT_KEY}, TITLE)
        session.commit()
    house.told()
    house.seal = Seal("another secret key of these tests, long")
    assert house.work() == {}
    with Session(house.database) as session:
        ways = session.scalars(select(Way)).all()
        assert {way.trouble for way in ways} == {Trouble.KEY_CHANGED}
        assert not is_due(session, house.now)
        told = select(Notification.account_id).where(Notification.kind == "sending failed")
        assert session.scalars(told).all() == [house.ids["admin"]]
        robot = next(way for way in ways if way.scheme == "wecombot")
        keep = Keeping(house.seal, None)
        with pytest.raises(UserError):
            change_way(TESTER, session, robot, Entered(TITLE, {"key": ""}), keep, at=house.now)
        change_way(TESTER, session, robot, Entered(TITLE, {"key": ROBOT_KEY}), keep, at=house.now)
        assert robot.trouble is None
    house.seal = Seal(SECRET_KEY)
    assert house.work() == {"sent": 1}


def test_what_was_put_right_is_found_within_an_hour(house: House) -> None:
    house.told()
    right, house.seal = house.seal, Seal("another secret key of these tests, long")
    assert house.work() == {}
    house.seal = right
    with Session(house.database) as session:
        assert not is_due(session, house.now + timedelta(minutes=59))
        assert is_due(session, house.now + timedelta(minutes=60))
    house.later(minutes=60)
    assert house.work() == {"sent": 1}


def test_an_address_that_cannot_be_read_is_said_at_once(house: House) -> None:
    house.told()
    other = Seal("another secret key of these tests, long")
    with Session(house.database) as session:
        session.execute(update(WayAddress).values(sealed=other.seal({"address": DEVICE_KEY})))
        session.commit()
    assert house.work() == {"failed": 1}
    assert (house.row().state, house.row().reason) == ("failed", Reason.KEY_CHANGED)


def test_a_password_is_not_said_to_another_server(house: House) -> None:
    given = {"host": "smtp.example.cn", "port": "465", "mode": "tls", "sender": "gh@example.cn"}
    secret = {"user": "gh", "password": ROBOT_KEY}
    keep = Keeping(house.seal, None)
    with Session(house.database) as session:
        way = house.way(session, "mailtos", {**given, **secret}, "邮箱")
        blank = {**given, "user": "gh", "password": ""}
        change_way(TESTER, session, way, Entered("改名", blank), keep, at=BEGUN)
        assert house.seal.unseal(way.sealed) == {"password": ROBOT_KEY}
        for elsewhere in ({"host": "smtp.example.org"}, {"port": "25"}, {"mode": "starttls"}):
            moved = Entered("改名", {**blank, **elsewhere})
            with pytest.raises(UserError):
                change_way(TESTER, session, way, moved, keep, at=BEGUN)


def test_a_host_that_is_not_allowed_is_said_and_not_spoken_to(house: House) -> None:
    house.told()
    keep = Keeping(house.seal, {"smtp.example.cn"})
    reach = Reach(only=keep.hosts, instead=house.robots.instead())
    assert work_off(Post(house.database, keep, Speaker(reach), lambda: house.now)) == {}
    with Session(house.database) as session:
        assert session.get_one(Way, house.ids["bark"]).trouble == Trouble.HOST_REFUSED
        entered = Entered(TITLE, {"key": ROBOT_KEY})
        with pytest.raises(UserError):
            create_way(TESTER, session, SCHEMES["wecombot"], entered, keep, at=BEGUN)
        look_at_ways(session, Keeping(house.seal, {"api.day.app"}), at=BEGUN)
        assert session.get_one(Way, house.ids["bark"]).trouble is None
    assert house.robots.asked == []


def test_a_robot_of_an_organization_is_sent_its_figures(house: House) -> None:
    with Session(house.database) as session:
        robot = house.way(session, "wecombot", {"key": ROBOT_KEY}, TITLE)
        other = house.way(session, "dingtalk", {"token": ROBOT_KEY, "secret": "SEC1"}, "另一群")
        robot.organization_id = house.ids["district"]
        ask = partial(queue_group, session, organization_id=house.ids["district"], at=BEGUN)
        given = {"text": "12个联合会中3个本月未召开会议\n还有4个工作日"}
        [made] = ask(details=given, due_at=BEGUN, urgent=False)
        assert session.get_one(Sending, made).way_id == robot.id != other.id
        session.commit()
    assert house.work() == {"sent": 1}
    assert "还有4个工作日" in house.robots.sent()[0].encode().decode("unicode_escape")


def test_a_test_is_tried_once_and_its_answer_is_kept(house: House) -> None:
    with Session(house.database) as session:
        robot = house.way(session, "wecombot", {"key": ROBOT_KEY}, TITLE)
        queue_test(TESTER, session, robot, None, at=BEGUN)
        session.commit()
    house.robots.answer("webhook", 200, {"errcode": 93000, "errmsg": f"bad key {ROBOT_KEY}"})
    assert house.work() == {"failed": 1}
    row = house.row()
    assert (row.state, row.answer) == ("failed", "HTTP 200, errcode 93000 bad key ***")


def test_nothing_secret_stands_in_the_trail(house: House) -> None:
    with Session(house.database) as session:
        robot = house.way(session, "wecombot", {"key": ROBOT_KEY}, TITLE)
        entered = Entered("改名", {"key": f"{ROBOT_KEY}99"})
        change_way(TESTER, session, robot, entered, Keeping(house.seal, None), at=BEGUN)
        session.commit()
        entries = session.scalars(select(AuditEntry).where(AuditEntry.object_kind == "way")).all()
        assert [each.verb for each in entries] == ["create", "create", "update"]
        assert ROBOT_KEY not in repr([each.details for each in entries])
        assert robot.fields == {}
