"""What README and the page on operating say to type is typed here, in the order of the page."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, REPOSITORY, shell_lines
from tiesan.testing.command import Tiesan, in_process

PASSWORD = "copper-lantern-7\n"
# Typed elsewhere: what installs and tests a checkout by `.ci/run`, the Dockerfile's by
# `.ci/container`, and servers are started and stopped by their own tests. Against heads verifies
# `tests/audit`, which has what a daily run has written.
ELSEWHERE = (
    *("apt-get install ", "make ", ".venv/bin/tiesan --version", "tiesan serve "),
    "tiesan audit verify --heads ",
)
# What changes a whole machine. Units, settings and the site are tried as they are in
# `test_deploy` and in a browser; what puts them there is left to whoever has such a machine.
OF_A_MACHINE = (
    *("git clone ", "git pull", "createuser ", "createdb ", "useradd ", "install --"),
    *("systemctl ", "nginx -t", "docker ", "# /etc/cron.d", "*/10 * * * * "),
)


def typed(page: Path) -> Iterator[list[str]]:
    """The lines of a page that are typed here, as words."""
    for line in shell_lines(page):
        if not line.startswith((*ELSEWHERE, *OF_A_MACHINE)):
            yield shlex.split(line)


class Shell:
    """A folder in which lines are typed, with what was exported before; paths lead below it."""

    def __init__(self, folder: Path) -> None:
        """Take the folder."""
        self._folder = folder
        self._environment = Tiesan(folder)._environment(None, "en")
        self._environment["TIESAN_INSTANCE"] = str(folder / "instance")
        (folder / "rules").symlink_to(REPOSITORY / "rules")

    def below(self, word: str) -> str:
        """A word whose path leads below the folder."""
        return re.sub(r"/(?:var|tmp)/", f"{self._folder}/", word)

    def export(self, words: list[str]) -> None:
        """Set variables; where it is PostgreSQL's, the page shows another way to the same."""
        pairs = (word.partition("=") for word in words if "$" not in word)
        further = {name: self.below(value) for name, _sign, value in pairs}
        if "postgresql" not in str(further):
            self._environment |= further

    def run(self, words: list[str]) -> None:
        """Run a command of ours."""
        if words[0] == "restore":
            words[1] = str(max((self._folder / "backups" / "tiesan").iterdir()))
        done = in_process(self._folder, words, self._environment, PASSWORD * 2)
        # There is something to be seen to: accounts and days are few.
        allowed = {0, 3} if words[0] == "doctor" else {0}
        assert done.returncode in allowed, f"{words}: {done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("page", [REPOSITORY / "README.md", DOCS / "operating.md"])
def test_what_is_to_be_typed_does_what_is_said(page: Path, tmp_path: Path) -> None:
    shell, number = Shell(tmp_path), 0
    for program, *words in typed(page):
        if program == "export":
            shell.export(words)
        elif program != "unset":
            # The district that was left behind by `unset` is that of `make run`; here it is one.
            assert program == "tiesan", program
            shell.run([shell.below(word) for word in words])
            number += 1
    assert number > 8
