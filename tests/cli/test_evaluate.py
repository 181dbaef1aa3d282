"""`tiesan evaluate`, `parameter` and `rules` as a person runs them, on both databases."""

import csv
import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa

from tests.command import COMMAND, Tiesan

UNAPPROVED = "discipline.expense_unapproved"
ORGANIZATIONS = """code,name,kind,parent,founded_on,dissolved_on,tracked_from,chair
D1,甲区总工会,district,,1990-01-01,,2026-03-02,C1
F1,乙联合会,federation,D1,1990-01-01,,,
D2,丙区总工会,district,,1990-01-01,,2026-03-02,
"""
CADRES = """code,name,organization,post,professional,joined_on,left_on
C1,张一,F1,干事,false,2000-01-01,
C2,李二,D2,干事,false,2000-01-01,
"""
EXPENSES = """code,cadre,payee,item,amount,spent_on,requested_on,reimbursed_on,receipt
X1,C1,甲商店,茶叶,200,2026-03-05,2026-03-05,2026-03-05,true
X2,C1,甲商店,茶叶,199.99,2026-03-06,2026-03-06,2026-03-06,true
X3,C1,甲商店,茶叶,450,2026-07-06,2026-07-06,2026-07-06,true
"""


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """A folder with a small district's records."""
    folder = tmp_path / "records"
    folder.mkdir()
    for name, content in (
        ("organizations", ORGANIZATIONS),
        ("cadres", CADRES),
        ("expenses", EXPENSES),
    ):
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return folder


@pytest.fixture
def stored(tiesan: Tiesan, records: Path, database_url: str) -> str:
    """The URL of a database with the small district."""
    tiesan("import", records, database=database_url)
    return database_url


def evaluated(tiesan: Tiesan, url: str, as_of: str, status: int = 0) -> Any:
    """What an evaluation prints as JSON."""
    words = ("evaluate", "--as-of", as_of, "--format", "json")
    return json.loads(tiesan(*words, database=url, status=status).stdout)


def keys(answer: Any, rule: str = UNAPPROVED) -> list[str]:
    """The keys of a rule's flags."""
    return [flag["key"] for flag in answer["flags"] if flag["rule"] == rule]


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
    assert flag["evidence"][0]["fact"] == "expense"
    order = [(each["rule"], each["subject"], each["key"]) for each in answer["flags"]]
    assert order == sorted(order)


def test_an_earlier_day_is_answered_and_not_stored(tiesan: Tiesan, stored: str) -> None:
    assert keys(evaluated(tiesan, stored, "2026-07-31")) == ["X1", "X3"]
    answer = evaluated(tiesan, stored, "2026-03-31")
    assert (keys(answer), answer["stored"]) == (["X1"], False)
    again = evaluated(tiesan, stored, "2026-07-31")
    assert (again["summary"]["added"], again["summary"]["cleared"]) == (0, 0)


def test_a_threshold_changed_from_july_does_not_rewrite_march(tiesan: Tiesan, stored: str) -> None:
    words = ("parameter", "set", UNAPPROVED, "threshold", "450.01", "--from", "2026-07-01")
    tiesan(*words, database=stored)
    assert keys(evaluated(tiesan, stored, "2026-07-31")) == ["X1"]
    tiesan(*words[:4], "450", "--from", "2026-07-01", database=stored)
    assert keys(evaluated(tiesan, stored, "2026-07-31")) == ["X1", "X3"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("no.rule", "threshold", "5"), "unknown rule 'no.rule'"),
        ((UNAPPROVED, "limit", "5"), "it has: threshold"),
        ((UNAPPROVED, "threshold", "199.995"), "'199.995'"),
        ((UNAPPROVED, "threshold", "-1"), "-1"),
        (("discipline.frequent_late", "times", "0"), "1 and above"),
        (("discipline.late", "work_start", "8:30"), "HH:MM"),
        (("accountability.repeat_violations", "counted", "all"), "not_dismissed"),
    ],
)
def test_a_refused_parameter_says_what_is_allowed(
    tiesan: Tiesan, sqlite_url: str, words: tuple[str, ...], found: str
) -> None:
    line = ("parameter", "set", "--from", "2026-07-01", "--", *words)
    assert found in tiesan(*line, database=sqlite_url, status=1).stderr


