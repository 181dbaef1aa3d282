"""`tiesan rules` as a person at the terminal uses it: what is refused, and what is told."""

import json
import shutil
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.paths import PACKAGE, shipped
from tiesan.records.settings import RuleParameterValue
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


DRAFT = """\
from pathlib import Path

from tiesan.plugin import Plugin

plugin = Plugin(name="garden", title="Garden", contract=1, rules=Path("/nowhere/garden.yaml"))
"""


def test_a_plugin_that_does_not_exist_is_refused(tiesan: Tiesan, tmp_path: Path) -> None:
    """But for one that is not installed yet, which has to be named."""
    file = rule_file(tmp_path, "discipline.off_post", "[{subject: C1, key: 2026-Q1}]")
    file.write_text(
        file.read_text(encoding="utf-8")
        .replace("plugin: discipline", "plugin: garden")
        .replace("discipline.often_away", "garden.often_away"),
        encoding="utf-8",
    )
    problem = f"{file}:1:9: there is no plugin 'garden'"
    dated = ("--since", "2026-01-01", "--as-of", "2026-06-30")
    for words in (("check",), ("test",), ("explain",), ("backtest", *dated)):
        refused = tiesan("rules", words[0], file, *words[1:], status=1)
        assert refused.stderr.startswith(problem), words
    (tiesan.folder / "garden_draft.py").write_text(DRAFT, encoding="utf-8")
    named = ("--plugin", "garden_draft:plugin")
    assert "1 rule, no problem" in tiesan("rules", "check", file, *named).stdout
    assert "1 test, 0 failed" in tiesan("rules", "test", file, *named).stdout
    assert "garden.often_away" in tiesan("rules", "explain", file, *named).stdout
    for wrong, says in (
        ("garden_draft:Plugin", "is no plugin"),
        ("gardn:plugin", "cannot be load"),
        ("garden_draft", "is no plugin"),
        ("::", "cannot be loaded"),
    ):
        (line,) = tiesan("rules", "check", file, "--plugin", wrong, status=1).stderr.splitlines()
        assert wrong in line
        assert says in line


def test_a_file_among_the_shipped_rules_that_nobody_reads_is_refused(
    tiesan: Tiesan, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    for folder in ("tiesan", "rules", "migrations"):
        shutil.copytree(PACKAGE.parent / folder, copy / folder)
    file = copy / "rules/local.yaml"
    sound = rule_file(tmp_path, "discipline.off_post", "[{subject: C1, key: 2026-Q1}]")
    shutil.copy(sound, file)
    for words in ((), (file,)):
        refused = tiesan("rules", "check", *words, status=1, env={"PYTHONPATH": str(copy)})
        (line,) = refused.stderr.splitlines()
        assert line.startswith(f"{file}: no plugin reads this file; rules of one's own belong")


def test_all_rules_of_a_file_are_explained(tiesan: Tiesan, tmp_path: Path) -> None:
    file = rule_file(tmp_path, "discipline.off_post", "[]")
    shown = tiesan("rules", "explain", file).stdout
    assert shown.startswith("discipline.often_away · Often away\nClause: Not leaving one's post\n")
    whole = tiesan("rules", "explain", shipped("rules") / "study.yaml").stdout
    assert [line.split()[0] for line in whole.splitlines() if " · " in line] == [
        *("study.session_missed", "study.no_main_speaker", "study.absent", "study.attendance_low")
    ]
    refused = tiesan("rules", "explain", "discipline.of_post", status=1)
    assert refused.stderr == "unknown rule 'discipline.of_post'\n"
    missing = tiesan("rules", "explain", "nowhere.yaml", status=1)
    assert missing.stderr == "nowhere.yaml:1:1: there is no such file\n"


def test_stored_values_without_effect_are_named(tiesan: Tiesan, database_url: str) -> None:
    """One of a parameter that its rule does not have, and one of a rule that is gone."""
    tiesan("init-db", database=database_url)
    assert tiesan("rules", "check", database=database_url).stderr == ""
    engine = make_engine(read_database_url(database_url))
    with Session(engine) as session:
        for rule, name, set_value in (
            ("discipline.late", "work_end", "08:00"),
            ("discipline.late", "work_start", "08:00"),
            ("discipline.left_early", "work_end", "26:00"),
            ("discipline.tardy", "work_start", "08:00"),
        ):
            day = date(2026, 3, 2)
            row = RuleParameterValue(rule=rule, name=name, valid_from=day, value=set_value)
            session.add(row)
        session.commit()
    engine.dispose()
    no_parameter = "the rule has no such parameter"
    value = "= 08:00 from 2026-03-02 has no effect:"
    not_taken = (
        "discipline.left_early: the stored value work_end = 26:00 from 2026-03-02 keeps the rule"
        " from being evaluated: '26:00' is no time; allowed: HH:MM, two digits each"
    )
    assert tiesan("rules", "check", database=database_url).stderr.splitlines() == [
        f"discipline.late: the stored value work_end {value} {no_parameter}",
        not_taken,
        f"discipline.tardy: the stored value work_start {value} there is no such rule",
    ]
    # An export leaves them out and says so; otherwise its import would be refused.
    exported = tiesan("export", "out", "--quiet", database=database_url)
    assert exported.stderr.splitlines() == [
        f"Left out: discipline.late: the stored value work_end {value} {no_parameter}",
        f"Left out: {not_taken}",
        f"Left out: discipline.tardy: the stored value work_start {value} there is no such rule",
    ]
    assert "parameters: 1 rows" in exported.stdout
    assert (
        "0 added, 0 changed, 1 unchanged" in tiesan("import", "out", database=database_url).stdout
    )
