"""Rules as administrators published them: judged by day, at once, by all, and none ignored."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.flags.conftest import District
from tests.flags.published import LOCAL, UNAPPROVED, publish, text_of
from tiesan.errors import UserError
from tiesan.flags.catalog import installed_catalog, read_catalog, read_version
from tiesan.flags.evaluation import Outcome
from tiesan.flags.models import DistrictState, StoredEvaluation
from tiesan.flags.versions import RuleVersion

MARCH_9, MARCH_10 = date(2026, 3, 9), date(2026, 3, 10)
DAY = date(2026, 3, 31)


def big(district: District) -> list[tuple[str, str]]:
    """The flags of expenses that are there."""
    rules = (LOCAL, UNAPPROVED)
    return [found for found in district.names() if found[0] in rules]


def expenses(district: District) -> None:
    """An expense of 300.00 on the day before a version is in force, and one on its first day."""
    for code, day in (("E1", MARCH_9), ("E2", MARCH_10)):
        dates = {"spent_on": day, "requested_on": day, "reimbursed_on": day}
        district.expense(code, 300_00, **dates)


def unknown(outcome: Outcome) -> list[str]:
    """What was not evaluated, but for rules over any flags, which then are not either."""
    names = [each.rule for _district, each in outcome.not_evaluated]
    return [name for name in names if name.startswith("discipline.")]


def test_a_version_judges_what_counts_from_its_first_day_on(district: District) -> None:
    expenses(district)
    publish(district.session, text_of(UNAPPROVED, least=500), MARCH_10)
    publish(district.session, text_of(LOCAL), MARCH_10)
    district.evaluate(DAY)
    assert big(district) == [(UNAPPROVED, "E1"), (LOCAL, "E2")]
    # The shipped version found the one, and the flag keeps which version found it.
    catalog = read_catalog(district.session, DAY)
    [shipped, local] = sorted(district.flags(active=True), key=lambda flag: flag.key)[:2]
    assert shipped.rule_digest == installed_catalog().rules[UNAPPROVED].digest
    assert local.rule_digest == catalog.rules[LOCAL].digest
    assert catalog.version(UNAPPROVED, shipped.rule_digest) == installed_catalog().rules[UNAPPROVED]


def test_what_is_published_is_taken_at_once_and_its_rule_set_is_kept(district: District) -> None:
    expenses(district)
    district.evaluate(DAY)
    assert big(district) == [(UNAPPROVED, "E1"), (UNAPPROVED, "E2")]
    old = district.task(DAY).catalog
    publish(district.session, text_of(UNAPPROVED, least=500), MARCH_10)
    # The task was put together with the catalogue of before.
    outcome = district.evaluate(DAY)
    assert big(district) == [(UNAPPROVED, "E1")]
    assert [each.new_rules for each in outcome.districts] == [True]
    [flag] = [each for each in district.flags(active=False) if each.key == "E2"]
    assert flag.cleared_reason == "rule_edited"
    digest = read_catalog(district.session, DAY).digest
    kept = district.session.scalars(select(StoredEvaluation.rule_set).order_by("id")).all()
    assert kept == [old.digest, digest]
    assert district.session.scalars(select(DistrictState.judged_by)).all() == [digest]


def test_a_changed_record_is_judged_by_all_versions_of_the_rules_it_may_affect(
    district: District,
) -> None:
    expenses(district)
    publish(district.session, text_of(UNAPPROVED, least=300), MARCH_10)
    district.evaluate(DAY)
    late = district.expense("E3", 300_00)
    assert district.touch(late, DAY) == 1
    assert big(district) == [(UNAPPROVED, "E1"), (UNAPPROVED, "E2"), (UNAPPROVED, "E3")]


def test_of_one_first_day_the_last_holds_and_an_earlier_day_lasts_until_the_next(
    district: District,
) -> None:
    expenses(district)
    publish(district.session, text_of(least=100), MARCH_10)
    publish(district.session, text_of(least=900), MARCH_10, 2)
    publish(district.session, text_of(least=200), date(2026, 3, 1), 3)
    district.evaluate(DAY)
    assert [found for found in big(district) if found[0] == LOCAL] == [(LOCAL, "E1")]


def test_a_version_that_is_switched_off_judges_nothing_more(district: District) -> None:
    expenses(district)
    publish(district.session, text_of(UNAPPROVED, enabled="false"), MARCH_10)
    district.evaluate(DAY)
    assert big(district) == [(UNAPPROVED, "E1")]


@pytest.mark.parametrize(
    "text",
    [
        text_of(LOCAL).replace("amount", "sum_of_old"),
        text_of(LOCAL) + text_of("discipline.local_other").partition("rules:\n")[2],
        "plugin: [",
    ],
)
def test_a_text_that_cannot_be_read_is_not_evaluated_and_never_ignored(
    district: District, text: str
) -> None:
    expenses(district)
    row = publish(district.session, text_of(LOCAL), MARCH_9)
    district.evaluate(DAY)
    assert (LOCAL, "E1") in big(district)
    row.text = text
    # Whoever reads anew does so because something was published.
    publish(district.session, text_of("discipline.local_more", least=900), DAY)
    outcome = district.evaluate(DAY)
    assert unknown(outcome) == [LOCAL]
    assert [found for found in big(district) if found[0] == LOCAL] == [(LOCAL, "E1"), (LOCAL, "E2")]


def test_a_rule_whose_named_rule_cannot_be_read_is_not_evaluated_either(
    district: District,
) -> None:
    over = text_of("discipline.local_over").replace("fact: expense", "fact: flag")
    over = over.replace("reimbursed_on", "occurred_on").replace("key: code", "key: key")
    over = over.replace(
        "field: amount, op: gte, value: 200", f"field: rule, op: eq, value: {LOCAL}"
    )
    over = over.replace("{amount}", "{key}")
    publish(district.session, over, MARCH_9)
    assert unknown(district.evaluate(DAY)) == ["discipline.local_over"]
    expenses(district)
    publish(district.session, text_of(LOCAL), MARCH_9)
    assert unknown(district.evaluate(DAY)) == []
    assert ("discipline.local_over", "E1") in district.names()


def test_what_is_in_force_is_asked_by_day(district: District) -> None:
    publish(district.session, text_of(LOCAL), MARCH_10)
    publish(district.session, text_of(UNAPPROVED, least=500), MARCH_10)
    before, after = (read_catalog(district.session, day) for day in (MARCH_9, MARCH_10))
    shipped = installed_catalog().rules[UNAPPROVED]
    assert (before.rules[UNAPPROVED], after.rules[UNAPPROVED].number) == (shipped, 1)
    assert before.rules[LOCAL] == after.rules[LOCAL]
    assert before.digest == after.digest != installed_catalog().digest
    assert (after.on(LOCAL, MARCH_9), after.on(LOCAL, MARCH_10)) == (None, after.rules[LOCAL])
    assert read_catalog(district.session, MARCH_10, after) is after


IMPOSSIBLE: tuple[dict[str, object], ...] = (
    {"state": "new"},
    {"number": 0},
    {"since": None},
    {"edits": 0},
    {"state": "draft"},
    {"published_at": None},
    {"reason": ""},
)


def test_the_database_refuses_a_version_that_there_cannot_be(district: District) -> None:
    row_id = publish(district.session, text_of(LOCAL), MARCH_10).id
    for values in IMPOSSIBLE:
        row = district.session.get_one(RuleVersion, row_id)
        for name, value in values.items():
            setattr(row, name, value)
        with pytest.raises(IntegrityError):
            district.session.flush()
        district.session.rollback()
    assert district.session.scalars(select(RuleVersion.number)).all() == [1]


def test_a_version_is_one_rule_of_its_own_id() -> None:
    kinds = installed_catalog().kinds
    assert read_version(kinds, LOCAL, text_of(LOCAL), 3).number == 3
    with pytest.raises(UserError, match=LOCAL):
        read_version(kinds, LOCAL, text_of(UNAPPROVED), 1)
