"""`tiesan evaluate` as a person runs it, on both databases."""

import csv
import json
import stat
import subprocess
from collections import Counter
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from tests.cli.evaluating import (
    UNAPPROVED,
    evaluated,
    flag_rows,
    keys,
    plan_run,
    run_days,
    spoil_threshold,
)
from tiesan.clock import today
from tiesan.testing.command import COMMAND, Tiesan


def test_json_is_as_the_exchange_format_has_it(tiesan: Tiesan, stored: str) -> None:
    answer = evaluated(tiesan, stored, "2026-03-31")
    assert set(answer) == {"as_of", "flags", "not_evaluated", "stored", "summary"}
    assert (answer["as_of"], answer["stored"], answer["not_evaluated"]) == ("2026-03-31", True, [])
    assert {"facts", "rules", "flags", "added", "cleared", "seconds"} <= set(answer["summary"])
    assert answer["summary"]["rules"] == 39
    assert answer["summary"]["flags"] == len(answer["flags"]) == answer["summary"]["added"]
    [flag] = [each for each in answer["flags"] if each["rule"] == UNAPPROVED]
    assert {name: flag[name] for name in ("subject_kind", "subject", "key", "occurred_on")} == {
        "subject_kind": "cadre",
        "subject": "C1",
        "key": "X1",
        "occurred_on": "2026-03-05",
    }
    assert flag["review"] == "open"
    assert flag["evidence"][0]["fact"] == "expense"
    order = [(each["rule"], each["subject"], each["key"]) for each in answer["flags"]]
    assert order == sorted(order)


def test_an_earlier_day_is_answered_and_not_stored(tiesan: Tiesan, stored: str) -> None:
    assert keys(evaluated(tiesan, stored, "2026-07-31")) == ["X1", "X3"]
    answer = evaluated(tiesan, stored, "2026-03-31")
    assert (keys(answer), answer["stored"]) == (["X1"], False)
    again = evaluated(tiesan, stored, "2026-07-31")
    assert (again["summary"]["added"], again["summary"]["cleared"]) == (0, 0)


def said(tiesan: Tiesan, url: str, *words: str, status: int = 0) -> str:
    """What an evaluation says on standard error."""
    return tiesan("evaluate", *words, database=url, status=status).stderr


def test_a_day_to_come_is_answered_and_stored_only_if_that_is_meant(
    tiesan: Tiesan, stored: str
) -> None:
    tomorrow = (today() + timedelta(days=1)).isoformat()
    answer = evaluated(tiesan, stored, tomorrow)
    assert (keys(answer), answer["stored"]) == (["X1", "X3"], False)
    assert flag_rows(stored) == Counter()
    asked = said(tiesan, stored, "--as-of", tomorrow)
    assert asked.count("--ahead stores it all the same") == 2
    assert evaluated(tiesan, stored, today().isoformat())["stored"]
    assert "not stored" not in said(tiesan, stored, "--as-of", tomorrow, "--ahead")
    assert not evaluated(tiesan, stored, tomorrow)["stored"]


def test_a_stored_day_to_come_is_noticed_and_brought_back(tiesan: Tiesan, stored: str) -> None:
    yesterday = (today() - timedelta(days=1)).isoformat()
    future = (today() + timedelta(days=400)).isoformat()
    tiesan("evaluate", "--quiet", database=stored)
    before = flag_rows(stored)
    assert said(tiesan, stored, "--as-of", future, "--ahead", "--quiet") == ""
    assert len(flag_rows(stored)) > len(before)
    noticed = said(tiesan, stored, "--quiet", status=3).splitlines()
    assert [line[:2] for line in noticed] == ["D1", "D2"]
    assert f"{future}, lies in the future" in noticed[0]
    assert "--back" in noticed[0]
    # A question is answered, and says so as well.
    assert "lies in the future" in said(tiesan, stored, "--as-of", yesterday)
    assert f"D1: brought back to {yesterday}.\n" in said(tiesan, stored, "--back")
    assert {row for row in flag_rows(stored) if row[3]} == set(before)
    assert said(tiesan, stored, "--quiet") == ""
    assert "No district's stored day" in said(tiesan, stored, "--back")


def test_leading_back_forgets_the_runs_of_days_to_come(tiesan: Tiesan, stored: str) -> None:
    days = [today() + timedelta(days=number) for number in (-1, 0, 1, 5)]
    for day in days:
        plan_run(stored, day)
    tiesan("evaluate", "--quiet", database=stored)
    assert run_days(stored) == days
    tiesan("evaluate", "--quiet", "--back", database=stored)
    assert run_days(stored) == days[:2]


def test_a_run_that_could_not_store_exits_with_3(tiesan: Tiesan, stored: str) -> None:
    tiesan("evaluate", "--as-of", today().isoformat(), "--quiet", database=stored)
    noticed = said(tiesan, stored, "--quiet", status=3)
    assert noticed.count("has been evaluated already, so this answer was not stored") == 2
    assert said(tiesan, stored, "--as-of", "2026-03-31", "--quiet") == ""


@pytest.mark.parametrize("words", [("--as-of", "2026-03-31"), ("--ahead",)])
def test_leading_back_goes_with_no_day(
    tiesan: Tiesan, sqlite_url: str, words: tuple[str, ...]
) -> None:
    assert "--back goes with neither" in said(tiesan, sqlite_url, "--back", *words, status=2)


def test_an_output_that_cannot_be_written_is_refused_before_anything_is_stored(
    tiesan: Tiesan, stored: str
) -> None:
    words = ["evaluate", "--as-of", "2026-07-31", "--output"]
    done = tiesan(*words, "nowhere/flags.csv", database=stored, status=1)
    assert done.stderr == "nowhere/flags.csv: No such file or directory\n"
    assert evaluated(tiesan, stored, "2026-03-31")["stored"]


