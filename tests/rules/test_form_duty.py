"""Form 3: somebody owes something once per period."""

from typing import Any

import pytest

from tests.rules.support import flags, hits, problems

SINCE_MARCH = [{"code": "D1", "tracked_from": "2026-03-01"}]
ONLY_C1 = [{"code": "C2", "professional": False}]


def rule(**duty: Any) -> dict[str, Any]:
    """Each professional cadre owes an information report a month, unless told otherwise."""
    given = {
        "owed_by": {
            "fact": "cadre",
            "where": [{"field": "professional", "op": "eq", "value": "true"}],
        },
        "every": "month",
        "counts": {"fact": "info_report", "by": "cadre", "date": "submitted_on"},
    }
    return {"duty": {**given, **duty}}


def world(*days: str, cadre: dict[str, Any] | None = None, **rows: Any) -> dict[str, Any]:
    """C1 alone, tracked since March 1, with reports on these days."""
    reports = [
        {"code": f"I{number}", "cadre": "C1", "submitted_on": day, "title": "动态"}
        for number, day in enumerate(days)
    ]
    cadres = [*ONLY_C1, {"code": "C1", **(cadre or {})}]
    return {"organization": SINCE_MARCH, "cadre": cadres, "info_report": reports, **rows}


@pytest.mark.parametrize(
    ("every", "since", "as_of", "labels"),
    [
        ("month", "2026-03-01", "2026-03-30", []),
        ("month", "2026-03-01", "2026-03-31", ["2026-03"]),
        ("month", "2026-03-02", "2026-03-31", []),
        ("quarter", "2026-01-01", "2026-03-31", ["2026-Q1"]),
        ("quarter", "2026-01-02", "2026-06-30", ["2026-Q2"]),
        ("year", "2026-01-01", "2026-12-31", ["2026"]),
        ("year", "2026-01-01", "2026-12-30", []),
        ("week", "2026-03-02", "2026-03-08", ["2026-W10"]),
        ("week", "2026-03-03", "2026-03-14", []),
        # February 16 to 22 is the week of the Spring Festival: nobody works in it.
        ("week", "2026-02-09", "2026-02-28", ["2026-W07"]),
        ("week", "2026-02-09", "2026-03-01", ["2026-W07", "2026-W09"]),
        ("working_day", "2026-03-06", "2026-03-09", ["2026-03-06", "2026-03-09"]),
    ],
)
def test_periods_that_have_begun_since_and_are_due(
    every: str, since: str, as_of: str, labels: list[str]
) -> None:
    given = {**world(), "organization": [{"code": "D1", "tracked_from": since}]}
    assert [key for _who, key, _day in flags(rule(every=every), given, as_of)] == labels


def test_what_was_done_in_the_period_counts() -> None:
    assert flags(rule(), world("2026-03-01"), "2026-03-31") == []
    assert flags(rule(), world("2026-03-31"), "2026-03-31") == []
    assert flags(rule(), world("2026-02-28", "2026-04-01"), "2026-04-01") != []
    assert flags(rule(), world("2026-04-01"), "2026-03-31") == [("C1", "2026-03", "2026-03-31")]


def test_a_live_evaluation_waits_until_the_due_date_is_over() -> None:
    assert flags(rule(), world(), "2026-03-31", live=True) == []
    assert flags(rule(), world(), "2026-04-01", live=True) == [("C1", "2026-03", "2026-03-31")]


def test_only_the_subject_s_own_records_count() -> None:
    given = world("2026-03-10")
    given["info_report"][0]["cadre"] = "C2"
    assert flags(rule(), given, "2026-03-31") == [("C1", "2026-03", "2026-03-31")]


@pytest.mark.parametrize(
    ("joined", "left", "owes"),
    [
        ("2026-03-01", None, True),
        ("2026-03-02", None, False),
        ("2000-01-01", "2026-04-01", True),
        ("2000-01-01", "2026-03-31", False),
        ("2000-01-01", "2026-03-01", False),
        ("2026-03-01", "2026-03-01", False),
    ],
)
def test_who_owes_was_in_post_for_the_whole_period(
    joined: str, left: str | None, *, owes: bool
) -> None:
    given = world(cadre={"joined_on": joined, "left_on": left})
    assert bool(flags(rule(), given, "2026-03-31")) is owes