@pytest.mark.parametrize(
    ("reason", "words"),
    [("x" * 501, "longer than 500 characters; found: 501"), ("\udcff", "U+DCFF")],
)
def test_a_reason_that_cannot_be_stored_is_refused(
    tiesan: Tiesan, sqlite_url: str, reason: str, words: str
) -> None:
    given = [UNAPPROVED, "threshold", "500", "--from", "2026-07-01", "--reason", reason]
    done = tiesan("parameter", "set", *given, database=sqlite_url, status=1)
    assert done.stderr.startswith("Reason: ")
    assert words in done.stderr


def test_an_empty_reason_is_none(tiesan: Tiesan, sqlite_url: str) -> None:
    given = [UNAPPROVED, "threshold", "500", "--from", "2026-07-01", "--reason", ""]
    tiesan("parameter", "set", *given, database=sqlite_url)


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
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["key"] for row in rows if row["rule"] == UNAPPROVED] == ["X1"]


def spoil_threshold(url: str) -> None:
    """Store a value of the threshold that no import would take: the rule cannot be evaluated."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO rule_parameter (rule, name, valid_from, value) "
                "VALUES (:rule, 'threshold', '2026-01-01', 'viel')"
            ),
            {"rule": UNAPPROVED},
        )
    engine.dispose()


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


RULE_FILE = f"""plugin: discipline
rules:
  - id: {UNAPPROVED}
    title: {{zh: 大额开支未经审批, en: Expense not approved}}
    clause: {{zh: 先报审批, en: Approval first}}
    severity: SEVERITY
    parameters:
      threshold: {{type: amount, label: {{zh: 起点, en: Threshold}}, value: THRESHOLD}}
    when:
      fact: expense
      where:
        - {{field: amount, op: gte, value: $threshold}}
    subject: cadre
    key: code
    occurred_on: reimbursed_on
    tests:
      - name: one cent below
        given:
          expense:
            - code: X
              cadre: C1
              amount: 199.99
              spent_on: 2026-03-02
              reimbursed_on: 2026-03-05
        as_of: 2026-03-31
        flags: []