def test_table_and_csv_show_the_same_flags(tiesan: Tiesan, stored: str, tmp_path: Path) -> None:
    shown = tiesan("evaluate", "--as-of", "2026-03-31", database=stored)
    assert "X1" in shown.stdout
    assert "As of 2026-03-31" in shown.stderr
    file = tmp_path / "flags.csv"
    words = ("evaluate", "--as-of", "2026-03-31", "--format", "csv", "--output", file, "--quiet")
    quiet = tiesan(*words, database=stored)
    assert (quiet.stdout, quiet.stderr) == ("", "")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["key"] for row in rows if row["rule"] == UNAPPROVED] == ["X1"]
    # It names persons: whoever wrote it reads it, nobody else.
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_is_not_evaluated_is_said_everywhere(
    tiesan: Tiesan, stored: str, tmp_path: Path
) -> None:
    spoil_threshold(stored)
    answer = evaluated(tiesan, stored, "2026-03-31", status=3)
    assert UNAPPROVED in {entry["rule"] for entry in answer["not_evaluated"]}
    assert keys(answer) == []
    table = tiesan("evaluate", "--as-of", "2026-03-31", database=stored, status=3)
    assert f"NOT EVALUATED {UNAPPROVED}" in table.stderr
    file = tmp_path / "flags.txt"
    tiesan("evaluate", "--as-of", "2026-03-31", "--output", file, database=stored, status=3)
    assert f"NOT EVALUATED {UNAPPROVED}" in file.read_text(encoding="utf-8")


def test_a_day_beyond_the_calendar_is_refused(tiesan: Tiesan, sqlite_url: str) -> None:
    done = tiesan("evaluate", "--as-of", "2101-01-01", database=sqlite_url, status=1)
    assert "the years 1950 to 2100" in done.stderr


def test_a_database_without_tables_is_refused_in_one_line(
    tiesan: Tiesan, empty_database_url: str
) -> None:
    done = tiesan("evaluate", database=empty_database_url, status=1)
    assert done.stderr.count("\n") == 1
    assert "init-db" in done.stderr


def environment(url: str) -> dict[str, str]:
    """The environment of a command that the test itself starts."""
    return {"TIESAN_DATABASE_URL": url, "LANG": "en", "PATH": ""}


@pytest.mark.parametrize("moment", [0.9, 1.2, 1.5])
def test_a_killed_evaluation_leaves_the_state_before_or_after(
    tiesan: Tiesan, stored: str, moment: float
) -> None:
    before = flag_rows(stored)
    words = [str(COMMAND), "evaluate", "--as-of", "2026-07-31", "--format", "json"]
    process = subprocess.Popen(
        words, env=environment(stored), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(timeout=moment)
    except subprocess.TimeoutExpired:
        process.kill()
    process.wait()
    left = flag_rows(stored)
    answer = evaluated(tiesan, stored, "2026-07-31")
    after = flag_rows(stored)
    assert keys(answer) == ["X1", "X3"]
    names = ("rule", "subject", "key")
    assert after == Counter((*(flag[name] for name in names), True) for flag in answer["flags"])
    # Each of the two districts is a transaction of its own, so one may be done and one not.
    assert before <= left <= after
    if left not in (before, after):
        assert {row[2] for row in left if row[0] == UNAPPROVED} in ({"X1", "X3"}, set())


def test_a_killed_engine_child_is_never_a_clean_district(tiesan: Tiesan, stored: str) -> None:
    words = [str(COMMAND), "evaluate", "--as-of", "2026-07-31", "--format", "json"]
    process = subprocess.Popen(
        words, env=environment(stored), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    parent, killed = psutil.Process(process.pid), 0
    while process.poll() is None and killed == 0:
        for child in children(parent):
            child.kill()
            killed += 1
    stdout, stderr = process.communicate()
    assert killed > 0
    assert process.returncode == 0, stderr
    assert keys(json.loads(stdout)) == ["X1", "X3"]
    answer = evaluated(tiesan, stored, "2026-07-31")
    assert (answer["summary"]["added"], keys(answer)) == (0, ["X1", "X3"])


def children(parent: psutil.Process) -> list[psutil.Process]:
    """The living children of a process."""
    try:
        return [each for each in parent.children() if each.status() != psutil.STATUS_ZOMBIE]
    except psutil.NoSuchProcess:
        return []


def test_two_evaluations_at_once_store_the_same_as_one(tiesan: Tiesan, stored: str) -> None:
    words = [str(COMMAND), "evaluate", "--as-of", "2026-07-31", "--format", "json"]
    running = [
        subprocess.Popen(
            words, env=environment(stored), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _number in range(3)
    ]
    answers = []
    for process in running:
        stdout, stderr = process.communicate()
        assert process.returncode == 0, stderr
        answers.append(json.loads(stdout))
    assert sorted(answer["summary"]["added"] > 0 for answer in answers) == [False, False, True]
    assert max(flag_rows(stored).values()) == 1
    assert evaluated(tiesan, stored, "2026-07-31")["summary"]["added"] == 0


def test_no_command_leaves_a_child_behind(stored: str) -> None:
    words = [str(COMMAND), "evaluate", "--as-of", "2026-07-31", "--quiet"]
    process = subprocess.Popen(words, env=environment(stored), stdout=subprocess.DEVNULL)
    parent = psutil.Process(process.pid)
    seen: set[psutil.Process] = set()
    while process.poll() is None:
        seen.update(children(parent))
    psutil.wait_procs(list(seen), timeout=30)
    assert seen
    assert not any(child.is_running() for child in seen)
