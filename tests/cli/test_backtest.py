"""`tiesan rules` with a file of one's own: checked, tested, and tried on stored records."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.cli.evaluating import UNAPPROVED, flag_rows, spoil_threshold
from tiesan.testing.command import Tiesan

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
    groups_and_more = ["added", "gone", "same", "without_flags", "not_evaluated"]
    assert list(answer) == ["since", "as_of", *groups_and_more]
    assert answer["without_flags"] == []
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


def test_a_rule_that_flags_nothing_is_named(tiesan: Tiesan, stored: str, tmp_path: Path) -> None:
    """It has gone if only the installed one flags, and is silent if neither does."""
    file = rule_file(tmp_path, "450.01")
    text = file.read_text(encoding="utf-8").replace(UNAPPROVED, "discipline.never")
    file.write_text(text, encoding="utf-8")
    assert tried(tiesan, stored, file)["without_flags"] == ["discipline.never"]
    days = ("--since", "2026-03-06", "--as-of", "2026-07-31")
    told = tiesan("rules", "backtest", file, *days, database=stored).stdout
    assert told.endswith(
        "Same: 0\ndiscipline.never: no flag in this time, neither as tried nor as installed\n"
    )


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
