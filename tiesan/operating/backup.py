"""Making a backup: the database first, then the files, in one archive that is there or is not."""

import fcntl
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain, count
from pathlib import Path

from sqlalchemy import URL

from tiesan.discovery import DISTRIBUTION
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.operating.archive import Writing, open_private, sync, sync_folder
from tiesan.operating.copying import MEMBERS, SQLITE, copy_database
from tiesan.operating.manifest import NAME, Manifest, Snapshot

FILES = "files/"
KEY = "secret_key"

# Everything on one person, gone after some days: a backup would keep it.
_OF_PERSONS = "own_data"
# They sort by age.
_NAMED = re.compile(r"tiesan-\d{8}T\d{6}Z(_\d+)?\.tar\.gz")
_FORM, _ENDING = "tiesan-%Y%m%dT%H%M%SZ", ".tar.gz"
_UNFINISHED = ".unfinished-"
# What stands beside a SQLite file while it is in use.
_BESIDE = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Installation:
    """What is backed up, and into what it is restored: a database and an instance folder."""

    url: URL
    folder: Path


@dataclass(frozen=True, slots=True)
class Made:
    """A backup: its file, how long that is, what it says of itself, and what was removed for it."""

    path: Path
    bytes: int
    manifest: Manifest
    removed: tuple[Path, ...]


def back_up(
    what: Installation, folder: Path, *, key: str | None, keep: int | None, at: datetime
) -> Made:
    """Write an archive of an installation into a folder, and keep the newest ones.

    ``key`` is the secret key that goes into it, or None. It is written under another name and
    only then called what it is called, so that a full disk leaves those that are there; nothing is
    removed before. Raises UserError where the database cannot be copied, another backup is being
    written there or an archive of this very second is there; OSError where the folder cannot be
    written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder):
        return _back_up(what, folder, key=key, keep=keep, at=at)


def _free(folder: Path, at: datetime) -> Path:
    """The name of an archive of a moment; further ones of the same second are numbered."""
    name = at.astimezone(UTC).strftime(_FORM)
    numbered = (f"{name}_{number}{_ENDING}" for number in count(2))
    return next(
        path for path in (folder / each for each in chain([f"{name}{_ENDING}"], numbered))
        if not path.exists()
    )  # fmt: skip


def _back_up(
    what: Installation, folder: Path, *, key: str | None, keep: int | None, at: datetime
) -> Made:
    path = _free(folder, at)
    with _unfinished(folder) as place:
        copy = place / "copy"
        snapshot = copy_database(what.url, copy)
        new = place / "archive"
        with open_private(new) as file:
            manifest = _write(Writing(file), what, copy, snapshot, key=key, at=at)
            sync(file)
        new.replace(path)
    sync_folder(folder)
    return Made(path, path.stat().st_size, manifest, tuple(_prune(folder, keep)))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time write archives into a folder; raises UserError for another one."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        text = _("Another backup is being written into %(folder)s.", folder=folder)
        raise UserError(text) from error
    finally:
        os.close(lock)


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """Give a folder of its own below a folder, which is removed whatever happens.

    What a backup has left that was killed is removed first: nobody else is writing.
    """
    for left in folder.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(left)
    place = folder / f"{_UNFINISHED}{secrets.token_hex(4)}"
    place.mkdir(mode=0o700)
    try:
        yield place
    finally:
        shutil.rmtree(place)


def _write(
    writing: Writing,
    what: Installation,
    copy: Path,
    snapshot: Snapshot,
    *,
    key: str | None,
    at: datetime,
) -> Manifest:
    moment = int(at.timestamp())
    with writing:
        writing.add_file(MEMBERS[snapshot.database], copy)
        for name, path in files_of(what, copy.parent.parent):
            writing.add_file(FILES + name, path)
        if key is not None:
            writing.add_bytes(KEY, key.encode("ascii"), moment)
        manifest = Manifest(
            version(DISTRIBUTION), at.isoformat(), snapshot, key is not None, dict(writing.members)
        )
        writing.add_bytes(NAME, manifest.written(), moment)
    return manifest


def files_of(what: Installation, archives: Path) -> Iterator[tuple[str, Path]]:
    """Yield every file of an instance folder that belongs in a backup, with its name below it.

    Neither the database, which is copied by its own means, nor the secret key, nor the folder of
    the archives, nor what only ever counts for a moment: locks, files that are being written, and
    what persons fetch of their own data.
    """
    kept_out = archives.absolute()
    left_folders = {kept_out, what.folder / _OF_PERSONS}
    left_out = {what.folder / KEY, *_database_files(what.url)}
    for place, folders, names in os.walk(what.folder):
        folders[:] = sorted(each for each in folders if Path(place, each) not in left_folders)
        for name in sorted(names) if Path(place) != kept_out else ():
            path = Path(place) / name
            if path not in left_out and not _is_passing(path):
                yield path.relative_to(what.folder).as_posix(), path


def _database_files(url: URL) -> set[Path]:
    if url.get_backend_name() != SQLITE:
        return set()
    return {Path(f"{Path(str(url.database)).absolute()}{end}") for end in _BESIDE}


def _is_passing(path: Path) -> bool:
    """Whether a file is a lock, one that is being written, or no file but a socket or a link."""
    return (
        path.name == "lock"
        or re.fullmatch(r".+\.[0-9a-f]{8}", path.name) is not None
        or not stat.S_ISREG(path.lstat().st_mode)
    )


def archives_in(folder: Path) -> list[Path]:
    """Return the archives in a folder by their names, the newest first."""
    found = (each for each in folder.iterdir() if _NAMED.fullmatch(each.name))
    return sorted(found, reverse=True)


def _prune(folder: Path, keep: int | None) -> Iterator[Path]:
    """Remove all but the newest archives of a folder; nothing else in it is touched."""
    for path in archives_in(folder)[keep:] if keep is not None else ():
        path.unlink()
        yield path
