"""`tiesan rules` as a person at the terminal uses it: what is refused, and what is told."""

import json
from pathlib import Path

from tiesan.testing.command import Tiesan

RULE = """\
plugin: discipline
rules:
  - id: discipline.often_away
    title: {zh: 多次脱岗, en: Often away}
    clause: {zh: 不脱岗, en: Not leaving one's post}
    severity: major
    tally:
      of: {fact: flag, where: [{field: rule, op: eq, value: discipline.off_post}]}
      by: [cadre]
      date: occurred_on
      every: quarter
      at_least: {count: 1}
    tests:
      - name: once is enough
        given:
          flag: [{rule: RULE, cadre: C1, key: K1, occurred_on: 2026-01-05}]
        as_of: 2026-12-31
        flags: FLAGS
"""


def rule_file(folder: Path, rule: str, flags: str) -> Path:
    """A rule over flags, tested with a flag of one rule."""
    file = folder / "often.yaml"
    file.write_text(RULE.replace("RULE", rule).replace("FLAGS", flags), encoding="utf-8")
    return file


def test_a_given_flag_of_no_rule_is_refused(tiesan: Tiesan, tmp_path: Path) -> None:
    """With a slip in its rule it would count for nothing, and the test would pass."""
    wrong = rule_file(tmp_path, "discipline.of_post", "[]")
    for words in ("check", "test"):
        refused = tiesan("rules", words, wrong, status=1)
        assert refused.stderr == f"{wrong}:16:25: there is no rule 'discipline.of_post'\n"
    chinese = tiesan("rules", "check", wrong, status=1, lang="zh")
    assert chinese.stderr == f"{wrong}:16:25: 没有规则“discipline.of_post”\n"


def test_flags_of_installed_rules_and_of_the_file_itself_may_be_given(
    tiesan: Tiesan, tmp_path: Path
) -> None:
    installed = rule_file(tmp_path, "discipline.off_post", "[{subject: C1, key: 2026-Q1}]")
    assert tiesan("rules", "test", installed).stdout == f"{installed}: 1 test, 0 failed\n"
    own = rule_file(tmp_path, "discipline.often_away", "[]")
    assert tiesan("rules", "test", own).stdout == f"{own}: 1 test, 0 failed\n"
    assert "problem" in tiesan("rules", "check").stdout


def test_the_list_says_which_rules_are_switched_off(tiesan: Tiesan, sqlite_url: str) -> None:
    tiesan("plugins", "disable", "study", database=sqlite_url)
    shown = tiesan("rules", "list", database=sqlite_url).stdout.splitlines()
    states = {line.split()[0]: "plugin disabled" in line for line in shown if "." in line}
    assert (states["study.absent"], states["discipline.late"]) == (True, False)
    chinese = tiesan("rules", "list", database=sqlite_url, lang="zh").stdout
    assert {line.split()[2] for line in chinese.splitlines() if line.startswith("study.")} == {
        "插件已停用"
    }
    entries = json.loads(tiesan("rules", "list", "--format", "json", database=sqlite_url).stdout)
    on = {entry["id"]: (entry["enabled"], entry["plugin_enabled"]) for entry in entries}
    assert on["study.absent"] == (True, False)
    assert on["discipline.late"] == (True, True)


def test_without_a_database_rules_are_listed_with_a_word_of_it(tiesan: Tiesan) -> None:
    listed = tiesan("rules", "list")
    assert "discipline.late" in listed.stdout
    assert listed.stderr.startswith("Which plugins are switched off is not known. The database is")
    assert list(tiesan.folder.iterdir()) == []
