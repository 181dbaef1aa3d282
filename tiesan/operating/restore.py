"""Restoring a backup: into an empty database and an empty folder, with everything held against it.

First the whole archive is unpacked into a folder of its own and its sums are compared; only then
is the database filled, and last the files are put where they belong.
"""

import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.orm import Session

from tiesan.database import make_engine
from tiesan.discovery import load_plugins
from tiesan.errors import UserError
from tiesan.i18n import _, ngettext
from tiesan.operating.archive import sync_folder, unpack
from tiesan.operating.backup import FILES, KEY, Installation
from tiesan.operating.copying import MEMBERS, SQLITE, look_through, run_program
from tiesan.operating.manifest import Manifest
from tiesan.operating.trail import faults_of_trail
from tiesan.records.attachments.models import Attachment
from tiesan.records.attachments.store import FileStore
from tiesan.records.kinds import table_of
from tiesan.schema import newest_revision, parts, steps_of

_ATTACHMENT = table_of(Attachment)


def restore(archive: Path, into: Installation) -> tuple[Manifest, list[str]]:
    """Restore an archive; returns what it says of itself, and in words what differs from that.

    Raises UserError when the database or the folder is not empty, for an archive that is damaged,
    of another kind of database, or of a newer program, and when the database cannot be filled. Then
    nothing is in the folder.
    """
    _refuse_filled(into)
    with _staged(into.folder) as place:
        manifest = unpack(archive, place)
        _refuse_other(manifest, into, has_own_key=(into.folder / KEY).exists())
        _fill(into, place / MEMBERS[manifest.snapshot.database])
        _put(place, into.folder)
    return manifest, list(differences(manifest, into))


# --- whether it may be ----------------------------------------------------------------------------


def _refuse_filled(into: Installation) -> None:
    """Refuse a place where anything is already; a key that was kept apart may be there."""
    if into.url.get_backend_name() == SQLITE:
        path = Path(str(into.url.database))
        if path.exists() and path.stat().st_size:
            raise UserError(_("There is a database already: %(name)s. A backup is restored into an "
                              "empty one only.", name=path))  # fmt: skip
    else:
        engine = make_engine(into.url)
        try:
            if inspect(engine).get_table_names():
                text = _("There is a database already: %(name)s. A backup is restored into an "
                         "empty one only.")  # fmt: skip
                raise UserError(text % {"name": into.url.database})
        finally:
            engine.dispose()
    found = [each.name for each in into.folder.iterdir()] if into.folder.exists() else []
    if set(found) - {KEY, *_empty_database(into)}:
        raise UserError(_("The folder %(folder)s is not empty. A backup is restored into an empty "
                          "one only.", folder=into.folder))  # fmt: skip


def _empty_database(into: Installation) -> set[str]:
    return {Path(str(into.url.database)).name} if into.url.get_backend_name() == SQLITE else set()


def _refuse_other(manifest: Manifest, into: Installation, *, has_own_key: bool) -> None:
    """Refuse what this program cannot use, before anything is written."""
    there, wanted = manifest.snapshot.database, into.url.get_backend_name()
    if there != wanted:
        text = _("The backup is of %(there)s, and this database is %(wanted)s.")
        raise UserError(text % {"there": there, "wanted": wanted})
    if manifest.has_key and has_own_key:
        text = _("The backup has a secret key, and the folder has one already: remove %(file)s, or "
                 "the backup cannot bring its own.")  # fmt: skip
        raise UserError(text % {"file": into.folder / KEY})
    known = {part.name: part for part in parts(load_plugins())}
    newer = [
        name
        for name, revision in manifest.snapshot.revisions.items()
        if name in known and revision and revision not in steps_of(known[name])
    ]
    if newer:
        message = _("The backup was made by a newer program (%(version)s): update this one first. "
                    "Unknown to it: %(parts)s")  # fmt: skip
        raise UserError(message % {"version": manifest.program, "parts": ", ".join(newer)})


# --- doing it -------------------------------------------------------------------------------------


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """Give a folder on the same disk as what it is for, which is removed whatever happens."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder / f".restoring-{secrets.token_hex(4)}"
    place.mkdir(mode=0o700)
    try:
        yield place
    finally:
        shutil.rmtree(place)


def _fill(into: Installation, copy: Path) -> None:
    if into.url.get_backend_name() == SQLITE:
        path = Path(str(into.url.database)).absolute()
        path.parent.mkdir(parents=True, exist_ok=True)
        # It may lie on another disk; the name is given only when all of it is there.
        new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        shutil.move(copy, new)
        new.chmod(0o600)
        new.replace(path)
        sync_folder(path.parent)
        return
    words = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    run_program("pg_restore", into.url, (*words, str(copy)))


def _put(place: Path, folder: Path) -> None:
    """Put what was unpacked where it belongs."""
    files = place / FILES.rstrip("/")
    found = sorted(files.iterdir()) if files.exists() else []
    for path in found:
        path.rename(folder / path.name)
    if (place / KEY).exists():
        (place / KEY).rename(folder / KEY)
    sync_folder(folder)


# --- what differs ---------------------------------------------------------------------------------


def differences(manifest: Manifest, into: Installation) -> Iterator[str]:
    """Yield in words what differs between a restored installation and what its backup says."""
    engine = make_engine(into.url)
    try:
        yield from _counted(manifest.snapshot.counts, look_through(engine).counts)
        yield from _broken(engine)
        if is_outdated(manifest):
            # What is asked below is asked in the words of this program's schema.
            return
        with Session(engine) as session:
            yield from _missing_files(session, FileStore(into.folder))
            yield from faults_of_trail(session, manifest.snapshot.heads)
    finally:
        engine.dispose()


def _counted(said: Mapping[str, int], found: Mapping[str, int]) -> Iterator[str]:
    for name in sorted(said.keys() | found.keys()):
        if said.get(name) != found.get(name):
            text = _("Table %(name)s: %(said)s rows in the backup, %(found)s restored")
            yield text % {"name": name, "said": said.get(name, "–"), "found": found.get(name, "–")}


def _broken(engine: Engine) -> Iterator[str]:
    """References to rows that are not there; PostgreSQL has refused them itself."""
    if engine.dialect.name != SQLITE:
        return
    with engine.connect() as connection:
        for broken in connection.execute(text("PRAGMA foreign_key_check")):
            yield _("A row of %(name)s refers to a row of %(other)s that is not there.",
                    name=broken[0], other=broken[2])  # fmt: skip


def _missing_files(session: Session, store: FileStore) -> Iterator[str]:
    digests = session.scalars(select(_ATTACHMENT.c.sha256).distinct())
    missing = sum(not store.path(digest).exists() for digest in digests)
    if missing:
        yield ngettext(
            "%(num)d file that records name is not in the backup.",
            "%(num)d files that records name are not in the backup.",
            missing,
        )


def is_outdated(manifest: Manifest) -> bool:
    """Whether a restored database is to be brought to the newest schema first."""
    newest = {part.name: newest_revision(part) for part in parts(load_plugins())}
    return any(manifest.snapshot.revisions.get(name) != each for name, each in newest.items())