@pytest.mark.parametrize(
    ("founded", "dissolved", "owes"),
    [
        ("2026-03-01", None, True),
        ("2026-03-02", None, False),
        ("2000-01-01", "2026-04-01", True),
        ("2000-01-01", "2026-03-31", False),
    ],
)
def test_an_organization_owes_that_stood_for_the_whole_period(
    founded: str, dissolved: str | None, *, owes: bool
) -> None:
    session = {
        "owed_by": {
            "fact": "organization",
            "where": [{"field": "kind", "op": "eq", "value": "federation"}],
        },
        "counts": {"fact": "study_session", "by": "organization", "date": "held_on"},
    }
    federation = {"code": "F1", "founded_on": founded, "dissolved_on": dissolved}
    given = {"organization": [*SINCE_MARCH, federation]}
    found = flags(rule(**session), given, "2026-03-31")
    assert found == ([("F1", "2026-03", "2026-03-31")] if owes else [])


def test_the_duties_of_cadres_of_a_dissolved_organization_run_on() -> None:
    gone = [*SINCE_MARCH, {"code": "F1", "dissolved_on": "2026-02-01"}]
    assert flags(rule(), {**world(), "organization": gone}, "2026-03-31") != []


@pytest.mark.parametrize(
    ("due", "occurred_on"),
    [
        ({"from": "last_day"}, "2026-03-31"),
        ({"from": "first_day"}, "2026-03-01"),
        ({"from": "first_day", "days": 30}, "2026-03-31"),
        ({"from": "first_day", "days": 9}, "2026-03-10"),
        ({"from": "last_day", "days": 0}, "2026-03-31"),
        ({"from": "last_day", "working_days": 3}, "2026-04-03"),
        ({"from": "last_day", "months": 1}, "2026-04-30"),
        ({"from": "first_day", "working_days": 1}, "2026-03-02"),
    ],
)
def test_due_dates(due: dict[str, Any], occurred_on: str) -> None:
    assert flags(rule(due=due), world(), occurred_on)[0] == ("C1", "2026-03", occurred_on)
    assert flags(rule(due=due), world(), occurred_on, live=True) == []


def test_what_is_due_before_the_period_ends_is_owed_by_who_stood_until_then() -> None:
    early = {"from": "first_day", "days": 9}
    leaves = world(cadre={"left_on": "2026-03-20"})
    assert flags(rule(due=early), leaves, "2026-03-31") == []
    until_due = rule(due=early, stands_until="due_on")
    assert flags(until_due, leaves, "2026-03-31") == [("C1", "2026-03", "2026-03-10")]
    gone = world(cadre={"left_on": "2026-03-10"})
    assert flags(until_due, gone, "2026-03-31") == []
    # Nobody knows yet in March who will have stood for it whole: the stored date says so.
    assert flags(rule(due=early), world(), "2026-03-10") != []


def leave(first: str, last: str, **values: Any) -> dict[str, Any]:
    row = {"code": "L1", "cadre": "C1", "kind": "annual", "approved_on": "2026-02-20"}
    return {**row, "first_day": first, "last_day": last, **values}


# The first working day of March 2026 is Monday the 2nd, the last one Tuesday the 31st.
@pytest.mark.parametrize(
    ("rows", "owes"),
    [
        ([leave("2026-03-02", "2026-03-31")], False),
        ([leave("2026-03-03", "2026-03-31")], True),
        ([leave("2026-03-02", "2026-03-30")], True),
        ([leave("2026-03-02", "2026-03-31", last_half="am")], True),
        ([leave("2026-03-02", "2026-03-31", first_half="pm")], True),
        ([leave("2026-03-02", "2026-03-31", kind="official")], True),
        ([leave("2026-03-02", "2026-03-31", approved_on=None)], True),
        ([leave("2026-03-02", "2026-03-31", approved_on="2026-04-01")], True),
        ([leave("2026-03-02", "2026-03-31", approved_on="2026-03-31")], False),
        ([leave("2026-03-02", "2026-03-31", closed_on="2026-03-03")], False),
        ([leave("2026-03-02", "2026-03-31", cadre="C2")], True),
        (
            [
                leave("2026-03-02", "2026-03-16", last_half="am"),
                leave("2026-03-16", "2026-03-31", first_half="pm", code="L2"),
            ],
            False,
        ),
        (
            [
                leave("2026-03-02", "2026-03-16", last_half="am"),
                leave("2026-03-16", "2026-03-31", first_half="pm", code="L2", kind="official"),
            ],
            True,
        ),
    ],
)
def test_who_is_on_leave_on_every_working_day_owes_nothing(
    rows: list[dict[str, Any]], *, owes: bool
) -> None:
    assert bool(flags(rule(), world(leave=rows), "2026-03-31")) is owes


