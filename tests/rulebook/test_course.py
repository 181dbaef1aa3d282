"""A version of a rule from draft to what is in force, and back: who may do what, and when."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.courses.world import MONDAY, World, add_account
from tests.flags.published import LOCAL, UNAPPROVED
from tests.rulebook.texts import with_tests
from tiesan.audit import AuditEntry
from tiesan.courses.carrying import carry_out, look, verbs_open_to
from tiesan.courses.errors import Changed, NotThere, Refused, Wrong
from tiesan.flags.catalog import installed_catalog, read_catalog
from tiesan.flags.versions import RuleVersion, changes_of_book
from tiesan.people.notifications import Notification
from tiesan.records.pending import PendingEvaluation
from tiesan.rulebook.course import RULE_COURSE, RULE_DECIDED, RULE_WAITS

TUESDAY, JULY = MONDAY + timedelta(days=1), date(2026, 7, 1)


def written(world: World, text: str | None = None, rule: str = LOCAL) -> RuleVersion:
    """A draft by the administrator."""
    done = world.does("admin", RULE_COURSE, "write", None, rule=rule, yaml=text or with_tests(rule))
    row: RuleVersion = done.row
    return row


def submitted(world: World, text: str | None = None, rule: str = LOCAL) -> RuleVersion:
    """A draft that was tried and submitted."""
    row = written(world, text, rule)
    seen_what_it_does(world, row)
    world.does("admin", RULE_COURSE, "check", row.id)
    return row


def seen_what_it_does(world: World, row: RuleVersion) -> None:
    world.session.get_one(RuleVersion, row.id).tried_digest = row.digest
    world.session.commit()


def another(world: World) -> None:
    add_account(world, "admin2", None, (("administrator", None),))
    world.accounts["admin2"] = world.session.scalars(
        select(type(world.accounts["admin"])).filter_by(username="admin2")
    ).one()
    world.session.commit()


def in_force(world: World, day: date, rule: str = LOCAL) -> int | None:
    """The number of the version in force on a day."""
    found = read_catalog(world.session, day).on(rule, day)
    world.session.rollback()
    return None if found is None else found.number


def test_another_administrator_publishes_what_was_tried_and_tested(world: World) -> None:
    another(world)
    row = written(world)
    with pytest.raises(Refused, match="一年"):
        world.does("admin", RULE_COURSE, "check", row.id)
    seen_what_it_does(world, row)
    world.does("admin", RULE_COURSE, "check", row.id)
    with pytest.raises(Refused, match="另一"):
        world.does("admin", RULE_COURSE, "publish", row.id, since="2026-07-01")
    assert changes_of_book(world.session) == 0
    done = world.does("admin2", RULE_COURSE, "publish", row.id, since="2026-07-01")
    assert (done.state, row.since, row.alone) == ("published", JULY, False)
    assert row.approver_id == world.accounts["admin2"].id
    assert (changes_of_book(world.session), in_force(world, JULY)) == (1, 1)
    assert in_force(world, JULY - timedelta(days=1)) is None
    # All districts are to be evaluated anew, and each verb left one entry.
    waiting = select(PendingEvaluation.kind).where(PendingEvaluation.kind == "rules")
    assert len(world.session.scalars(waiting).all()) == 2
    verbs = world.session.scalars(
        select(AuditEntry.verb).filter_by(object_kind="rule_version").order_by(AuditEntry.id)
    ).all()
    assert verbs == ["write", "check", "publish"]


def test_who_may_publish_is_told_that_it_waits_and_the_author_what_became_of_it(
    world: World,
) -> None:
    another(world)
    row = submitted(world)
    assert told(world, RULE_WAITS) == ["admin2"]
    world.does("admin2", RULE_COURSE, "give_back", row.id, text="请补充依据")
    assert told(world, RULE_DECIDED) == ["admin"]
    world.does("admin", RULE_COURSE, "check", row.id)
    world.does("admin2", RULE_COURSE, "publish", row.id, since="2026-07-01")
    assert told(world, RULE_WAITS) == ["admin2", "admin2"]
    assert told(world, RULE_DECIDED) == ["admin", "admin"]


def told(world: World, kind: str) -> list[str]:
    """Who was told so, in the order in which they were."""
    names = {account.id: name for name, account in world.accounts.items()}
    statement = select(Notification.account_id).where(Notification.kind == kind)
    return [names[each] for each in world.session.scalars(statement.order_by(Notification.id))]


def test_who_is_alone_confirms_and_is_known_to_have_been(lite: World) -> None:
    row = submitted(lite)
    with pytest.raises(Wrong) as wrong:
        lite.does("admin", RULE_COURSE, "publish", row.id, since="2026-07-01")
    assert wrong.value.field == "confirmed"
    done = lite.does("admin", RULE_COURSE, "publish", row.id, since="2026-07-01", confirmed="1")
    assert (done.event.capacity, row.alone) == ("alone", True)


def test_a_day_that_has_passed_needs_a_reason(lite: World) -> None:
    another(lite)
    row = submitted(lite)
    with pytest.raises(Wrong) as wrong:
        lite.does("admin2", RULE_COURSE, "publish", row.id, since="2026-03-01")
    assert wrong.value.field == "text"
    lite.does("admin2", RULE_COURSE, "publish", row.id, since="2026-03-01", text="漏了")
    assert in_force(lite, date(2026, 3, 1)) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (with_tests().replace("amount, op", "amuont, op"), "amuont"),
        (with_tests().partition("    tests:")[0], "没有"),
        (with_tests().replace("flags: [{subject: C1, key: E1}]", "flags: []"), "E1"),
        (with_tests().replace(LOCAL, "discipline.local_other"), LOCAL),
        (with_tests().replace("fact: expense\n", "fact: expence\n"), "expence"),
        ("plugin: [", "YAML"),
    ],
)
def test_what_is_not_sound_is_kept_as_a_draft_and_told_whole(
    lite: World, text: str, said: str
) -> None:
    row = written(lite, text)
    seen_what_it_does(lite, row)
    with pytest.raises(Refused, match=said):
        lite.does("admin", RULE_COURSE, "check", row.id)


@pytest.mark.parametrize("rule", ["discipline.big", "nowhere.local_big", "discipline.local_", "x"])
def test_a_new_rule_is_one_of_the_house_in_an_institution_that_there_is(
    lite: World, rule: str
) -> None:
    with pytest.raises(Wrong) as wrong:
        written(lite, "x", rule)
    assert wrong.value.field == "rule"


def test_the_second_of_two_who_edit_is_told(lite: World) -> None:
    another(lite)
    row = written(lite)
    seen = lite.seen(RULE_COURSE, row.id, "admin2")
    lite.does("admin", RULE_COURSE, "edit", row.id, yaml=with_tests(least=300))
    form = {**seen, "yaml": with_tests(least=400)}
    with pytest.raises(Changed):
        carry_out(lite.session, RULE_COURSE, "edit", row.id, lite.attempt("admin2", form))
    lite.session.rollback()
    assert "value: 300" in lite.session.get_one(RuleVersion, row.id).text
    # What was tried was another text.
    seen_what_it_does(lite, row)
    lite.does("admin2", RULE_COURSE, "edit", row.id, yaml=with_tests(least=500))
    with pytest.raises(Refused):
        lite.does("admin2", RULE_COURSE, "check", row.id)
    assert (row.edits, row.author_id) == (3, lite.accounts["admin2"].id)


def test_a_coming_version_is_withdrawn_and_one_in_force_taken_back(world: World) -> None:
    rule = UNAPPROVED
    first = submitted(world, with_tests(rule, 300), rule)
    world.does("admin", RULE_COURSE, "publish", first.id, since=MONDAY.isoformat(), confirmed="1")
    assert in_force(world, MONDAY, rule) == 1
    with pytest.raises(Refused):
        world.does("admin", RULE_COURSE, "withdraw", first.id, text="错")
    second = submitted(world, with_tests(rule, 400), rule)
    world.does("admin", RULE_COURSE, "publish", second.id, since="2026-07-01", confirmed="1")
    world.does("admin", RULE_COURSE, "withdraw", second.id, text="错")
    assert in_force(world, JULY, rule) == 1
    world.does("admin", RULE_COURSE, "take_back", first.id, TUESDAY, earlier="shipped", text="错")
    assert (in_force(world, MONDAY, rule), in_force(world, TUESDAY, rule)) == (1, 3)
    found = read_catalog(world.session, TUESDAY).rules[rule]
    assert found.digest == installed_catalog().rules[rule].digest
    world.session.rollback()
    third = world.session.scalars(select(RuleVersion).filter_by(number=3)).one().id
    world.session.rollback()
    world.does("admin", RULE_COURSE, "take_back", third, JULY, earlier="1", text="再用")
    fourth = world.session.scalars(select(RuleVersion).filter_by(number=4)).one()
    assert (fourth.digest, fourth.since) == (first.digest, JULY)
    world.session.rollback()
    world.does("admin", RULE_COURSE, "take_back", fourth.id, JULY, earlier="nothing", text="停")
    found = read_catalog(world.session, JULY).rules[rule]
    assert (found.number, found.enabled) == (5, False)


def test_only_who_administers_everything_sees_any_of_it(lite: World) -> None:
    row = written(lite)
    for name in ("district", "committee", "chair_d", "nobody"):
        with pytest.raises(NotThere):
            lite.does(name, RULE_COURSE, "edit", row.id, yaml="x")
        with pytest.raises(Refused):
            lite.does(name, RULE_COURSE, "write", None, rule=LOCAL, yaml="x")
    standing = look(lite.session, RULE_COURSE, row.id, lite.actor("admin"), MONDAY)
    offered = verbs_open_to(lite.session, RULE_COURSE, standing, lite.actor("admin"), MONDAY)
    assert [verb.name for verb, _case in offered] == ["edit", "withdraw"]


def test_what_was_shipped_anew_beneath_a_version_is_kept_or_taken(lite: World) -> None:
    row = submitted(lite, with_tests(UNAPPROVED, 300), UNAPPROVED)
    lite.does("admin", RULE_COURSE, "publish", row.id, since=MONDAY.isoformat(), confirmed="1")
    assert read_catalog(lite.session, MONDAY).changed_beneath == []
    with pytest.raises(Refused):
        lite.does("admin", RULE_COURSE, "keep", row.id)
    lite.session.get_one(RuleVersion, row.id).base_digest = "older"
    lite.session.commit()
    known = read_catalog(lite.session, MONDAY)
    assert [rule.number for rule in known.changed_beneath] == [1]
    lite.session.rollback()
    lite.does("admin", RULE_COURSE, "keep", row.id)
    assert read_catalog(lite.session, MONDAY).changed_beneath == []
