"""Form 2: a record starts a clock, and something must be done before it runs out."""

from typing import Any

import pytest

from tests.rules.support import flags, hits

TASK = {"code": "T1", "organization": "F1", "assigned_on": "2026-03-02", "due_on": "2026-03-20"}
DAYS = {"type": "integer", "label": {"zh": "期限", "en": "Days"}, "value": 5}


def rule(**deadline: Any) -> dict[str, Any]:
    """A rule on tasks that have to be started."""
    given = {"fact": "task", "from": "assigned_on", "done": "started_on"}
    return {"deadline": {**given, **deadline}, "subject": "organization", "key": "code"}


def tasks(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"task": [{**TASK, **row} for row in rows]}


@pytest.mark.parametrize(
    ("span", "deadline"),
    [
        ({"days": 0}, "2026-03-02"),
        ({"days": 5}, "2026-03-07"),
        ({"working_days": 5}, "2026-03-09"),
        ({"months": 1}, "2026-04-02"),
        ({"until": "end_of_year"}, "2026-12-31"),
    ],
)
def test_spans_and_both_sides_of_the_deadline(span: dict[str, Any], deadline: str) -> None:
    expected = [("F1", "T1", deadline)]
    assert flags(rule(**span), tasks({"started_on": deadline}), "2027-12-31") == []
    assert flags(rule(**span), tasks({}), "2027-12-31") == expected
    assert flags(rule(**span), tasks({}), deadline) == expected
    assert flags(rule(**span), tasks({}), deadline, live=True) == []
    late = tasks({"started_on": "2027-01-15"})
    assert flags(rule(**span), late, "2027-12-31") == expected
    assert flags(rule(**span), late, "2027-01-14") == expected


def test_before_its_deadline_nothing_is_missed() -> None:
    assert flags(rule(days=5), tasks({}), "2026-03-06") == []
    assert flags(rule(days=5), tasks({}), "2026-03-08", live=True) != []


def test_what_was_done_before_the_clock_started_is_done() -> None:
    assert flags(rule(days=5), tasks({"started_on": "2026-02-01"}), "2026-12-31") == []


def test_doing_late_today_is_late_at_once() -> None:
    given = tasks({"started_on": "2026-03-08"})
    assert flags(rule(days=5), given, "2026-03-08", live=True) == [("F1", "T1", "2026-03-07")]


def test_missing_and_late_may_be_flagged_apart() -> None:
    late, missing = tasks({"started_on": "2026-03-08"}), tasks({})
    assert flags(rule(days=5, flags="missing"), missing, "2026-03-31") != []
    assert flags(rule(days=5, flags="missing"), late, "2026-03-31") == []
    # As of the day before it was done it was missing.
    assert flags(rule(days=5, flags="missing"), late, "2026-03-07") != []
    assert flags(rule(days=5, flags="late"), missing, "2026-03-31") == []
    assert flags(rule(days=5, flags="late"), late, "2026-03-31") != []
    assert flags(rule(days=5, flags="both"), late, "2026-03-31") != []


def test_the_day_of_a_late_flag_may_be_that_of_doing() -> None:
    dated = {**rule(days=5, flags="late"), "occurred_on": "started_on"}
    given = tasks({"started_on": "2026-03-08"})
    assert flags(dated, given, "2026-03-31") == [("F1", "T1", "2026-03-08")]


def test_a_due_date_that_is_a_field_and_is_planned() -> None:
    overdue = rule(**{"from": "due_on", "days": 0, "done": "completed_on"})
    assert flags(overdue, tasks({}), "2026-03-19") == []
    assert flags(overdue, tasks({}), "2026-03-20") == [("F1", "T1", "2026-03-20")]
    assert flags(overdue, tasks({"completed_on": "2026-03-20"}), "2026-03-31") == []
    assert flags(overdue, tasks({"completed_on": "2026-03-21"}), "2026-03-31") != []


