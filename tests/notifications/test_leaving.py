"""What leaves at once, with the digest, or not at all: choices, hours, ten a day, lost sight."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from plugins.discipline.courses import LEAVE
from tests.courses.world import AT, MONDAY, World
from tests.notifications.conftest import notes
from tiesan.access.of_notifications import Seeing
from tiesan.audit import AuditEntry, AuditHead
from tiesan.clock import SHANGHAI
from tiesan.courses.telling import REQUEST_DECIDED, REQUEST_WAITS, SECRET
from tiesan.errors import UserError
from tiesan.flags.telling import FLAG_RAISED
from tiesan.i18n import CHINESE, ENGLISH
from tiesan.notifications.choices import Hours, choices_of, choose, hours_of, set_hours
from tiesan.notifications.daily import Morning, digests_of
from tiesan.notifications.kinds import KINDS
from tiesan.notifications.leaving import pass_on, within_hours
from tiesan.notifications.sending.saying import MOST_BYTES
from tiesan.notifications.texts import text_for, written
from tiesan.people.deputies import DEPUTY_NAMED
from tiesan.people.notifications import Leaves, tell
from tiesan.people.services import NEW_DEVICE, PASSWORD_SET
from tiesan.words.due_notifications import WAIVER_ENDED

HEAD = "铁山：您有1条新消息"
LINK = "https://tiesan.example/notifications/"
ASKED = {"kind": "annual", "first_day": "2026-03-10", "last_day": "2026-03-12"}


@dataclass
class Texts:
    """Takes what would be sent, as the ways out do."""

    taken: list[tuple[int, tuple[int, ...], datetime, bool]] = field(default_factory=list)

    def __call__(
        self,
        session: Session,
        *,
        account_id: int,
        notification_ids: Sequence[int],
        due_at: datetime,
        urgent: bool,
        at: datetime,
    ) -> None:
        assert at.tzinfo is not None
        assert session.in_transaction()
        self.taken.append((account_id, tuple(notification_ids), due_at, urgent))


@pytest.fixture
def texts() -> Texts:
    """Nothing was sent yet."""
    return Texts()


def at_hour(hour: int, minute: int = 0, day: date = MONDAY) -> datetime:
    """A moment of a day in Asia/Shanghai."""
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def told(world: World, who: str, kind: str = PASSWORD_SET, **details: object) -> None:
    """Tell somebody of something; by default of what leaves at once."""
    tell(world.session, [world.accounts[who].id], kind, {"by": "admin", **details}, at=AT)
    world.session.commit()


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        (at_hour(7, 29), at_hour(7, 30)),
        (at_hour(7, 30), at_hour(7, 30)),
        (at_hour(20, 59), at_hour(20, 59)),
        (at_hour(21), at_hour(7, 30, MONDAY + timedelta(days=1))),
        (at_hour(0), at_hour(7, 30)),
    ],
)
def test_texts_leave_between_the_hours_and_otherwise_at_the_first(
    moment: datetime, leaves: datetime
) -> None:
    assert within_hours(Hours(), moment) == leaves
    assert within_hours(Hours(), moment.astimezone(UTC)) == leaves


def test_what_is_told_at_once_leaves_at_once_and_the_rest_waits(
    world: World, seeing: Seeing, texts: Texts
) -> None:
    told(world, "cadre")
    told(world, "cadre", NEW_DEVICE)
    row = world.does("cadre", LEAVE, "request", None, **ASKED).row
    assert pass_on(world.session, seeing, at=at_hour(9), queue=texts) == 2
    [(account_id, ids, due_at, urgent)] = texts.taken
    assert (account_id, len(ids), due_at, urgent) == (
        world.accounts["cadre"].id, 2, at_hour(9), True,
    )  # fmt: skip
    waiting = {each.leaves for each in notes(world) if each.kind == REQUEST_WAITS}
    assert (row.id, waiting) == (row.id, {"digest"})
    # What has left does not leave again.
    assert pass_on(world.session, seeing, at=at_hour(10), queue=texts) == 0


def test_after_ten_texts_of_a_day_the_rest_goes_into_the_digest(
    lite: World, seeing: Seeing, texts: Texts
) -> None:
    for minute in range(12):
        told(lite, "cadre")
        pass_on(lite.session, seeing, at=at_hour(9, minute), queue=texts)
    assert len(texts.taken) == 10
    assert [each.leaves for each in notes(lite)] == ["now"] * 10 + ["digest"] * 2
    told(lite, "cadre")
    tomorrow = MONDAY + timedelta(days=1)
    pass_on(lite.session, seeing, at=at_hour(9, 0, tomorrow), queue=texts)
    assert len(texts.taken) == 11


def test_a_person_chooses_and_of_decisions_is_always_told_at_once(
    world: World, seeing: Seeing, texts: Texts
) -> None:
    actor = world.actor("cadre")
    wanted = {PASSWORD_SET: Leaves.HERE, NEW_DEVICE: Leaves.DIGEST, FLAG_RAISED: Leaves.NOW}
    choose(actor, world.session, wanted, ENGLISH, at=AT)
    world.session.commit()
    chosen = choices_of(world.session, world.accounts["cadre"].id)
    assert {name: chosen[name] for name in wanted} == wanted
    assert chosen[DEPUTY_NAMED] == Leaves.NOW
    told(world, "cadre", PASSWORD_SET)
    told(world, "cadre", NEW_DEVICE)
    told(world, "chair", PASSWORD_SET)
    pass_on(world.session, seeing, at=at_hour(9), queue=texts)
    assert [each.leaves for each in notes(world)] == ["here", "digest", "now"]
    entry = world.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.verb, entry.actor_id) == ("choose notifications", actor.account_id)
    for off in (Leaves.HERE, Leaves.DIGEST):
        with pytest.raises(UserError):
            choose(actor, world.session, {REQUEST_DECIDED: off}, CHINESE, at=AT)
    with pytest.raises(UserError):
        choose(actor, world.session, {"no such kind": Leaves.NOW}, CHINESE, at=AT)
    with pytest.raises(UserError):
        choose(actor, world.session, {}, "fr", at=AT)


def test_hours_are_set_for_everybody(world: World, seeing: Seeing, texts: Texts) -> None:
    assert hours_of(world.session) == Hours(time(7, 30), time(21), 10)
    for wrong in (Hours(time(9), time(9)), Hours(most=101), Hours(most=-1)):
        with pytest.raises(UserError):
            set_hours(world.actor("admin"), world.session, wrong, at=AT)
    set_hours(world.actor("admin"), world.session, Hours(time(8), time(18), 1), at=AT)
    for _time in range(2):
        told(world, "cadre")
        pass_on(world.session, seeing, at=at_hour(19), queue=texts)
    [(_who, _ids, due_at, _urgent)] = texts.taken
    assert due_at == at_hour(8, 0, MONDAY + timedelta(days=1))


def test_what_its_reader_may_not_see_any_more_leaves_by_no_way(
    world: World, seeing: Seeing, texts: Texts
) -> None:
    world.does("cadre", LEAVE, "request", None, **ASKED)
    choose(world.actor("chair"), world.session, {REQUEST_WAITS: Leaves.NOW}, CHINESE, at=AT)
    world.organizations["F1"].chair = None
    world.accounts["both"].active = False
    world.session.commit()
    pass_on(world.session, seeing, at=at_hour(9), queue=texts)
    assert texts.taken == []
    morning = Morning(MONDAY, at_hour(8), texts)
    assert digests_of(world.session, seeing, world.organizations["D1"].id, morning) == 2
    names = {account.id: name for name, account in world.accounts.items()}
    assert {names[each[0]] for each in texts.taken} == {"super", "district"}


def test_a_digest_is_one_text_for_each_person_with_what_was_not_read(
    world: World, seeing: Seeing, texts: Texts
) -> None:
    first = world.does("cadre", LEAVE, "request", None, **ASKED).row
    later = {"kind": "annual", "first_day": "2026-03-20", "last_day": "2026-03-20"}
    world.does("cadre", LEAVE, "request", None, **later)
    chair = world.accounts["chair"].id
    read = next(each for each in notes(world) if each.account_id == chair)
    read.read_at = AT + timedelta(minutes=1)
    world.session.commit()
    pass_on(world.session, seeing, at=at_hour(7), queue=texts)
    district = world.organizations["D1"].id
    morning = Morning(MONDAY, at_hour(8), texts)
    assert digests_of(world.session, seeing, district, morning) == 4
    by_account = {each[0]: len(each[1]) for each in texts.taken}
    assert by_account[chair] == 1
    assert set(by_account.values()) == {1, 2}
    assert {(each[2], each[3]) for each in texts.taken} == {(at_hour(8), False)}
    # Nothing when there is nothing, and nothing in another district.
    assert digests_of(world.session, seeing, district, morning) == 0
    told(world, "elsewhere", FLAG_RAISED, rule="discipline.late")
    pass_on(world.session, seeing, at=at_hour(9), queue=texts)
    assert digests_of(world.session, seeing, district, morning) == 0
    elsewhere = world.organizations["D2"].id
    assert digests_of(world.session, seeing, elsewhere, morning) == 1
    assert first.code


def text_of(world: World, seeing: Seeing, who: str) -> str | None:
    """What is sent to somebody of all that they were told."""
    account_id = world.accounts[who].id
    ids = [each.id for each in notes(world) if each.account_id == account_id]
    return text_for(world.session, seeing, account_id, ids, day=MONDAY, link=LINK)


def test_a_text_says_what_kind_how_many_and_where_and_nothing_else(
    world: World, seeing: Seeing
) -> None:
    row = world.does("cadre", LEAVE, "request", None, **ASKED).row
    told(world, "chair", NEW_DEVICE)
    text = text_of(world, seeing, "chair")
    assert text is not None
    assert text.splitlines()[1:] == [
        "· 1件申请待您审批", "· 1次新设备登录", f"查看：{LINK}",
    ]  # fmt: skip
    for word in (row.code, "A1", "cadre", "annual", "请假"):
        assert word not in text
    choose(world.actor("chair"), world.session, {}, ENGLISH, at=AT)
    text = text_of(world, seeing, "chair")
    assert text is not None
    assert "1 request waits for you" in text


def test_a_digest_of_the_audit_committee_says_where_the_trail_ends(
    world: World, seeing: Seeing, texts: Texts
) -> None:
    told(world, "committee", NEW_DEVICE)
    told(world, "chair", WAIVER_ENDED)
    told(world, "committee", WAIVER_ENDED)
    pass_on(world.session, seeing, at=at_hour(9), queue=texts)
    world.session.commit()
    ends = select(AuditHead.chain, AuditHead.number, AuditHead.hash)
    heads = world.session.execute(ends).all()
    district = world.organizations["D1"].id
    [(_chain, number, hash_)] = [each for each in heads if each.chain == district]
    text = text_of(world, seeing, "committee")
    assert text is not None
    assert f"· 审计日志（D1）至第 {number} 号：{hash_.hex()}" in text.splitlines()
    assert "D2" not in text
    assert "审计日志" not in str(text_of(world, seeing, "chair"))


def test_of_what_is_confidential_a_text_says_only_that_it_is_there(
    lite: World, seeing: Seeing
) -> None:
    told(lite, "cadre", REQUEST_DECIDED, **{SECRET: True})
    text = text_of(lite, seeing, "cadre")
    assert text is not None
    assert text.splitlines()[1:] == ["· 有事项请您查看。", f"查看：{LINK}"]


def test_of_what_was_read_meanwhile_or_is_not_to_be_seen_there_is_no_text(
    lite: World, seeing: Seeing
) -> None:
    lite.does("cadre", LEAVE, "request", None, **ASKED)
    lite.organizations["F1"].chair = None
    lite.session.commit()
    assert text_of(lite, seeing, "chair") is None
    for each in notes(lite):
        each.read_at = AT + timedelta(days=1)
    lite.session.commit()
    assert text_of(lite, seeing, "super") is None


def test_a_text_that_is_too_long_is_shortened_and_keeps_its_link() -> None:
    lines = ["很长的一行" * 30] * 20
    text = written(lines, LINK, HEAD)
    assert MOST_BYTES - 500 < len(text.encode()) <= MOST_BYTES
    assert LINK in text
    assert "另有" in text
    assert len(written(["短"], "https://x.example/" + "a" * 3000, HEAD).encode()) <= MOST_BYTES


def test_every_kind_says_how_many_and_names_nobody() -> None:
    for kind in KINDS.values():
        assert "7" in kind.counted(7)
        assert str(kind.title)
