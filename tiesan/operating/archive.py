"""An archive: one compressed tar for its owner alone, written member by member with their sums.

What `tar xzf` can unpack needs no program of ours on the day on which something has gone wrong.
"""

import gzip
import hashlib
import io
import os
import stat
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Self

from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.operating.manifest import NAME, Manifest, Member

_PIECE = 1 << 20
# Databases shrink to a fifth, and what people send hardly any further, however long one tries.
_LEVEL = 3
_LARGEST_MANIFEST = 64 << 20


class _Summing(io.RawIOBase):
    """A file that is read to its end through a sum."""

    def __init__(self, file: IO[bytes]) -> None:
        """Take the file."""
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return a piece, and add it to the sum."""
        piece = self._file.read(size)
        self.digest.update(piece)
        return piece


class Writing:
    """An archive that is being written; entered and left like a file."""

    def __init__(self, file: IO[bytes]) -> None:
        """Take the file to write to."""
        self._zipped = gzip.GzipFile(fileobj=file, mode="wb", compresslevel=_LEVEL, filename="")
        self._tar = tarfile.open(fileobj=self._zipped, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed by __exit__
        self.members: dict[str, Member] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._tar.close()
            self._zipped.close()
        else:
            # What was given up is not finished: it would want to write still more.
            self._zipped.fileobj = None  # type: ignore[assignment] # as its close() does

    def add_file(self, name: str, path: Path) -> None:
        """Add a file as it is now; one that is gone meanwhile is left out."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return
        with file:
            found = os.fstat(file.fileno())
            self._add(name, file, found.st_size, int(found.st_mtime))

    def add_bytes(self, name: str, content: bytes, at: int) -> None:
        """Add a content, as of a moment in seconds."""
        self._add(name, io.BytesIO(content), len(content), at)

    def _add(self, name: str, file: IO[bytes], size: int, at: int) -> None:
        said = tarfile.TarInfo(name)
        said.size, said.mode, said.mtime = size, 0o600, at
        summing = _Summing(file)
        self._tar.addfile(said, summing)
        self.members[name] = Member(size, summing.digest.hexdigest())


def unpack(archive: Path, folder: Path) -> Manifest:
    """Unpack an archive into an empty folder, and return what it says of itself.

    Raises UserError for what is no archive, is cut off or damaged, has a member twice, one that
    would lie outside of the folder, or one with another sum than it says.
    """
    found: dict[str, Member] = {}
    content: bytes | None = None
    with _readable(archive), tarfile.open(archive, mode="r|gz") as tar:
        for said in tar:
            file = tar.extractfile(said) if said.isreg() else None
            if file is None or said.name in found or content is not None:
                raise UserError(_damaged(archive))
            if said.name == NAME:
                content = file.read(_LARGEST_MANIFEST)
            else:
                found[said.name] = _unpacked(file, folder, said.name, archive)
    if content is None:
        raise UserError(_damaged(archive))
    manifest = Manifest.read(content)
    _compare(manifest.members, found)
    return manifest


@contextmanager
def _readable(archive: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise UserError(_damaged(archive)) from error


def _damaged(archive: Path) -> str:
    return _("%(file)s is no archive of `tiesan backup`, or it is cut off or damaged.",
             file=archive)  # fmt: skip


def _unpacked(file: IO[bytes], folder: Path, name: str, archive: Path) -> Member:
    """Write a member to its place below a folder, for its owner alone."""
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts or "\\" in name:
        raise UserError(_damaged(archive))
    path = folder / place
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with open_private(path) as written:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            written.write(piece)
        sync(written)
    return Member(size, digest.hexdigest())


def _compare(said: Mapping[str, Member], found: Mapping[str, Member]) -> None:
    wrong = sorted(name for name in said if found.get(name) != said[name])
    wrong += sorted(found.keys() - said.keys())
    if wrong:
        text = _("The sum of this member is another one, or it is missing or too much: %(name)s")
        raise UserError([text % {"name": name} for name in wrong])


def open_private(path: Path) -> IO[bytes]:
    """Make a file that was not there, for its owner alone, and open it to be written."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    return open(os.open(path, flags, stat.S_IRUSR | stat.S_IWUSR), "wb")  # noqa: PTH123 - with its mode from the beginning


def sync(file: IO[bytes]) -> None:
    """Have what was written on the disk before anything else is said or done."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