@pytest.mark.parametrize(
    ("excused", "owes"), [("leave", True), ("leave_or_outing", False), ("never", True)]
)
def test_what_excuses_is_for_the_rule_to_say(excused: str, *, owes: bool) -> None:
    outing = world(leave=[leave("2026-03-01", "2026-03-31", kind="official")])
    assert bool(flags(rule(excused=excused), outing, "2026-03-31")) is owes


def test_leave_does_not_excuse_where_nothing_does() -> None:
    away = world(leave=[leave("2026-03-01", "2026-03-31")])
    assert flags(rule(excused="never"), away, "2026-03-31") != []


def test_leave_is_looked_at_for_as_long_as_one_must_stand() -> None:
    until_due = rule(due={"from": "first_day", "days": 9}, stands_until="due_on")
    away = world(leave=[leave("2026-03-02", "2026-03-10")])
    assert flags(until_due, away, "2026-03-31") == []
    assert flags(rule(due={"from": "first_day", "days": 9}), away, "2026-03-31") != []


def test_leave_planned_beyond_the_day_excuses_what_is_due_now() -> None:
    yearly = rule(every="year", due={"from": "first_day", "days": 30})
    given = world(leave=[leave("2027-01-01", "2027-12-31")])
    assert flags(yearly, given, "2027-01-31") == []
    given = world(leave=[leave("2027-01-01", "2027-12-30")])
    assert flags(yearly, given, "2027-01-31") == [("C1", "2027", "2027-01-31")]


def test_a_month_that_exceptions_empty_of_working_days_is_owed_all_the_same() -> None:
    off = [{"day": f"2026-03-{day:02d}", "kind": "off"} for day in range(1, 32)]
    given = world(leave=[leave("2026-03-01", "2026-03-31")], calendar_exception=off)
    assert flags(rule(), given, "2026-03-31") == [("C1", "2026-03", "2026-03-31")]


REQUIRED = {"type": "integer", "label": {"zh": "条数", "en": "Number"}, "value": 1}


@pytest.mark.parametrize(
    ("since", "as_of", "flagged"),
    [
        ("2026-03-31", "2026-03-31", True),
        ("2026-04-01", "2026-04-30", False),
        ("2026-03-15", "2026-03-31", True),
    ],
)
def test_the_parameter_is_that_of_the_period_s_last_day(
    since: str, as_of: str, *, flagged: bool
) -> None:
    changing = {**rule(required="$required"), "parameters": {"required": REQUIRED}}
    change = [{"name": "required", "from": since, "value": 2}]
    found = flags(
        changing, world("2026-03-10", "2026-04-10", "2026-04-11", parameter=change), as_of
    )
    assert (("C1", "2026-03", "2026-03-31") in found) is flagged


def test_the_parameter_of_a_running_period_is_that_of_the_day() -> None:
    early = rule(required="$required", due={"from": "first_day", "days": 9})
    changing = {**early, "parameters": {"required": REQUIRED}}
    change = [{"name": "required", "from": "2026-03-20", "value": 2}]
    given = world("2026-03-05", parameter=change)
    assert flags(changing, given, "2026-03-19") == []
    assert flags(changing, given, "2026-03-20") == [("C1", "2026-03", "2026-03-10")]


@pytest.mark.parametrize(
    ("force", "labels"),
    [
        ({"from": "2026-03-31"}, ["2026-03", "2026-04"]),
        ({"from": "2026-04-01"}, ["2026-04"]),
        ({"until": "2026-04-29"}, ["2026-03"]),
        ({"until": "2026-04-30"}, ["2026-03", "2026-04"]),
    ],
)
def test_a_duty_counts_from_the_last_day_of_its_period(
    force: dict[str, str], labels: list[str]
) -> None:
    found = flags({**rule(), "in_force": force}, world(), "2026-04-30")
    assert [key for _who, key, _day in found] == labels


def test_how_many_are_required() -> None:
    two = rule(required=2)
    assert flags(two, world("2026-03-01"), "2026-03-31") != []
    assert flags(two, world("2026-03-01", "2026-03-01"), "2026-03-31") == []