def test_a_clock_that_never_started_or_never_ends() -> None:
    adopted = {
        "deadline": {
            "fact": "innovation",
            "from": "adopted_on",
            "until": "end_of_year",
            "done": "result_on",
        },
        "subject": "organization",
        "key": "code",
    }
    row = {"code": "N1", "organization": "F1", "title": "亮点", "proposed_on": "2026-01-05"}
    assert flags(adopted, {"innovation": [row]}, "2030-12-31") == []
    assert flags(rule(days=10**9), tasks({}), "2100-12-31") == []
    assert (
        flags(
            rule(**{"from": "due_on", "months": 12}), tasks({"due_on": "9999-12-31"}), "2100-12-31"
        )
        == []
    )


def parameters(**value: Any) -> dict[str, Any]:
    return {"parameters": {"days": {**DAYS, **value}}}


@pytest.mark.parametrize(
    ("since", "deadline"), [("2026-03-02", "2026-03-03"), ("2026-03-03", "2026-03-07")]
)
def test_the_parameter_is_that_of_the_day_the_clock_starts(since: str, deadline: str) -> None:
    changing = {**rule(days="$days"), **parameters()}
    given = {"parameter": [{"name": "days", "from": since, "value": 1}], **tasks({})}
    assert flags(changing, given, "2026-12-31") == [("F1", "T1", deadline)]


@pytest.mark.parametrize(
    ("force", "flagged"),
    [
        ({"from": "2026-03-02"}, True),
        ({"from": "2026-03-03"}, False),
        ({"until": "2026-03-02"}, True),
        ({"until": "2026-03-01"}, False),
    ],
)
def test_a_deadline_counts_from_the_day_the_clock_starts(
    force: dict[str, str], *, flagged: bool
) -> None:
    found = flags({**rule(days=5), "in_force": force}, tasks({}), "2026-12-31")
    assert bool(found) is flagged


def test_records_that_start_a_clock_may_be_chosen() -> None:
    chosen = rule(days=5, where=[{"field": "owner", "op": "present"}])
    given = tasks({}, {"code": "T2", "owner": "C1"})
    assert flags(chosen, given, "2026-12-31") == [("F1", "T2", "2026-03-07")]


MISTAKE = {
    "code": "W1",
    "cadre": "C1",
    "level": "major",
    "occurred_on": "2026-03-01",
    "reported_on": "2026-03-02",
}
PURSUED = {
    "deadline": {
        "fact": "mistake",
        "from": "reported_on",
        "days": 5,
        "done": {
            "fact": "accountability_case",
            "where": [{"field": "mistake", "op": "eq", "value": ".code"}],
            "date": "opened_on",
        },
    },
    "subject": "cadre.organization",
    "key": "code",
}


def cases(*days: str, mistake: str | None = "W1") -> dict[str, Any]:
    rows = [
        {"code": f"X{number}", "mistake": mistake, "cadre": "C2", "opened_on": day}
        for number, day in enumerate(days)
    ]
    return {"mistake": [MISTAKE], "accountability_case": rows}


@pytest.mark.parametrize(
    ("days", "flagged"),
    [
        (["2026-03-07"], False),
        (["2026-03-08"], True),
        (["2026-03-20", "2026-03-07"], False),
        (["2026-02-01"], False),
        ([], True),
    ],
)
def test_the_first_related_date_is_that_of_doing(days: list[str], *, flagged: bool) -> None:
    found = flags(PURSUED, cases(*days), "2026-12-31")
    assert found == ([("F1", "W1", "2026-03-07")] if flagged else [])


def test_related_facts_of_others_do_not_count() -> None:
    assert flags(PURSUED, cases("2026-03-03", mistake=None), "2026-12-31") != []
    assert flags(PURSUED, cases("2026-03-03", mistake="W2"), "2026-12-31") != []