"""


def rule_file(folder: Path, threshold: str = "200", severity: str = "serious") -> Path:
    """A file with another reading of the rule on expenses."""
    path = folder / "mine.yaml"
    text = RULE_FILE.replace("THRESHOLD", threshold).replace("SEVERITY", severity)
    path.write_text(text, encoding="utf-8")
    return path


def tried(tiesan: Tiesan, url: str, file: Path, status: int = 0) -> Any:
    """What a backtest prints as JSON."""
    words = ("--since", "2026-03-06", "--as-of", "2026-07-31", "--format", "json")
    return json.loads(tiesan("rules", "backtest", file, *words, database=url, status=status).stdout)


@pytest.mark.parametrize(
    ("threshold", "severity", "groups"),
    [
        ("200", "serious", [[], [], ["X3"]]),
        ("199.99", "serious", [["X2"], [], ["X3"]]),
        ("450.01", "serious", [[], ["X3"], []]),
        # Another severity is another flag.
        ("200", "minor", [["X3"], ["X3"], []]),
    ],
)
def test_a_backtest_says_what_a_rule_would_change_and_stores_nothing(
    tiesan: Tiesan,
    stored: str,
    tmp_path: Path,
    threshold: str,
    severity: str,
    groups: list[list[str]],
) -> None:
    answer = tried(tiesan, stored, rule_file(tmp_path, threshold, severity))
    assert list(answer) == ["since", "as_of", "added", "gone", "same", "not_evaluated"]
    found = [[flag["key"] for flag in answer[name]] for name in ("added", "gone", "same")]
    assert (found, answer["not_evaluated"]) == (groups, [])
    assert flag_rows(stored) == Counter()


def test_a_backtest_of_what_cannot_be_evaluated_is_never_a_clean_one(
    tiesan: Tiesan, stored: str, tmp_path: Path
) -> None:
    spoil_threshold(stored)
    file, report = rule_file(tmp_path), tmp_path / "report.txt"
    answer = tried(tiesan, stored, file, status=3)
    assert [answer[name] for name in ("added", "gone", "same")] == [[], [], []]
    assert [entry["rule"] for entry in answer["not_evaluated"]] == [UNAPPROVED]
    days = ("--since", "2026-03-06", "--as-of", "2026-07-31")
    words = ("rules", "backtest", file, *days, "--output", report)
    told = tiesan(*words, database=stored, status=3).stderr
    assert told.count(f"NOT EVALUATED {UNAPPROVED}") == 1
    assert told in report.read_text(encoding="utf-8")


def test_a_backtest_of_no_days_is_refused(tiesan: Tiesan, tmp_path: Path) -> None:
    days = ("--since", "2026-08-01", "--as-of", "2026-07-31")
    refused = tiesan("rules", "backtest", rule_file(tmp_path), *days, status=1)
    assert "--since 2026-08-01 lies after --as-of 2026-07-31" in refused.stderr


def test_rules_are_checked_tested_and_stated(tiesan: Tiesan, tmp_path: Path) -> None:
    file = rule_file(tmp_path)
    assert tiesan("rules", "check", file).stdout == f"{file}: 1 rule, no problem\n"
    assert tiesan("rules", "test", file).stdout == f"{file}: 1 test, 0 failed\n"
    failing = tiesan("rules", "test", rule_file(tmp_path, "199.99"), status=1)
    assert failing.stdout == f"{file}: 1 test, 1 failed\n"
    place = f"{file}:17:9: {UNAPPROVED}: one cent below"
    assert failing.stderr == f"{place}: not expected: C1 X 2026-03-05\n"
    chinese = tiesan("rules", "test", file, lang="zh", status=1)
    assert chinese.stderr == f"{place}: 多出：C1 X 2026-03-05\n"
    refused = tiesan("rules", "check", rule_file(tmp_path, "199.995"), status=1)
    assert refused.stderr.startswith(f"{file}:8:72: '199.995' is no amount in yuan; allowed: ")
    stated = tiesan("rules", "explain", "accountability.repeat_violations", lang="zh").stdout
    assert "参数counted：计入的预警标记 = not_dismissed（除不成立、豁免外的全部预警标记）" in stated
    read = tiesan("rules", "explain", "discipline.frequent_late", lang="zh").stdout
    assert "“规则”为“迟到”" in read
    assert "unknown rule 'no.rule'" in tiesan("rules", "explain", "no.rule", status=1).stderr


def test_a_day_beyond_the_calendar_is_refused(tiesan: Tiesan, sqlite_url: str) -> None:
    done = tiesan("evaluate", "--as-of", "2101-01-01", database=sqlite_url, status=1)
    assert "the years 1950 to 2100" in done.stderr


def test_a_database_without_tables_is_refused_in_one_line(
    tiesan: Tiesan, empty_database_url: str
) -> None:
    done = tiesan("evaluate", database=empty_database_url, status=1)
    assert done.stderr.count("\n") == 1
    assert "init-db" in done.stderr


STORED = """
SELECT rule, coalesce(cadre.code, organization.code), key, active FROM flag
LEFT JOIN cadre ON cadre.id = flag.cadre_id
LEFT JOIN organization ON organization.id = flag.organization_id
"""


def flag_rows(url: str) -> Counter[tuple[str, str, str, bool]]:
    """Rule, subject, key and whether active, of every stored flag."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        rows = connection.execute(sa.text(STORED)).all()
    engine.dispose()
    return Counter((rule, subject, key, bool(active)) for rule, subject, key, active in rows)


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
