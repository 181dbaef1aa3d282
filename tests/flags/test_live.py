"""Saving a record evaluates what it touches at once, and judges nothing that may still be done."""

from datetime import date, time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from plugins.accountability.models import AccountabilityCase, Mistake
from plugins.discipline.models import Leave, PostCheck
from plugins.innovation.models import Award
from plugins.meetings.models import Meeting
from tests.flags.conftest import District
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.evaluation import affected_rules
from tiesan.people.models import Organization
from tiesan.records.base import Record
from tiesan.rules import is_local

TODAY = date(2026, 3, 31)
YESTERDAY = date(2026, 3, 30)


def touch(district: District, row: Record, today: date = TODAY) -> int:
    """Evaluate what a row touches, as the web application does; gives the number of new flags."""
    return district.touch(row, today)


def whole(district: District, today: date = TODAY) -> None:
    """Evaluate the whole district up to now."""
    assert district.up_to_now(today).stored


def professional(district: District, code: str = "C1") -> None:
    """Make a cadre professional, so that days and logs are owed."""
    district.session.execute(
        text("UPDATE cadre SET professional = :yes WHERE code = :code"),
        {"yes": True, "code": code},
    )
    district.session.commit()


def test_an_expense_is_flagged_as_it_is_saved(district: District) -> None:
    row = district.expense("X1", 20_000, spent_on=TODAY, requested_on=TODAY, reimbursed_on=TODAY)
    assert touch(district, row) == 1
    assert district.names() == [("discipline.expense_unapproved", "X1")]


def test_an_approval_clears_it_as_it_is_saved(district: District) -> None:
    expense = district.expense("X1", 20_000)
    touch(district, expense)
    touch(district, district.approval("A1", expense))
    assert district.names() == []


def test_nobody_is_absent_today(district: District) -> None:
    professional(district)
    row = district.log("C1", YESTERDAY, YESTERDAY)
    touch(district, row)
    absent = [key for rule, key in district.names() if rule == "discipline.absent"]
    assert absent == []  # Only rules that read logs were touched.
    whole(district, TODAY)
    absent = [key for rule, key in district.names() if rule == "discipline.absent"]
    assert absent[-1] == YESTERDAY.isoformat()
    assert TODAY.isoformat() not in absent


def test_a_missing_clock_out_of_today_is_judged_tomorrow(district: District) -> None:
    row = district.attendance("C1", TODAY, clock_in=time(8, 0))
    assert touch(district, row) == 0
    assert touch(district, row, date(2026, 4, 1)) == 0
    district.evaluate(TODAY, date(2026, 4, 1))
    assert district.names() == [("discipline.punch_missing", TODAY.isoformat())]


def test_coming_late_today_is_judged_today(district: District) -> None:
    row = district.attendance("C1", TODAY, clock_in=time(8, 31))
    assert touch(district, row) == 1
    assert district.names() == [("discipline.late", TODAY.isoformat())]


def test_what_may_still_be_requested_today_is_not_missed(district: District) -> None:
    row = district.expense(
        "X1", 5_000, spent_on=TODAY, requested_on=None, reimbursed_on=None, receipt=False
    )
    assert touch(district, row) == 0
    assert touch(district, row, date(2026, 4, 1)) == 0
    district.evaluate(TODAY, date(2026, 4, 1))
    assert district.names() == [("discipline.expense_unrequested", "X1")]


def test_leave_entered_late_clears_absences(district: District) -> None:
    professional(district)
    whole(district, TODAY)
    row = district.add(
        Leave,
        code="L1",
        cadre="C1",
        kind="annual",
        first_day=date(2026, 3, 1),
        last_day=date(2026, 4, 30),
        requested_on=date(2026, 2, 1),
        approved_on=date(2026, 2, 2),
    )
    touch(district, row)
    assert district.names() == []


def test_a_live_evaluation_speaks_of_the_latest_stored_day(district: District) -> None:
    district.evaluate(date(2026, 12, 31), TODAY, ahead=True)
    row = district.expense("X1", 20_000)
    assert touch(district, row) == 1
    [flag] = district.flags(active=True)
    assert flag.raised_as_of == date(2026, 12, 31)


def test_yesterday_s_evaluation_leaves_today_s_flags_alone(district: District) -> None:
    row = district.expense("X1", 20_000, spent_on=TODAY, requested_on=TODAY, reimbursed_on=TODAY)
    touch(district, row)
    before = district.stored()["flag"]
    assert district.evaluate(YESTERDAY, TODAY).stored
    after = [each for each in district.stored()["flag"] if "discipline" in each[1]]
    assert after == before


def test_the_same_evidence_is_no_revision_whoever_evaluates(district: District) -> None:
    """Two flags of one day are evidence in one order, whichever of them is evaluated anew."""
    day = date(2026, 3, 5)
    check = district.add(PostCheck, code="Z1", cadre="C1", checked_on=day, on_post=False)
    expense = district.expense("X1", 20_000)
    district.add(Award, code="J1", cadre="C1", nominated_on=day)
    whole(district)
    before = district.stored()["flag_revision"]
    for row in (check, expense):
        touch(district, row)
        assert district.stored()["flag_revision"] == before
        whole(district)
        assert district.stored()["flag_revision"] == before


