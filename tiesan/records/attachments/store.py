"""Where contents lie: one file each below the instance folder, named by its SHA-256.

Nothing of it is reached by an address; only its owner may read it.
"""

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

FOLDER = "attachments"
_LOCK = "lock"
_PARTS = 2


class FileStore:
    """The contents that an installation keeps, in one folder."""

    def __init__(self, instance: Path) -> None:
        """Take the instance folder; nothing is created before the first file."""
        self._folder = instance / FOLDER

    def path(self, digest: str) -> Path:
        """Return where a content lies."""
        return self._folder / digest[:_PARTS] / digest

    def keep(self, content: bytes) -> str:
        """Keep a content and return its SHA-256; the same one is kept once."""
        digest = hashlib.sha256(content).hexdigest()
        path = self.path(digest)
        with self._locked():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            if path.exists() and path.stat().st_size == len(content):
                # It is wanted anew: whoever tidies up lets it lie.
                os.utime(path)
            else:
                _write(path, content)
        return digest

    def remove(self, digest: str, before: datetime) -> bool:
        """Remove a content that nothing names, unless it was wanted since a moment.

        Returns whether it was removed. So what somebody else is storing just now stays.
        """
        path = self.path(digest)
        with self._locked():
            if not path.exists() or path.stat().st_mtime >= before.timestamp():
                return False
            path.unlink()
            return True

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time look at a file and act on what it saw."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, for its owner alone."""
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - with its mode from the beginning
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