def test_what_counts_may_be_chosen_and_speak_of_the_period() -> None:
    letter = {
        "every": "year",
        "due": {"from": "first_day", "days": 30},
        "stands_until": "due_on",
        "counts": {
            "fact": "responsibility_letter",
            "by": "cadre",
            "where": [
                {"field": "year", "op": "eq", "value": ".first_day.year"},
                {"field": "signed_on", "op": "lte", "value": ".due_on"},
            ],
        },
    }
    row = {"code": "R1", "cadre": "C1", "year": 2027}
    in_time = world(responsibility_letter=[{**row, "signed_on": "2027-01-31"}])
    late = world(responsibility_letter=[{**row, "signed_on": "2027-02-01"}])
    early = world(responsibility_letter=[{**row, "signed_on": "2026-12-01"}])
    assert flags(rule(**letter), in_time, "2027-12-31") == []
    assert flags(rule(**letter), late, "2027-12-31") == [("C1", "2027", "2027-01-31")]
    assert flags(rule(**letter), early, "2027-12-31") == []


def test_who_owes_may_depend_on_the_period() -> None:
    parent = {
        "owed_by": {
            "fact": "organization",
            "with": {
                "fact": "organization",
                "where": [
                    {"field": "parent", "op": "eq", "value": ".code"},
                    {"field": "founded_on", "op": "lte", "value": ".first_day"},
                ],
            },
        },
        "counts": {"fact": "meeting", "by": "organization", "date": "held_on"},
    }
    young = {"code": "E1", "founded_on": "2026-04-01"}
    given = {"organization": [*SINCE_MARCH, young]}
    assert flags(rule(**parent), given, "2026-04-30") == [
        ("D1", "2026-03", "2026-03-31"),
        ("D1", "2026-04", "2026-04-30"),
        ("F1", "2026-04", "2026-04-30"),
    ]


def test_who_owes_may_be_without_something() -> None:
    without = {
        "owed_by": {
            "fact": "cadre",
            "without": {
                "fact": "research_paper",
                "where": [{"field": "cadre", "op": "eq", "value": ".code"}],
            },
        }
    }
    paper = {"code": "P1", "cadre": "C2", "submitted_on": "2026-03-05", "title": "论文"}
    given = world(research_paper=[paper])
    assert flags(rule(**without), given, "2026-03-31") == [("C1", "2026-03", "2026-03-31")]


def test_what_the_form_derives_can_be_printed() -> None:
    message = {
        "zh": "{name}/{code} {label} {first_day} {last_day} {due_on} {required} {done}",
        "en": "{name}/{code} {label} {organization}",
    }
    (hit,) = hits({**rule(required=2), "message": message}, world("2026-03-10"), "2026-03-31")
    assert hit.message["zh"] == "张一/张一 2026-03 2026年3月1日 2026年3月31日 2026年3月31日 2 1"
    assert hit.message["en"] == "张一/张一 2026-03 乙联合会"
    assert [entry["fact"] for entry in hit.evidence] == ["cadre", "duty"]


def test_what_is_being_counted_cannot_be_asked_for() -> None:
    where = [{"field": "title", "op": "eq", "value": ".label"}]
    counts = {"fact": "info_report", "by": "cadre"}
    assert flags(rule(counts={**counts, "where": where}), world("2026-03-10"), "2026-03-31") != []
    circular = [{"field": "submitted_on.month", "op": "gt", "value": ".done"}]
    (problem,) = problems(rule(counts={**counts, "where": circular}))
    assert "unknown field 'done'" in problem
    # Who owes may depend on what was done: a second report is owed only after a first one.
    owner = {"fact": "cadre", "where": [{"field": "done", "op": "gte", "value": 1}]}
    second = rule(owed_by=owner, required=2)
    assert [key for _who, key, _day in flags(second, world("2026-03-10"), "2026-04-30")] == [
        "2026-03"
    ]


def test_who_owes_may_be_chosen_by_code() -> None:
    first = {"fact": "cadre", "where": [{"field": "code", "op": "starts_with", "value": "C1"}]}
    assert flags(rule(owed_by=first), world(), "2026-03-31") == [("C1", "2026-03", "2026-03-31")]
    other = {"fact": "cadre", "where": [{"field": "code", "op": "in", "value": ["C3"]}]}
    assert flags(rule(owed_by=other), world(), "2026-03-31") == []
