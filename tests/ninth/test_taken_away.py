"""Taken away, the plugin leaves nothing broken; brought back, everything is as before."""

from pathlib import Path

import pytest

from tests.ninth.conftest import Command
from tests.ninth.stored import AS_OF, FLAGS, UNKNOWN, evaluated, flags, records, rows, tables
from tiesan.testing.command import Tiesan

EVENTS = (
    "SELECT flag.key, event.verb, event.reason FROM flag_event AS event"
    " JOIN flag ON flag.id = event.flag_id WHERE flag.rule = 'hardship.case_unvisited'"
    " ORDER BY event.id"
)
AUDIT = "SELECT verb, actor_name FROM audit_entry WHERE object_code = 'hardship' ORDER BY id"


def test_without_it_every_command_goes_on(
    tiesan: Tiesan, with_ninth: Command, stored: str, tmp_path: Path
) -> None:
    assert evaluated(with_ninth, stored) == FLAGS
    before = records(stored)
    assert tiesan("init-db", database=stored).stdout == (
        "The database is at the newest schema already.\n"
    )
    listed = tiesan("plugins", "list", database=stored).stdout
    assert "hardship\t\tnot installed\tits data is there\n" in listed
    tiesan("export", tmp_path / "out", database=stored)
    assert not list((tmp_path / "out").glob("hardship*"))
    assert "0 added, 0 changed" in tiesan("import", tmp_path / "out", database=stored).stdout
    refused = tiesan("rules", "explain", "hardship.case_unvisited", status=1)
    assert refused.stderr == "unknown rule 'hardship.case_unvisited'\n"
    assert evaluated(tiesan, stored, UNKNOWN) == []
    assert records(stored) == before
    assert len(tables(stored)) == 3


def test_its_flags_are_not_evaluated_and_stay_as_they_are(
    tiesan: Tiesan, with_ninth: Command, stored: str
) -> None:
    evaluated(with_ninth, stored)
    raised = flags(stored)
    assert {flag[2] for flag in raised} == {True}
    evaluated(tiesan, stored, UNKNOWN)
    assert flags(stored) == raised
    said = tiesan("evaluate", "--as-of", AS_OF, "--quiet", database=stored, status=3).stderr
    assert "its plugin hardship is not installed" in said
    assert "tiesan plugins remove hardship" in said
    assert evaluated(with_ninth, stored) == FLAGS
    assert flags(stored) == raised
    assert rows(stored, EVENTS) == [("K2", "raised", None)]


def test_its_data_can_be_removed_without_it(
    tiesan: Tiesan, with_ninth: Command, stored: str
) -> None:
    evaluated(with_ninth, stored)
    printed = tiesan("plugins", "remove", "hardship", "--yes", database=stored).stdout
    assert printed == "3 flags cleared.\nThe tables of hardship are gone.\n"
    assert tables(stored) == set()
    assert {flag[2:4] for flag in flags(stored)} == {(False, "rule")}
    assert rows(stored, EVENTS) == [("K2", "raised", None), ("K2", "cleared", "rule")]
    assert rows(stored, AUDIT)[-1] == ("remove plugin", "command line")
    assert "hardship" not in tiesan("plugins", "list", database=stored).stdout
    assert evaluated(tiesan, stored) == []
    refused = tiesan("plugins", "remove", "hardship", database=stored, status=1).stderr
    assert refused.startswith("No plugin named hardship")


def test_values_of_its_parameters_wait_for_it(
    tiesan: Tiesan, with_ninth: Command, stored: str, tmp_path: Path
) -> None:
    words = ("parameter", "set", "hardship.case_unvisited", "working_days", "40")
    with_ninth(*words, "--from", "2026-01-01", database=stored)
    assert len(evaluated(with_ninth, stored)) == 2
    assert "unknown rule" in tiesan(*words, "--from", AS_OF, database=stored, status=1).stderr
    # What no import would take is not written; what is stored stays.
    tiesan("export", tmp_path / "without", database=stored)
    tiesan("import", tmp_path / "without", database=stored)
    with_ninth("export", tmp_path / "with", database=stored)
    exported = {
        name: (tmp_path / name / "parameters.csv").read_text(encoding="utf-8").splitlines()
        for name in ("without", "with")
    }
    assert [len(lines) for lines in exported.values()] == [1, 2]
    assert len(evaluated(with_ninth, stored)) == 2


def test_without_it_its_files_are_unknown(tiesan: Tiesan, stored: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/hardship_cases.csv").write_text("code\nK4\n", encoding="utf-8")
    refused = tiesan("import", tmp_path / "in", database=stored, status=1).stderr
    assert refused.startswith("hardship_cases.csv:")


def test_switched_off_its_rules_rest_and_its_records_stay(
    with_ninth: Command, stored: str, tmp_path: Path
) -> None:
    assert evaluated(with_ninth, stored) == FLAGS
    words = ("plugins", "disable", "hardship")
    assert with_ninth(*words, database=stored).stdout == (
        "hardship is off; the next evaluation clears its flags.\n"
    )
    assert "nothing changed" in with_ninth(*words, database=stored).stdout
    listed = with_ninth("plugins", "list", database=stored).stdout
    assert "\ttiesan-hardship 1.0\tdisabled\n" in listed
    assert evaluated(with_ninth, stored) == []
    assert {flag[3] for flag in flags(stored)} == {"rule"}
    with_ninth("export", tmp_path / "out", database=stored)
    assert len((tmp_path / "out/hardship_cases.csv").read_text().splitlines()) == 4
    with_ninth("plugins", "enable", "hardship", database=stored)
    assert evaluated(with_ninth, stored) == FLAGS
    assert rows(stored, AUDIT) == [
        ("switch plugin off", "command line"),
        ("switch plugin on", "command line"),
    ]


def test_removed_it_leaves_no_table(tiesan: Tiesan, with_ninth: Command, stored: str) -> None:
    evaluated(with_ninth, stored)
    with_ninth("plugins", "disable", "hardship", database=stored)
    asked = with_ninth("plugins", "remove", "hardship", database=stored, stdin="n\n", status=1)
    assert "cannot be brought back" in asked.stderr
    assert len(tables(stored)) == 3
    printed = with_ninth("plugins", "remove", "hardship", "--yes", database=stored).stdout
    assert "The tables of hardship are gone." in printed
    assert tables(stored) == set()
    assert rows(stored, "SELECT name FROM plugin_state") == []
    assert rows(stored, AUDIT)[-1] == ("remove plugin", "command line")
    # Uninstalled, it is missed by nobody.
    assert evaluated(tiesan, stored) == []
    assert {flag[2:4] for flag in flags(stored)} == {(False, "rule")}
    # Still installed, it is asked for; created anew, it is empty.
    assert "init-db" in with_ninth("plugins", "list", database=stored, status=1).stderr
    with_ninth("init-db", database=stored)
    assert not any(records(stored).values())


@pytest.mark.parametrize("verb", ["enable", "disable", "remove"])
def test_a_plugin_that_is_not_there_is_refused(tiesan: Tiesan, sqlite_url: str, verb: str) -> None:
    refused = tiesan("plugins", verb, "hardship", database=sqlite_url, status=1).stderr
    assert refused.startswith("No plugin named hardship is installed; installed are: accountab")
