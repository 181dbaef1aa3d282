"""The `tiesan` command as tests run it: a child process, as a person would start it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

COMMAND = Path(sys.executable).with_name("tiesan")
# What would choose a language, a database or a place behind the test's back.
FOREIGN = ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE")


@dataclass(frozen=True)
class Tiesan:
    """Runs commands in a folder."""

    folder: Path
    command: Path = COMMAND

    def __call__(
        self,
        *words: str | Path,
        database: str | None = None,
        lang: str = "en",
        status: int = 0,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run one command line to its end and return what it printed.

        ``database`` is the URL of its database, a file in the folder when there is none;
        ``status`` is what it must exit with; ``env`` are further variables.
        Fails the test when it exits with another status, or when it printed a traceback.
        """
        done = subprocess.run(
            [self.command, *map(str, words)],
            cwd=self.folder,
            env=self._environment(database, lang) | dict(env or {}),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=300,
            check=False,
        )
        shown = f"tiesan {' '.join(map(str, words))}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, shown
        assert done.returncode == status, f"exit status {done.returncode}, not {status}: {shown}"
        return done

    def _environment(self, database: str | None, lang: str) -> dict[str, str]:
        foreign = (name for name in os.environ if name in FOREIGN or name.startswith("TIESAN_"))
        kept = {name: os.environ[name] for name in os.environ.keys() - set(foreign)}
        url = database or f"sqlite:///{self.folder / 'tiesan.sqlite3'}"
        return kept | {"LANG": lang, "PYTHONWARNINGS": "error", "TIESAN_DATABASE_URL": url}
