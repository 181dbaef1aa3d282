"""The ninth plugin as its author makes it: a drafted history, and a wheel with all inside."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.ninth.conftest import INSTALLED
from tests.ninth.stored import tables
from tiesan.testing.command import Tiesan

PROJECT = INSTALLED.parent


def run(folder: Path, *words: str | Path, **variables: str) -> None:
    """Run a program of this environment to its end."""
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_first_revision_is_drafted_from_the_classes(
    tiesan: Tiesan, empty_database_url: str, tmp_path: Path
) -> None:
    packages = tmp_path / "packages"
    shutil.copytree(INSTALLED, packages)
    [first] = (packages / "tiesan_hardship/migrations/versions").glob("*.py")
    first.unlink()
    where = {"PYTHONPATH": str(packages)}
    tiesan("init-db", database=empty_database_url)
    drafting = {**where, "TIESAN_DATABASE_URL": empty_database_url}
    run(tmp_path, PROJECT / "draft.py", **drafting)
    [drafted] = first.parent.glob("*.py")
    assert "ck_hardship_visit_aid_not_negative" in drafted.read_text(encoding="utf-8")
    printed = tiesan("init-db", database=empty_database_url, env=where).stdout
    assert printed == "Brought to the newest schema: hardship\n"
    assert {"hardship_case", "hardship_visit"} < tables(empty_database_url)


def test_its_wheel_carries_all_four_inside(tmp_path: Path) -> None:
    run(tmp_path, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, PROJECT)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
        points = archive.read("tiesan_hardship-1.0.dist-info/entry_points.txt").decode()
    assert points == (INSTALLED / "tiesan_hardship-1.0.dist-info/entry_points.txt").read_text()
    assert packed >= {
        f"tiesan_hardship/{name}"
        for name in (
            "rules.yaml",
            "migrations/versions/0001_create_tables.py",
            "tests/test_visits.py",
            "translations/zh_Hans_CN/LC_MESSAGES/messages.mo",
            "views.py",
        )
    }
