"""The wheel carries all that the program needs, and runs where the repository is not."""

import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tiesan.paths import PACKAGE
from tiesan.testing.command import Tiesan

REPOSITORY = PACKAGE.parent
SHIPPED = {"rules": "tiesan/_shipped/rules", "migrations": "tiesan/_shipped/migrations"}

needs_git = pytest.mark.skipif(
    not (REPOSITORY / ".git").exists() or shutil.which("git") is None,
    reason="git: the files of the project are those that it lists",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this repository without asking a registry."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, REPOSITORY)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Tiesan:
    """The command of an environment that has nothing but the wheel and the libraries."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv/bin/python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--quiet", wheel)
    # The libraries are those of this environment; the wheel comes before them on the path, and
    # what makes the repository importable here is not read there.
    (packages,) = (folder / "venv/lib").glob("python3*/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return Tiesan(folder, folder / "venv/bin/tiesan")


def run(*words: str | Path) -> str:
    done = subprocess.run(
        [str(word) for word in words],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def tracked_files() -> Iterator[str]:
    """The files of the program as they are named in the wheel."""
    listed = run("git", "ls-files", "tiesan", "plugins", *SHIPPED).splitlines()
    for name in listed:
        top, _slash, rest = name.partition("/")
        if (REPOSITORY / name).is_file():
            yield f"{SHIPPED[top]}/{rest}" if top in SHIPPED else name


@needs_git
def test_the_wheel_carries_every_file_of_the_program(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    assert not set(tracked_files()) - packed


@needs_git
def test_the_source_distribution_carries_every_file_of_the_project(tmp_path: Path) -> None:
    run(
        sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", tmp_path, REPOSITORY
    )
    (built,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(built) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        name for name in run("git", "ls-files").splitlines() if (REPOSITORY / name).is_file()
    } <= packed


def test_the_wheel_holds_two_packages_and_no_more(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert tops == {"tiesan", "plugins", "tiesan-0.1.0.dist-info"}


def test_the_installed_program_is_the_wheel_s(installed: Tiesan) -> None:
    python = installed.command.with_name("python")
    where = "import tiesan.paths as p; print(p.PACKAGE, p.shipped('rules'))"
    package, rules = run(python, "-P", "-c", where).split()
    assert Path(package).is_relative_to(installed.folder)
    assert Path(rules) == Path(package) / "_shipped/rules"


def test_the_installed_command_explains_itself(installed: Tiesan) -> None:
    assert "Usage: tiesan" in installed("--help").stdout
    assert "用法" in installed("--help", lang="zh").stdout


def test_the_installed_program_evaluates_its_own_rules(installed: Tiesan) -> None:
    installed("init-db")
    assert "discipline" in installed("plugins", "list").stdout
    installed("rules", "check")
    assert '"flags": []' in installed("evaluate", "--format", "json").stdout
