"""The `tiesan` command as tests run it: in this process, or as a child as a person would start it.

What a command prints, stores and exits with is the same either way, and a child takes seconds to
start. So a child is started only where the process itself is the point: its locale, its pipes,
signals, the packages on its path.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import TypeAlias

from click.testing import CliRunner

from tiesan.cli import main

COMMAND = Path(sys.executable).with_name("tiesan")
# What would choose a language, a database or a place behind the test's back.
FOREIGN = ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE")

# Runs a command line in a folder, with variables and what stands on standard input.
Run: TypeAlias = Callable[[Path, Sequence[str], Mapping[str, str], str], CompletedProcess[str]]


@dataclass(frozen=True)
class Tiesan:
    """Runs commands in a folder; as children if ``as_child``, or if ``command`` is another one.

    ``elsewhere`` runs them in a process that stays, see ``tiesan.testing.resident``.
    """

    folder: Path
    command: Path = COMMAND
    as_child: bool = False
    elsewhere: Run | None = None

    def __call__(
        self,
        *words: str | Path,
        database: str | None = None,
        lang: str = "en",
        status: int = 0,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
    ) -> CompletedProcess[str]:
        """Run one command line to its end and return what it printed.

        ``database`` is the URL of its database, a file in the folder when there is none;
        ``status`` is what it must exit with; ``env`` are further variables, with which it is run
        as a child. Fails the test when it exits with another status, or printed a traceback.
        """
        line = list(map(str, words))
        environment = self._environment(database, lang) | dict(env or {})
        child = self.as_child or env is not None or self.command != COMMAND
        run = self._as_child if child else self._in_process
        done = run(line, environment, stdin)
        shown = f"tiesan {' '.join(line)}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, shown
        assert done.returncode == status, f"exit status {done.returncode}, not {status}: {shown}"
        return done

    def _as_child(
        self, line: list[str], environment: dict[str, str], stdin: str
    ) -> CompletedProcess[str]:
        return subprocess.run(
            [self.command, *line],
            cwd=self.folder,
            env=environment,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=300,
            check=False,
        )

    def _in_process(
        self, line: list[str], environment: dict[str, str], stdin: str
    ) -> CompletedProcess[str]:
        run = in_process if self.elsewhere is None else self.elsewhere
        return run(self.folder, line, environment, stdin)

    def _environment(self, database: str | None, lang: str) -> dict[str, str]:
        foreign = (name for name in os.environ if name in FOREIGN or name.startswith("TIESAN_"))
        kept = {name: os.environ[name] for name in os.environ.keys() - set(foreign)}
        url = database or f"sqlite:///{self.folder / 'tiesan.sqlite3'}"
        return kept | {"LANG": lang, "PYTHONWARNINGS": "error", "TIESAN_DATABASE_URL": url}


def in_process(
    folder: Path, line: Sequence[str], environment: Mapping[str, str], stdin: str
) -> CompletedProcess[str]:
    """Run a command line in a folder in this process, with exactly these variables."""
    sent = stdin.encode("utf-8", "surrogateescape")
    with chdir(folder), _environment(environment):
        done = CliRunner().invoke(main, list(line), input=sent, catch_exceptions=False)
    return CompletedProcess(list(line), done.exit_code, done.stdout, done.stderr)


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Have exactly these variables, for a while."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def minding_interrupts() -> Iterator[None]:
    """Start children that mind an interrupt, also where whoever started the tests ignores it.

    A child inherits that a signal is ignored, but not what is done with it.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
