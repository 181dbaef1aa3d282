"""The examples in `deploy/` are taken by the programs that they are for."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, text_of
from tiesan.config import hosts, proxies, public_address, read_database_url
from tiesan.paths import PACKAGE
from tiesan.testing.command import COMMAND

DEPLOY = PACKAGE.parent / "deploy"
UNITS = sorted(path.name for path in DEPLOY.iterdir() if path.suffix in {".service", ".timer"})
INSTALLED = "/srv/tiesan/.venv/bin/tiesan"


def units_in(folder: Path) -> list[Path]:
    """The units, with the command where it is here; of the template an instance as well."""
    for name in UNITS:
        text = text_of(DEPLOY / name).replace(INSTALLED, str(COMMAND))
        (folder / name).write_text(text, encoding="utf-8")
    shutil.copy(folder / "tiesan@.service", folder / "tiesan@8001.service")
    return sorted(path for path in folder.iterdir() if "@." not in path.name)


def verified(paths: list[Path]) -> tuple[int, str]:
    """What systemd says of units."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd: systemd-analyze is not on the path")
    done = subprocess.run(
        [program, "verify", "--man=no", *paths], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def test_systemd_takes_every_unit(tmp_path: Path) -> None:
    paths = units_in(tmp_path)
    assert verified(paths) == (0, "")
    wrong = tmp_path / "tiesan-backup.service"
    wrong.write_text(text_of(wrong).replace("UMask=0077", "UMaske=0077"), encoding="utf-8")
    assert "UMaske" in verified(paths)[1]


@pytest.mark.parametrize("name", [name for name in UNITS if name.endswith(".service")])
def test_what_a_unit_writes_is_for_its_user_alone(name: str) -> None:
    unit = text_of(DEPLOY / name)
    for line in ("UMask=0077", "User=tiesan", "ProtectSystem=strict", "NoNewPrivileges=yes",
                 "EnvironmentFile=/etc/tiesan.env"):  # fmt: skip
        assert f"\n{line}\n" in unit


@pytest.mark.parametrize("name", [name for name in UNITS if name.endswith(".service")])
def test_what_a_unit_starts_can_be_typed(name: str) -> None:
    (line,) = re.findall(r"^ExecStart=(.*)$", text_of(DEPLOY / name), re.MULTILINE)
    program, *words = shlex.split(line.replace("%i", "8001"))
    assert program == INSTALLED
    done = subprocess.run([COMMAND, words[0], "--help"], capture_output=True, text=True, check=True)
    for word in words:
        assert not word.startswith("--") or word in done.stdout


def test_the_settings_are_settings() -> None:
    lines = text_of(DEPLOY / "tiesan.env").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert read_database_url(given["TIESAN_DATABASE_URL"]).drivername == "postgresql+psycopg"
    assert hosts(given) == {"tiesan.example.cn"}
    assert (proxies(given), public_address(given)) == (1, "https://tiesan.example.cn/union")
    explained = set(re.findall(r"^\| `(TIESAN_\w+)`", text_of(DOCS / "operating.md"), re.MULTILINE))
    assert {name for name in given if name.startswith("TIESAN_")} <= explained
