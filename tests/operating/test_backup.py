"""A backup is one archive, there or not; restored elsewhere, everything is as it was."""

import fcntl
import os
import resource
import shutil
import subprocess
import tarfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from threading import Event, Thread

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.operating.places import Place
from tiesan.audit import SIGN_IN, Subject, record_entry
from tiesan.config import read_database_url
from tiesan.database import begin_writing, make_engine
from tiesan.operating.backup import back_up
from tiesan.operating.manifest import NAME
from tiesan.operating.restore import restore
from tiesan.scheduler.backups import last_backup
from tiesan.testing.command import COMMAND

AT = datetime(2026, 8, 1, tzinfo=UTC)
FLAGS = (
    "SELECT rule, cadre_id, organization_id, key, episode, active FROM flag ORDER BY 1, 2, 3, 4, 5"
)


def manifest_of(archive: Path) -> dict[str, object]:
    with tarfile.open(archive) as tar:
        file = tar.extractfile(NAME)
        assert file is not None
        found: dict[str, object] = orjson.loads(file.read())
        return found


def exported(place: Place) -> dict[str, bytes]:
    """Every file of an export."""
    folder = place.root / "exported"
    place.run("export", folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_restored_elsewhere_flags_and_exports_are_the_same(place: Place, other: Place) -> None:
    before = place.rows(FLAGS)
    said = place.backup()
    (archive,) = place.archives
    assert archive.stat().st_mode & 0o777 == 0o600
    assert "The secret key is not in it." in said.stdout
    restored = other.run("restore", archive)
    assert restored.stderr == ""
    assert "The backup has no secret key" in restored.stdout
    assert len(before) > 1
    assert other.rows(FLAGS) == before
    other.run("evaluate", "--as-of", "2026-07-31", "--quiet")
    assert other.rows(FLAGS) == before
    assert exported(other) == exported(place)
    (kept,) = (path for path in (other.folder / "attachments").rglob("*") if path.is_file())
    assert kept.read_bytes() == b"what somebody sent"
    assert (kept.stat().st_mode & 0o777, other.folder.stat().st_mode & 0o777) == (0o600, 0o700)
    # What is there already is restored into by nobody.
    refused = other.run("restore", archive, status=1)
    assert "There is a database already" in refused.stderr


def test_what_is_stored_meanwhile_is_in_it_as_a_whole_or_not(place: Place, other: Place) -> None:
    """Every transaction of the one who writes stores two entries."""
    engine = make_engine(read_database_url(place.url))
    begun, stop = Event(), Event()

    def write() -> None:
        while not stop.is_set():
            with Session(engine) as session:
                begin_writing(session)
                for _number in range(2):
                    record_entry(session, SIGN_IN, "x", Subject("pair"), at=AT)
                session.commit()
            begun.set()

    writer = Thread(target=write)
    writer.start()
    begun.wait(60)
    archives = place.root / "archives"
    at = datetime(2026, 8, 2, tzinfo=UTC)
    made = [
        back_up(place.what, archives, key=None, keep=None, at=at + timedelta(seconds=number))
        for number in range(2)
    ]
    stop.set()
    writer.join()
    engine.dispose()
    counts = [each.manifest.snapshot.counts["audit_entry"] for each in made]
    before = place.rows("SELECT count(*) FROM audit_entry WHERE object_kind <> 'pair'")[0][0]
    manifest, different = restore(made[1].path, other.what)
    assert different == []
    assert manifest.snapshot.counts["audit_entry"] == counts[1] > counts[0]
    assert [(count - int(str(before))) % 2 for count in counts] == [0, 0]


def test_a_full_disk_leaves_the_last_one(place: Place) -> None:
    place.backup()
    (first,) = place.archives
    before = first.read_bytes()
    least = place.root / "archives"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

    done = subprocess.run(
        [COMMAND, "backup", least, "--keep", "1"],
        env=place.environment,
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr
    assert "Traceback" not in done.stderr
    assert place.archives == [first]
    assert first.read_bytes() == before


def test_the_newest_are_kept_and_nothing_else_is_touched(lite: Place) -> None:
    archives = lite.root / "archives"
    at = datetime(2026, 8, 1, tzinfo=UTC)
    for day in range(4):
        back_up(lite.what, archives, key=None, keep=None, at=at + timedelta(days=day))
    (archives / "tiesan-mine.tar.gz").touch()
    said = lite.backup("--keep", "2").stdout
    names = [path.name for path in lite.archives]
    assert names[0] == "tiesan-20260804T000000Z.tar.gz"
    assert names[2:] == ["tiesan-mine.tar.gz"]
    assert said.count("Removed: ") == 3


def test_one_is_written_at_a_time_and_what_was_killed_leaves_nothing(lite: Place) -> None:
    archives = lite.root / "archives"
    (archives / ".unfinished-0a0a0a0a").mkdir(parents=True)
    (archives / ".unfinished-0a0a0a0a" / "copy").write_bytes(b"half")
    handle = os.open(archives, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    assert "Another backup" in lite.backup(status=1).stderr
    os.close(handle)
    lite.backup()
    assert [path.suffix for path in lite.archives] == [".gz"]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_without_the_programs_of_postgresql_it_says_which(place: Place) -> None:
    without = Place(place.url, place.root, {"PATH": str(place.root)})
    assert "pg_dump is not installed" in without.backup(status=1).stderr
    assert place.archives == []


def test_it_is_noted_when_it_was_made(place: Place) -> None:
    engine = make_engine(read_database_url(place.url))
    with Session(engine) as session:
        assert last_backup(session) is None
        place.backup()
        session.rollback()
        noted = last_backup(session)
    engine.dispose()
    assert noted is not None
    (entry,) = place.rows("SELECT actor_name, details FROM audit_entry WHERE verb = 'back up'")
    assert place.archives[0].name in str(entry)


def test_the_key_is_in_it_only_when_it_is_asked_for(lite: Place, lite_other: Place) -> None:
    said = lite.backup("--with-key").stdout
    (archive,) = lite.archives
    assert "is not in it" not in said
    assert manifest_of(archive)["has_key"] is True
    lite_other.run("restore", archive)
    key = (lite.folder / "secret_key").read_text()
    assert (lite_other.folder / "secret_key").read_text() == key
    assert (lite_other.folder / "secret_key").stat().st_mode & 0o777 == 0o600


def test_archives_in_the_instance_folder_do_not_hold_each_other(lite: Place) -> None:
    folder = lite.folder / "archives"
    lite.run("backup", folder)
    at = datetime(2026, 8, 1, tzinfo=UTC)
    made = back_up(lite.what, folder, key=None, keep=None, at=at)
    assert [name for name in made.manifest.members if "archives" in name] == []
    assert [name for name in made.manifest.members if name.endswith(("lock", "secret_key"))] == []


# --- what is not restored -------------------------------------------------------------------------


def damaged(archive: Path, how: str) -> Path:
    """A copy of an archive that something has happened to."""
    content = bytearray(archive.read_bytes())
    if how == "cut off":
        del content[len(content) // 2 :]
    elif how == "another byte":
        content[len(content) // 2] ^= 0xFF
    else:
        content = bytearray(b"no archive at all")
    path = archive.with_name("damaged.tar.gz")
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("how", ["cut off", "another byte", "something else"])
def test_what_is_damaged_is_refused(how: str, lite: Place, lite_other: Place) -> None:
    lite.backup()
    refused = lite_other.run("restore", damaged(lite.archives[0], how), status=1)
    assert refused.stderr
    assert list(lite_other.folder.iterdir()) == []


def rewritten(archive: Path, changes: dict[str, object], more: tuple[str, bytes] | None) -> Path:
    """A copy of an archive that says something else of itself, or has one more member."""
    unpacked, path = archive.with_name("unpacked"), archive.with_name("rewritten.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(unpacked, filter="data")
    said = orjson.loads((unpacked / NAME).read_bytes())
    names = list(said["members"])
    for name, value in changes.items():
        if name in said["snapshot"]:
            said["snapshot"][name] = value
        else:
            said[name] = value
    (unpacked / NAME).write_bytes(orjson.dumps(said))
    with tarfile.open(path, "w:gz") as tar:
        for name in names:
            tar.add(unpacked / name, name)
        if more is not None:
            said_of_it = tarfile.TarInfo(more[0])
            said_of_it.size = len(more[1])
            tar.addfile(said_of_it, BytesIO(more[1]))
        tar.add(unpacked / NAME, NAME)
    shutil.rmtree(unpacked)
    return path


@pytest.mark.parametrize(
    ("changes", "more", "says"),
    [
        ({"format": 9}, None, "has form 9"),
        ({"revisions": {"core": "9999"}}, None, "made by a newer program (0.1.0)"),
        ({"database": "postgresql"}, None, "of postgresql, and this database is sqlite"),
        ({"members": {}}, None, "too much: database/tiesan.sqlite"),
        ({}, ("../outside", b"x"), "no archive of"),
        ({}, ("/tmp/outside", b"x"), "no archive of"),  # noqa: S108 - never written
        ({}, ("files/more", b"x"), "too much: files/more"),
    ],
    ids=["form", "newer", "other database", "no sums", "above", "absolute", "one more"],
)
def test_what_does_not_fit_is_refused(
    changes: dict[str, object], more: tuple[str, bytes] | None, says: str, lite: Place,
    lite_other: Place,
) -> None:  # fmt: skip
    lite.backup()
    archive = rewritten(lite.archives[0], changes, more)
    refused = lite_other.run("restore", archive, status=1)
    assert says in refused.stderr
    assert list(lite_other.folder.iterdir()) == []


def test_what_differs_is_said(lite: Place, lite_other: Place) -> None:
    lite.backup()
    said = manifest_of(lite.archives[0])["snapshot"]
    assert isinstance(said, dict)
    archive = rewritten(lite.archives[0], {"counts": said["counts"] | {"cadre": 99}}, None)
    done = lite_other.run("restore", archive, status=3)
    assert done.stderr == "Table cadre: 99 rows in the backup, 0 restored\n"


def test_a_trail_that_was_forged_is_said(place: Place, other: Place) -> None:
    """By itself, or held against where its chains ended when it was backed up."""
    place.backup()
    (archive,) = place.archives
    said = manifest_of(archive)["snapshot"]
    assert isinstance(said, dict)
    (number, digest) = said["heads"]["0"]
    other.run("restore", rewritten(archive, {"heads": {"0": [number + 1, digest]}}, None), status=3)
    assert other.run("audit", "verify").returncode == 0


def test_a_broken_trail_is_said_after_restoring(lite: Place, lite_other: Place) -> None:
    lite.backup()
    engine = make_engine(read_database_url(lite.url))
    with engine.begin() as connection:
        forged = connection.execute(text("UPDATE audit_entry SET verb = 'forged'"))
        assert forged.rowcount == 1
    engine.dispose()
    lite.backup()
    done = lite_other.run("restore", lite.archives[-1], status=3)
    assert done.stderr.endswith("of the audit trail is broken: run “tiesan audit verify”\n")


def test_a_folder_that_is_not_empty_is_left_alone(lite: Place, lite_other: Place) -> None:
    lite.backup()
    (lite_other.folder / "mine").mkdir(parents=True)
    refused = lite_other.run("restore", lite.archives[0], status=1)
    assert "is not empty" in refused.stderr
    assert [path.name for path in lite_other.folder.iterdir()] == ["mine"]
