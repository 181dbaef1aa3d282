"""`tiesan plugins`: which there are, and what switching one off leaves as it was."""

import json
from pathlib import Path

import pytest

from tiesan.testing.command import Tiesan

RECORDS = {
    "organizations": "code,name,kind,parent,founded_on,tracked_from\n"
    "D1,甲区总工会,district,,2000-01-01,2026-03-01\n"
    "F1,乙联合会,federation,D1,2000-01-01,\n",
    "cadres": "code,name,organization,professional,joined_on\n"
    "C1,张一,F1,true,2000-01-01\n"
    "C2,李二,F1,true,2000-01-01\n",
    "leaves": "code,cadre,kind,first_day,last_day,requested_on,approved_on,closed_on\n"
    "Q1,C1,annual,2026-03-01,2026-03-31,2026-02-20,2026-02-21,2026-04-01\n",
}


def flags(tiesan: Tiesan, database: str, rule: str) -> list[str]:
    """The subjects of a rule's flags as of the end of the month."""
    words = ("evaluate", "--as-of", "2026-03-31", "--format", "json")
    answer = json.loads(tiesan(*words, database=database).stdout)
    return [flag["subject"] for flag in answer["flags"] if flag["rule"].startswith(rule)]


@pytest.fixture
def stored(tiesan: Tiesan, database_url: str, tmp_path: Path) -> str:
    """Two professional cadres, one of them on leave for a month; neither did anything."""
    folder = tmp_path / "records"
    folder.mkdir()
    for stem, text in RECORDS.items():
        (folder / f"{stem}.csv").write_text(text, encoding="utf-8")
    tiesan("import", folder, database=database_url)
    return database_url


def test_the_eight_institutions_come_with_the_application(tiesan: Tiesan, sqlite_url: str) -> None:
    lines = tiesan("plugins", "list", database=sqlite_url).stdout.splitlines()
    assert len(lines) == 8
    assert "harmony\tWorking in harmony\ttiesan 0.1.0\tenabled" in lines
    chinese = tiesan("plugins", "list", database=sqlite_url, lang="zh").stdout
    assert "harmony\t和谐共事制度\ttiesan 0.1.0\t已启用\n" in chinese


def test_leave_excuses_also_while_its_plugin_is_off(tiesan: Tiesan, stored: str) -> None:
    assert flags(tiesan, stored, "research.info_missed") == ["C2"]
    assert flags(tiesan, stored, "discipline.") != []
    tiesan("plugins", "disable", "discipline", database=stored)
    assert flags(tiesan, stored, "discipline.") == []
    assert flags(tiesan, stored, "research.info_missed") == ["C2"]
    tiesan("plugins", "enable", "discipline", database=stored)
    assert flags(tiesan, stored, "discipline.") != []


def test_in_a_database_without_tables_nothing_can_be_switched(tiesan: Tiesan) -> None:
    for verb in ("list", "enable", "disable", "remove"):
        name = () if verb == "list" else ("study",)
        assert "init-db" in tiesan("plugins", verb, *name, status=1).stderr
