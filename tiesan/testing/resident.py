"""The `tiesan` command in a process that stays: commands where other packages are installed.

A process takes as long to load everything as most commands take to do their work. This one is
started once with the folders of packages on its path, and carries out one command line after the
other as `tiesan.testing.command` does in its own process. What is about the process itself – its
locale, pipes and signals, packages that change – needs one of its own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import IO, Any

from tiesan.testing.command import in_process


class Resident:
    """A process with folders of packages on its path."""

    def __init__(self, *folders: Path) -> None:
        """Start it."""
        path = {"PYTHONPATH": os.pathsep.join(map(str, folders))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tiesan.testing.resident"],
            env={**os.environ, **path, "PYTHONWARNINGS": "error"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(
        self, folder: Path, line: Sequence[str], environment: Mapping[str, str], stdin: str
    ) -> CompletedProcess[str]:
        """Carry out a command line in a folder, with exactly these variables."""
        asked = {"line": line, "environment": dict(environment), "stdin": stdin}
        print(json.dumps({"folder": str(folder), **asked}), file=self._stdin, flush=True)
        answer = self._stdout.readline()
        assert answer, "the process has ended"
        return CompletedProcess(list(line), **json.loads(answer))

    def close(self) -> None:
        """Let it end."""
        self._stdin.close()
        self._process.wait()
        self._stdout.close()

    @property
    def _stdin(self) -> IO[str]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _stdout(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout


@contextmanager
def resident(*folders: Path) -> Iterator[Resident]:
    """Have a process with folders of packages on its path, for a while."""
    process = Resident(*folders)
    try:
        yield process
    finally:
        process.close()


def _answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    done = in_process(Path(asked["folder"]), asked["line"], asked["environment"], asked["stdin"])
    return {"returncode": done.returncode, "stdout": done.stdout, "stderr": done.stderr}


def _serve() -> None:
    """Answer each line of standard input with one of standard output, until it ends."""
    given, taken = sys.stdin, sys.stdout
    for line in given:
        print(json.dumps(_answer(json.loads(line))), file=taken, flush=True)


if __name__ == "__main__":
    _serve()
