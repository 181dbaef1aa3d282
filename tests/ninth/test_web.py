"""The plugin's pages are in the application while it is installed, its flags also afterwards."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.ninth.conftest import WHERE, Command
from tests.ninth.stored import UNKNOWN, evaluated, flags, rows
from tiesan.clock import today
from tiesan.paths import PACKAGE
from tiesan.testing.command import Tiesan
from tiesan.testing.world import PASSWORD

CASES, VISITS = "/records/hardship_case/", "/records/hardship_visit/"
Answer = tuple[int, str]
Step = str | tuple[str, Mapping[str, object]]


def browse(database: str, folder: Path, *steps: Step, where: Mapping[str, str]) -> list[Answer]:
    """Open pages as the supervisor of the district; gives the status and the text of each."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.ninth.browse", "reader", str(folder / "instance")],
        cwd=PACKAGE.parent,
        env=os.environ | {"TIESAN_DATABASE_URL": database, "PYTHONWARNINGS": "error", **where},
        input=json.dumps(steps),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [(status, text) for status, text in json.loads(done.stdout)]


@pytest.fixture
def signed_up(tiesan: Tiesan, stored: str) -> str:
    """The database with the plugin's records and a supervisor of the district."""
    role = ("--role", "supervisor", "--organization", "D1")
    words = ("user", "create", "reader", *role, "--password-stdin")
    # Whoever has an account does not need the plugin.
    tiesan(*words, database=stored, stdin=f"{PASSWORD}\n")
    return stored


def test_its_pages_are_in_the_list_of_records_and_open(signed_up: str, tmp_path: Path) -> None:
    home, cases, case, form = browse(
        signed_up,
        tmp_path,
        "/records/?institution=hardship",
        CASES,
        f"{CASES}details/?id=1",
        f"{VISITS}new/",
        where=WHERE,
    )
    assert "困难职工帮扶" in home[1]
    assert f'href="{CASES}"' in home[1]
    assert f'href="{VISITS}"' in home[1]
    assert [status for status, _text in (home, cases, case, form)] == [200] * 4
    assert {"陈桂英", "因病致困", "致困原因"} <= set(_words(cases[1]))
    assert "长期透析" in case[1]
    assert "慰问金（元）" in form[1]


def _words(page: str) -> set[str]:
    return {word.strip() for each in page.split(">") for word in each.split("<")}


def test_a_visit_that_is_entered_clears_a_flag(
    with_ninth: Command, signed_up: str, tmp_path: Path
) -> None:
    evaluated(with_ninth, signed_up)
    case = rows(signed_up, "SELECT id FROM hardship_case WHERE code = 'K2'")[0][0]
    given = {"case": case, "visited_on": "2026-02-05", "aid": "300.00"}
    [(status, _text), home] = browse(
        signed_up, tmp_path, (f"{VISITS}new/", given), "/", where=WHERE
    )
    assert status == 302
    assert home[0] == 200
    assert rows(signed_up, "SELECT aid, source FROM hardship_visit ORDER BY id DESC")[0] == (
        30_000,
        "web",
    )
    state = {key: active for _rule, key, active, *_rest in flags(signed_up)}
    assert not state["K2"]


def test_its_piece_stands_on_the_first_page(
    tiesan: Tiesan, with_ninth: Command, stored: str, tmp_path: Path
) -> None:
    role = ("--role", "supervisor", "--organization", "D1")
    words = ("user", "create", "reader", "--cadre", "C2", *role, "--password-stdin")
    tiesan(*words, database=stored, stdin=f"{PASSWORD}\n")
    [before] = browse(stored, tmp_path, "/", where=WHERE)
    assert "今天走访" not in before[1]
    visits = tmp_path / "visits"
    visits.mkdir()
    text = f"case,visited_on,visitor,aid\nK1,{today()},C2,\n"
    (visits / "hardship_visits.csv").write_text(text, encoding="utf-8")
    with_ninth("import", visits, database=stored)
    [home] = browse(stored, tmp_path, "/", where=WHERE)
    assert "今天走访" in home[1].partition('id="today"')[2].partition("</section>")[0]
    assert "陈桂英" in home[1]


def test_without_it_the_pages_are_gone_and_its_flags_are_still_shown(
    tiesan: Tiesan, with_ninth: Command, signed_up: str, tmp_path: Path
) -> None:
    evaluated(with_ninth, signed_up)
    evaluated(tiesan, signed_up, UNKNOWN)
    flag = rows(signed_up, "SELECT id FROM flag WHERE rule = 'hardship.case_unvisited'")[0][0]
    home, cases, listed, page = browse(
        signed_up,
        tmp_path,
        "/",
        CASES,
        "/flags/",
        f"/flags/{flag}",
        where={},
    )
    assert home[0] == 200
    assert CASES not in home[1]
    assert cases[0] == 404
    for status, text in (listed, page):
        assert status == 200
        assert "hardship.case_unvisited" in text
        assert "困难职工刘建国（K2）未在3个工作日内走访" in text
    assert "产生本标记的规则已不存在。" in page[1]


def test_switched_off_its_pages_leave_the_list_of_records(
    with_ninth: Command, signed_up: str, tmp_path: Path
) -> None:
    with_ninth("plugins", "disable", "hardship", database=signed_up)
    pages = browse(signed_up, tmp_path, "/", "/records/", where=WHERE)
    assert [status for status, _text in pages] == [200] * 2
    assert all("困难职工" not in text for _status, text in pages)