def test_almost_every_shipped_rule_on_records_can_be_judged_by_subject() -> None:
    catalog = installed_catalog()
    concerns = {name: model.concerns for name, model in catalog.records.items()}
    district_wide = {rule.id for rule in catalog.rules.values() if not is_local(rule, concerns)}
    # An attendance concerns the cadre, not the federation that held the session.
    assert district_wide == {"study.attendance_low"}


def test_a_kind_of_record_affects_the_rules_that_read_it_and_those_over_their_flags() -> None:
    catalog = installed_catalog()
    affected = affected_rules(catalog, catalog.rule_set(), "post_check")
    assert {rule.id for rule in affected} == {
        "discipline.off_post",
        "accountability.repeat_violations",
        "innovation.award_ineligible",
    }


days = st.dates(date(2026, 3, 1), date(2026, 4, 10))
changes = st.lists(
    st.one_of(
        st.tuples(st.just("expense"), days, st.integers(19_900, 20_100), st.booleans()),
        st.tuples(st.just("attendance"), days, st.integers(480, 560), st.booleans()),
        st.tuples(st.just("log"), days, days, st.booleans()),
        st.tuples(st.just("leave"), days, days, st.booleans()),
        st.tuples(st.just("meeting"), days, days, st.booleans()),
        st.tuples(st.just("mistake"), days, days, st.booleans()),
        st.tuples(st.just("award"), days, days, st.booleans()),
    ),
    min_size=1,
    max_size=7,
)


Change = tuple[str, date, date | int, bool]


def apply(district: District, number: int, change: Change) -> list[Record]:
    """Store the rows of one random change."""
    kind, day, other, first = change
    cadre = "C1" if first else "C2"
    if isinstance(other, int):
        return apply_number(district, number, (kind, cadre), day, other)
    return apply_dates(district, number, (kind, cadre), day, other)


def apply_number(
    district: District, number: int, what: tuple[str, str], day: date, value: int
) -> list[Record]:
    """Store an expense, with or without an approval of one's own, or a row of attendance."""
    kind, cadre = what
    if kind == "attendance":
        return [district.attendance(cadre, day, clock_in=time(value // 60, value % 60))]
    expense = district.expense(f"R{number}", value, cadre=cadre, spent_on=day, reimbursed_on=day)
    if number % 2 == 0:
        return [expense]
    return [expense, district.approval(f"A{number}", expense, approver=cadre, decided_on=day)]


def apply_dates(
    district: District, number: int, what: tuple[str, str], day: date, other: date
) -> list[Record]:
    """Store a record that has two dates, or only the first of them."""
    kind, cadre = what
    code = f"R{number}"
    if kind == "log":
        return [district.log(cadre, day, other)]
    if kind == "leave":
        first_day, last_day = min(day, other), max(day, other)
        approved_on = first_day if number % 2 else None
        days = {"first_day": first_day, "last_day": last_day, "approved_on": approved_on}
        return [district.add(Leave, code=code, cadre=cadre, kind="sick", **days)]
    if kind == "meeting":
        place = district.session.scalars(select(Organization).filter_by(code="D1")).one()
        kinds = ("office", "chairs")[number % 2]
        held = {"held_on": day, "bulletin": cadre == "C1"}
        return [district.add(Meeting, code=code, organization=place, kind=kinds, **held)]
    if kind == "award":
        return [district.add(Award, code=code, cadre=cadre, nominated_on=day)]
    dates = {"occurred_on": day, "reported_on": day}
    mistake = district.add(Mistake, code=code, cadre=cadre, level="major", **dates)
    named = {"code": f"K{number}", "cadre": "C2", "mistake": mistake, "opened_on": other}
    return [mistake, district.add(AccountabilityCase, **named)]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(changes=changes)
def test_evaluating_what_was_touched_is_as_exact_as_evaluating_everything(
    district: District, changes: list[Change]
) -> None:
    _forget(district)
    professional(district)
    today = date(2026, 4, 10)
    whole(district, today)
    unique = {(each[0], each[1], each[3]): each for each in changes}
    for number, change in enumerate(unique.values()):
        for row in apply(district, number, change):
            touch(district, row, today)
    touched = _active(district)
    whole(district, today)
    assert touched == _active(district)


def _active(district: District) -> set[tuple[str, str, str, int]]:
    """Who is flagged for what, and on which revision of the evidence."""
    rows = district.session.execute(
        text(
            "SELECT rule, coalesce(cadre_id, -organization_id), key, revision"
            " FROM flag WHERE active"
        )
    )
    found = {(str(row[0]), str(row[1]), str(row[2]), int(row[3])) for row in rows}
    district.session.commit()
    return found


def _forget(district: District) -> None:
    """Empty every table of records and flags, so that each example begins anew."""
    for table in (
        "evidence_link",
        "pending_evaluation",
        "flag_event",
        "flag_revision",
        "flag",
        "evaluation",
        "district_state",
        "audit_link",
        "audit_head",
        "audit_entry",
        "discipline_expense_approval",
        "discipline_expense",
        "discipline_attendance",
        "discipline_work_log",
        "discipline_leave",
        "meetings_attendance",
        "meetings_meeting",
        "accountability_case",
        "accountability_mistake",
        "innovation_award",
    ):
        district.session.execute(text(f"DELETE FROM {table}"))
    district.session.commit()
