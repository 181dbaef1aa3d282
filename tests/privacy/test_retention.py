"""What is older than its months goes, with its files, and records and flags never do."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tiesan.audit import DAILY_RUN, Actor, AuditEntry, Subject, record_entry
from tiesan.audit.verifying import chains, verify_chain
from tiesan.clock import SHANGHAI
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.discovery import load_plugins
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.flags.models import Flag, FlagEvent, FlagRevision
from tiesan.notifications.sending.models import Sending, SendingAttempt, Way
from tiesan.operating.backup import Installation, files_of
from tiesan.people.models import Account, Cadre
from tiesan.people.notifications import Notification
from tiesan.people.sessions import AccountSession
from tiesan.privacy.own.keeping import FOLDER, KEPT_FOR
from tiesan.privacy.own.models import OwnArchive
from tiesan.privacy.retention.models import Retention
from tiesan.privacy.retention.running import remove_what_is_old
from tiesan.privacy.retention.services import REMOVE, SET, previewed, set_retention, standings
from tiesan.privacy.retention.values import months_before
from tiesan.records.attachments.models import PDF, Attachment
from tiesan.records.attachments.store import FileStore
from tiesan.records.imports.kept import KeptFiles
from tiesan.records.imports.models import DataImport, State
from tiesan.records.kinds import table_of
from tiesan.scheduler.work import Work
from tiesan.testing.world import World

NOW = datetime(2026, 6, 30, 1, tzinfo=UTC)
OLD, NEW = NOW - timedelta(days=400), NOW - timedelta(days=20)
MONTHS = {
    "flag_files": 6, "private_files": 12, "imported_files": 12, "notifications": 6, "sendings": 6,
}  # fmt: skip


class House:
    """A database with an instance folder, and what is old and new in them."""

    def __init__(self, database: Engine, world: World, place: Path) -> None:
        self.database, self.world, self.place = database, world, place
        self.actor = Actor(world.accounts["admin"], "admin")

    def run(self) -> dict[str, int]:
        """The daily run."""
        work = Work(self.database, None, NOW.date(), {}, DAILY_RUN, NOW, lambda _step, _of: None)
        removed: dict[str, int] = remove_what_is_old(work)["removed"]
        return removed

    def file(self, kind: str, row_id: int, content: bytes, at: datetime = OLD) -> str:
        """A file that hangs on a row; gives the digest of its content."""
        store = FileStore(self.place)
        digest = store.keep(content)
        _aged(store.path(digest))
        row = Attachment(sent_by_id=self.actor.account_id, sent_at=at, name="证明.pdf",
                         media_type=PDF, size=len(content), sha256=digest,
                         kind=kind, row_id=row_id)  # fmt: skip
        self.add(row)
        return digest

    def add(self, *rows: object) -> None:
        """Store rows."""
        with Session(self.database) as session:
            session.add_all(rows)
            session.commit()

    def lies(self, digest: str) -> bool:
        """Whether a content is on disk."""
        return FileStore(self.place).path(digest).is_file()

    def counts(self, *models: type[Base]) -> list[int]:
        """How many rows of each class there are."""
        with Session(self.database) as session:
            return [session.scalar(sa.select(sa.func.count()).select_from(table_of(each))) or 0
                    for each in models]  # fmt: skip


def _aged(path: Path) -> None:
    os.utime(path, (OLD.timestamp(), OLD.timestamp()))


@pytest.fixture
def house(
    database_url: str, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    monkeypatch.setenv("TIESAN_INSTANCE", str(tmp_path / "instance"))
    engine = make_engine(read_database_url(database_url))
    yield House(engine, world, tmp_path / "instance")
    engine.dispose()


def flag(house: House, review: str, at: datetime) -> int:
    """A flag that came to a state of its review at a moment."""
    with Session(house.database) as session:
        cadre = session.get_one(Cadre, house.world.cadres["CO"])
        row = Flag(
            rule="discipline.late", severity="minor", cadre=cadre, key=f"{review}{at:%Y%m%d}",
            episode=1, district_id=house.world.organizations["D1"], occurred_on=at.date(),
            message_zh="迟到", message_en="late", active=False, raised_at=at,
            raised_as_of=at.date(),
            cleared_at=at, cleared_reason="condition", known_as_of=at.date(), revision=1,
            evidence_digest="0", rule_digest="0", review=review,
        )  # fmt: skip
        row.events = [FlagEvent(at=at, on=at.date(), verb="dismiss", actor_name="tester",
                                from_state="open", to_state=review)]  # fmt: skip
        session.add(row)
        session.commit()
        return row.id


def setting(house: House, **months: int | None) -> list[str]:
    """Set months, with a reason."""
    with Session(house.database) as session:
        changed = set_retention(house.actor, session, months, "按档案规定", at=NOW)
        session.commit()
        return changed


def entries(house: House, verb: str) -> list[AuditEntry]:
    """The entries of a verb, in their order."""
    with Session(house.database) as session:
        found = sa.select(AuditEntry).where(AuditEntry.verb == verb).order_by(AuditEntry.id)
        return list(session.scalars(found))


def told(house: House, at: datetime) -> Notification:
    return Notification(account_id=house.world.accounts["cadre"], at=at, kind="set password",
                        details={"by": "admin"})  # fmt: skip


def sent(house: House, at: datetime) -> Sending:
    way = Way(scheme="wecombot", title=f"群{at:%Y%m%d}", fields={}, sealed="x", active=True,
              created_at=at)  # fmt: skip
    tries = [SendingAttempt(number=1, began_at=at, ended_at=at, result="sent")]
    return Sending(way=way, purpose="test", urgent=False, made_at=at, state="sent", due_at=at,
                   attempts=1, ended_at=at, tries=tries)  # fmt: skip


def brought_in(house: House, at: datetime) -> int:
    row = DataImport(kind="clocks", account_id=house.world.accounts["admin"], at=at,
                     state=State.STORED.value, stored_at=at)  # fmt: skip
    with Session(house.database) as session:
        session.add(row)
        session.flush()
        row.files = KeptFiles(house.place, row.id).keep([("一月.csv", BytesIO(b"a,b"))])
        session.commit()
        return row.id


def test_of_each_kind_what_is_old_goes_and_the_rest_stays(house: House) -> None:
    closed, recent, open_one = (
        flag(house, "closed", OLD), flag(house, "dismissed", NEW), flag(house, "open", OLD)
    )  # fmt: skip
    leave, asset = (house.world.records[kind]["O"] for kind in ("leave", "work_log"))
    gone = [house.file("flag", closed, b"%PDF-closed"), house.file("leave", leave, b"%PDF-sick")]
    kept = [
        house.file("flag", recent, b"%PDF-recent"), house.file("flag", open_one, b"%PDF-open"),
        house.file("leave", leave, b"%PDF-lately", NEW), house.file("work_log", asset, b"%PDF-log"),
    ]  # fmt: skip
    # The same content hangs on what is closed and on what is not: it stays on disk.
    house.file("flag", closed, b"%PDF-open")
    house.add(told(house, OLD), told(house, NEW), sent(house, OLD), sent(house, NEW))
    old_import, new_import = brought_in(house, OLD), brought_in(house, NEW)
    never: list[type[Base]] = [
        Flag,
        FlagEvent,
        FlagRevision,
        Attachment,
        DataImport,
        *load_plugins().records,
    ]
    before, [number] = house.counts(*never), house.counts(Notification)
    with Session(house.database) as session:
        seen = previewed(session, MONTHS, house.place, NOW.date())
    amounts = {name: (each.rows, each.files) for name, each in seen.items()}
    assert amounts == {"flag_files": (0, 2), "private_files": (0, 1), "imported_files": (1, 1),
                       "notifications": (1, 0), "sendings": (1, 0)}  # fmt: skip
    assert seen["notifications"].oldest == OLD
    assert seen["private_files"].bytes == len(b"%PDF-sick")
    assert sorted(setting(house, **MONTHS)) == sorted(set(MONTHS) - {"imported_files"})
    assert house.run() == {"flag_files": 2, "private_files": 1, "imported_files": 1,
                           "notifications": 1, "sendings": 1}  # fmt: skip
    assert house.counts(*never) == before
    assert house.counts(Notification, Sending, SendingAttempt) == [number - 1, 1, 1]
    assert [house.lies(each) for each in (*gone, *kept)] == [False] * 2 + [True] * 4
    there = [KeptFiles(house.place, each).is_there for each in (old_import, new_import)]
    assert there == [False, True]
    with Session(house.database) as session:
        files = session.get_one(DataImport, old_import).files
        marked = set(session.scalars(sa.select(Attachment.removed_at)))
    assert (files[0]["name"], files[0]["removed_on"]) == ("一月.csv", "2026-06-30")
    assert marked == {None, NOW}
    _says_what_it_did(house)


def _says_what_it_did(house: House) -> None:
    """One entry for each kind; another run finds nothing, and writes none."""
    found = {each.object_code: each.details for each in entries(house, REMOVE)}
    assert found["flag_files"] == {"months": 6, "until": "2025-12-30", "rows": 0, "files": 2,
                                   "bytes": 20}  # fmt: skip
    assert len(entries(house, REMOVE)) == 5
    with Session(house.database) as session:
        shown = {each.kind.name: each for each in standings(session)}
    assert (shown["flag_files"].ran_at, shown["flag_files"].removed.files) == (NOW, 2)
    assert house.run() == {}
    assert len(entries(house, REMOVE)) == 5


def test_sessions_and_what_entries_say_go_and_the_trail_still_proves_itself(house: House) -> None:
    for number, at in enumerate((OLD, NEW)):
        house.add(AccountSession(
            account_id=house.world.accounts["admin"], token_digest=f"{number:064d}",
            started_at=at, seen_at=at, address="10.0.0.1", own_phone=False, browser="other",
            system="other", had_left=False,
        ))  # fmt: skip
    with Session(house.database) as session:
        subject = Subject("cadre", house.world.cadres["CO"], "CO", house.world.organizations["D1"])
        record_entry(session, house.actor, "update", subject, at=OLD, details={"reason": "旧"})
        session.commit()
    setting(house, sessions=3, audit_contents=12)
    assert house.run() == {"sessions": 1, "audit_contents": 1}
    assert house.counts(AccountSession) == [1]
    [old] = [each for each in entries(house, "update") if each.at == OLD]
    assert (old.actor_name, old.object_code, old.details) == ("", None, {})
    with house.database.connect() as connection:
        for chain in chains(connection):
            assert list(verify_chain(connection, chain)) == []


def test_what_a_crash_has_left_lying_goes_with_the_next_run(house: House) -> None:
    """The row says that it was removed and is committed; the file lies there still."""
    digest = house.file("flag", flag(house, "closed", OLD), b"%PDF-left")
    imported = brought_in(house, OLD)
    with Session(house.database) as session:
        session.execute(sa.update(Attachment).values(removed_at=OLD))
        row = session.get_one(DataImport, imported)
        row.files = [{**each, "removed_on": "2026-06-29"} for each in row.files]
        session.commit()
    # A kind that nobody has set is swept all the same.
    assert house.run() == {}
    assert not house.lies(digest)
    assert not KeptFiles(house.place, imported).is_there
    with Session(house.database) as session:
        assert session.scalar(sa.select(Attachment.gone_at)) == NOW


def test_setting_takes_a_reason_and_months_that_can_be(house: House) -> None:
    assert setting(house, sendings=3, imported_files=12) == ["sendings"]
    assert setting(house, sendings=3) == []
    assert setting(house, sendings=None, imported_files=None) == ["imported_files", "sendings"]
    changes = [(each.object_code, each.details["changed"]) for each in entries(house, SET)]
    assert changes == [("sendings", {"months": [None, 3]}),
                       ("imported_files", {"months": [12, None]}),
                       ("sendings", {"months": [3, None]})]  # fmt: skip
    with Session(house.database) as session:
        for months, reason in (({"sendings": 3}, " "), ({"notifications": 5}, "理由"),
                               ({"sendings": 601}, "理由")):  # fmt: skip
            with pytest.raises(UserError):
                set_retention(house.actor, session, months, reason, at=NOW)
            session.rollback()
        session.add(Retention(kind="sendings2", months=0))
        with pytest.raises(sa.exc.IntegrityError, match="months_range"):
            session.flush()


def test_never_is_never(house: House) -> None:
    """An import of which nothing was set goes after 12 months, and with a blank never."""
    imported = brought_in(house, OLD)
    setting(house, imported_files=None)
    assert house.run() == {}
    assert KeptFiles(house.place, imported).is_there


def test_an_archive_goes_after_its_days(house: House) -> None:
    folder = house.place / FOLDER
    folder.mkdir(parents=True)
    for name, account, made_at in (("a" * 32, "cadre", NOW - KEPT_FOR), ("b" * 32, "chair", NEW)):
        (folder / f"{name}.zip").write_bytes(b"PK")
        until = made_at + KEPT_FOR if account == "cadre" else NOW + timedelta(seconds=1)
        house.add(OwnArchive(account_id=house.world.accounts[account], asked_at=made_at,
                             token=name, made_at=made_at, until=until, size=2))  # fmt: skip
    (folder / "unnamed.zip").write_bytes(b"PK")
    # A backup, which is kept for longer, has none of them.
    installation = Installation(house.database.url, house.place)
    assert FOLDER not in "".join(
        name for name, _path in files_of(installation, folder.parent.parent)
    )
    house.run()
    assert [each.name for each in folder.iterdir()] == [f"{'b' * 32}.zip"]
    with Session(house.database) as session:
        left = session.scalars(sa.select(Account.username).join(
            OwnArchive, OwnArchive.account_id == Account.id))  # fmt: skip
        assert list(left) == ["chair"]


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2028, 3, 30), 1, date(2028, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 6, 30), 12, date(2025, 6, 30)),
        (date(2026, 6, 30), 600, date(1976, 6, 30)),
    ],
)
def test_months_before_a_day(day: date, months: int, before: date) -> None:
    found = months_before(day, months)
    assert (found.date(), found.hour, found.tzinfo) == (before, 0, SHANGHAI)
