"""Where the files of an import lie until it is stored: for their owner alone, and not for long."""

import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import orjson

FOLDER = "imports"
_PIECE = 1 << 20
_FILE = "file-"
_PREVIEW = "preview.json"
_ANSWERS = "answers.json"


class KeptFiles:
    """The files of one import in the instance folder."""

    def __init__(self, instance: Path, import_id: int) -> None:
        """Take the instance folder and the import; nothing is created yet."""
        self._folder = instance / FOLDER / str(import_id)

    @property
    def is_there(self) -> bool:
        """Whether anything is kept still."""
        return self._folder.is_dir()

    def keep(self, streams: Iterable[tuple[str, IO[bytes]]]) -> list[dict[str, Any]]:
        """Keep files; returns their names, digests and sizes in order."""
        # A folder that is made on the way to another one would be open to others.
        self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        return [self._keep(number, *each) for number, each in enumerate(streams)]

    def _keep(self, number: int, name: str, stream: IO[bytes]) -> dict[str, Any]:
        digest, size = hashlib.sha256(), 0
        with self._written(f"{_FILE}{number}") as file:
            while piece := stream.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                file.write(piece)
        return {"name": name, "sha256": digest.hexdigest(), "size": size}

    def path(self, number: int) -> Path:
        """Where a file lies."""
        return self._folder / f"{_FILE}{number}"

    @property
    def marked(self) -> Path:
        """Where the files lie with what is wrong with them as comments, if anything is."""
        return self._folder / "marked.xlsx"

    @property
    def folder(self) -> Path:
        """Where everything lies that is kept of the import."""
        return self._folder

    def keep_files_only(self) -> None:
        """Remove everything but the files themselves."""
        for each in self._folder.iterdir():
            if each.is_dir():
                shutil.rmtree(each)
            elif not each.name.startswith(_FILE):
                each.unlink()

    def write_preview(self, preview: Any) -> None:
        """Keep what the preview page shows."""
        self._write(_PREVIEW, preview)

    def read_preview(self) -> dict[str, Any]:
        """What the preview page shows; empty when there is none."""
        return self._read(_PREVIEW)

    def write_answers(self, answers: Any) -> None:
        """Keep what was answered to the questions of the preview."""
        self._write(_ANSWERS, answers)

    def read_answers(self) -> dict[str, str]:
        """What was answered so far."""
        return self._read(_ANSWERS)

    def remove(self) -> None:
        """Remove everything."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _write(self, name: str, value: Any) -> None:
        with self._written(f"{name}.new") as file:
            file.write(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS))
        (self._folder / f"{name}.new").replace(self._folder / name)

    def _written(self, name: str) -> IO[bytes]:
        path = self._folder / name
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        return os.fdopen(os.open(path, flags, 0o600), "wb")

    def _read(self, name: str) -> dict[str, Any]:
        path = self._folder / name
        if not path.is_file():
            return {}
        found: dict[str, Any] = orjson.loads(path.read_bytes())
        return found