ASSET = {"code": "Z1", "organization": "F1", "name": "桌", "acquired_on": "2026-01-31"}
COUNTED = {
    "parameters": {"months": {**DAYS, "value": 1}},
    "deadline": {
        "fact": "asset",
        "from": "acquired_on",
        "months": "$months",
        "again": {
            "fact": "asset_count",
            "where": [
                {"field": "asset", "op": "eq", "value": ".code"},
                {"field": "counted_on", "op": "gte", "value": ".acquired_on"},
            ],
            "date": "counted_on",
        },
    },
    "subject": "organization",
    "key": "{code}/{deadline}",
}


def counts(*days: str) -> dict[str, Any]:
    rows = [{"asset": "Z1", "counted_on": day} for day in days]
    return {"asset": [ASSET], "asset_count": rows}


@pytest.mark.parametrize(
    ("days", "deadlines"),
    [
        ([], ["2026-02-28"]),
        # In time; the next deadline keeps the day of the count.
        (["2026-02-28"], ["2026-03-28"]),
        # Late stays late, and the next deadline runs from the count.
        (["2026-03-01"], ["2026-02-28", "2026-04-01"]),
        (["2026-03-01", "2026-04-01", "2026-04-30"], ["2026-02-28", "2026-05-30"]),
        # A count before the acquisition is ignored, one on its day restarts nothing.
        (["2026-01-30"], ["2026-02-28"]),
        (["2026-01-31"], ["2026-02-28"]),
        # Two counts within one period.
        (["2026-02-10", "2026-02-20", "2026-03-20", "2026-04-19", "2026-05-18"], ["2026-06-18"]),
    ],
)
def test_a_clock_that_starts_again(days: list[str], deadlines: list[str]) -> None:
    found = flags(COUNTED, counts(*days), "2026-06-30")
    assert found == [("F1", f"Z1/{deadline}", deadline) for deadline in deadlines]


def test_each_clock_has_the_parameter_of_its_own_start() -> None:
    change = {"parameter": [{"name": "months", "from": "2026-02-28", "value": 3}]}
    given = {**counts("2026-02-28"), **change}
    assert flags(COUNTED, given, "2026-12-31") == [("F1", "Z1/2026-05-28", "2026-05-28")]


def test_a_count_after_the_day_is_not_known_yet() -> None:
    given = counts("2026-02-28")
    assert flags(COUNTED, given, "2026-02-27") == []
    assert [key for _who, key, _day in flags(COUNTED, given, "2026-03-28")] == ["Z1/2026-03-28"]


def test_organizations_may_start_a_clock_and_be_its_subject() -> None:
    young = {
        "deadline": {
            "fact": "organization",
            "where": [{"field": "kind", "op": "eq", "value": "enterprise"}],
            "from": "founded_on",
            "days": 30,
            "done": {
                "fact": "meeting",
                "where": [{"field": "organization", "op": "eq", "value": ".code"}],
                "date": "held_on",
            },
        },
        "subject": "code",
        "key": "founded_on",
    }
    given = {"organization": [{"code": "E1", "founded_on": "2026-03-01"}]}
    assert flags(young, given, "2026-12-31") == [("E1", "2026-03-01", "2026-03-31")]


def test_a_dissolved_organization_s_deadlines_run_on() -> None:
    dissolved = {"organization": [{"code": "F1", "dissolved_on": "2026-03-03"}], **tasks({})}
    assert flags(rule(days=5), dissolved, "2026-12-31") == [("F1", "T1", "2026-03-07")]


def test_what_the_form_derives_can_be_printed() -> None:
    message = {"zh": "{clock_start} {deadline} {done_on} {late}", "en": "{overdue}"}
    given = tasks({"started_on": "2026-03-08"})
    (hit,) = hits({**rule(days=5), "message": message}, given, "2026-03-31")
    assert hit.message == {"zh": "2026年3月2日 2026年3月7日 2026年3月8日 是", "en": "no"}
    assert [entry["fact"] for entry in hit.evidence] == ["task", "deadline"]
    assert hit.evidence[1]["done_on"] == "2026-03-08"
