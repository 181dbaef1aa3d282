"""The same by the command line: remarks, breaks in service, nights, marks, from file to flag."""

import csv
import json
from pathlib import Path

from tests.exchange.test_spreadsheets import FOLDER
from tiesan.testing.command import Tiesan

MARK = b"\xef\xbb\xbf"


def flags(tiesan: Tiesan, rule: str, as_of: str) -> list[tuple[str, str]]:
    """Subject and key of the flags of a rule as of a day."""
    printed = tiesan("evaluate", "--as-of", as_of, "--format", "json").stdout
    found = json.loads(printed)["flags"]
    return [(each["subject"], each["key"]) for each in found if each["rule"] == rule]


def exported_again(tiesan: Tiesan) -> None:
    """Export and import: nothing may change."""
    tiesan("export", "out")
    printed = tiesan("import", "out").stdout
    assert all("0 added, 0 changed" in line for line in printed.splitlines()), printed


def test_what_is_hardly_meant_is_taken_with_a_remark(tiesan: Tiesan) -> None:
    tiesan("init-db")
    folder = FOLDER / "please-check" / "input"
    for options in (("--dry-run",), ()):
        printed = tiesan("import", folder, *options).stdout
        remarks = [line for line in printed.splitlines() if "please check" in line]
        assert remarks == [
            "attendance.csv:2: day: please check: attendance on a day off; found: 2026-04-19",
            "expenses.csv:2: amount: please check: an amount of 0.00",
            (
                "leaves.csv:3: first_day: please check: overlaps another leave of the same cadre;"
                " found: QJ-1"
            ),
            "work_logs.csv:2: day: please check: a year that is hardly meant; found: 0001-04-14",
            (
                "work_logs.csv:3: day: please check: a log for a day on which the cadre was not in"
                " post; found: 2025-12-30"
            ),
        ]
    assert "请核对" not in tiesan("import", folder, lang="zh").stdout
    exported_again(tiesan)


def test_who_came_back_is_judged_for_both_times_and_not_between(tiesan: Tiesan) -> None:
    tiesan("init-db")
    tiesan("import", FOLDER / "came-back" / "input")
    absent = [f"2026-01-{day:02d}" for day in range(5, 31) if day % 7 not in {3, 4}]
    # January 4 is worked, but lies before; January 10 and 11 are a weekend. April 6 is a holiday.
    expected = [("F330", day) for day in (*absent, *(f"2026-04-{day:02d}" for day in range(7, 11)))]
    assert flags(tiesan, "discipline.absent", "2026-04-10") == expected
    exported_again(tiesan)
    assert flags(tiesan, "discipline.absent", "2026-04-10") == expected


def test_a_clock_out_after_midnight_is_not_early(tiesan: Tiesan) -> None:
    tiesan("init-db")
    tiesan("import", FOLDER / "after-midnight" / "input")
    expected = [("015", "2026-04-15")]
    assert flags(tiesan, "discipline.left_early", "2026-04-30") == expected
    exported_again(tiesan)
    assert flags(tiesan, "discipline.left_early", "2026-04-30") == expected
    refused = tiesan("import", FOLDER / "after-midnight" / "wrong", status=1).stderr
    assert refused.startswith("attendance.csv:2: clock_out: does not lie after clocking in")
    assert "24:40, 次日00:40" in refused


def test_every_csv_file_begins_with_a_mark(tiesan: Tiesan) -> None:
    tiesan("init-db")
    tiesan("import", FOLDER / "written-by-the-command-line" / "input")
    exported_again(tiesan)
    files = sorted((tiesan.folder / "out").iterdir())
    assert files
    assert all(file.read_bytes().startswith(MARK) for file in files)
    tiesan("evaluate", "--as-of", "2026-04-30", "--format", "csv", "--output", "flags.csv")
    written = (tiesan.folder / "flags.csv").read_bytes()
    assert written.startswith(MARK)
    rows = list(csv.DictReader(written.decode("utf-8-sig").splitlines()))
    assert [row["subject"] for row in rows if row["rule"] == "discipline.late"] == ["015"]


def test_what_is_printed_and_json_has_no_mark(tiesan: Tiesan, tmp_path: Path) -> None:
    tiesan("init-db")
    day = ("evaluate", "--as-of", "2026-04-30", "--format")
    assert tiesan(*day, "csv").stdout.startswith("rule,")
    tiesan(*day, "json", "--output", "flags.json")
    assert json.loads((tmp_path / "flags.json").read_bytes())["flags"] == []
