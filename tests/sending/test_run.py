"""What is due is sent by the daily run's own processes: planned when there is something to do."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from tests.sending.conftest import TESTER, House, teller
from tests.sending.mail_server import PASSWORD, Mail, mail_server, own_certificate
from tests.sending.test_letters import server_context
from tiesan.clock import now
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.notifications.leaving import pass_on
from tiesan.notifications.sending.models import Sending, Way, WayAddress
from tiesan.notifications.sending.queue import queue
from tiesan.notifications.sending.schemes import SCHEMES
from tiesan.notifications.sending.sealing import Seal
from tiesan.notifications.sending.ways import Entered, Keeping, create_way
from tiesan.people.models import Account
from tiesan.people.notifications import Leaves, Notification, tell
from tiesan.people.services import NEW_DEVICE, ROLE_GRANTED
from tiesan.scheduler.claims import MOST_ATTEMPTS, Ended, claim_next, settle
from tiesan.scheduler.jobs import SEND
from tiesan.scheduler.models import JobRun
from tiesan.scheduler.planning import plan
from tiesan.secret_key import stored_key
from tiesan.testing.command import Tiesan

SENDER, TO = "union@example.cn", "wangfang@example.cn"


def planned(house: House) -> list[int]:
    with Session(house.database) as session:
        return plan(session, [SEND], house.now)


def ended(house: House, *, well: bool) -> None:
    """Claim the run that is planned, and let it end."""
    with Session(house.database) as session:
        claim = claim_next(session, house.now, "one")
        assert claim is not None
        settle(session, claim, Ended(well), house.now)
        session.commit()


def runs(house: House) -> list[str]:
    with Session(house.database) as session:
        return list(session.scalars(select(JobRun.state).order_by(JobRun.day)))


def test_a_run_is_planned_when_there_is_something_to_send(house: House) -> None:
    assert planned(house) == []
    house.told()
    [first] = planned(house)
    # One that waits or runs is enough.
    assert planned(house) == []
    ended(house, well=True)
    assert planned(house) == [first]
    house.work()
    ended(house, well=True)
    assert planned(house) == []
    assert runs(house) == ["done"]
    house.later(days=1)
    house.told()
    assert len(planned(house)) == 1
    assert runs(house) == ["done", "waiting"]


def test_what_was_told_since_is_settled_and_sent(house: House) -> None:
    with Session(house.database) as session:
        tell(session, [house.ids["person"]], ROLE_GRANTED, {}, at=house.now)
        session.commit()
    assert len(planned(house)) == 1
    with Session(house.database) as session:
        assert pass_on(session, teller().seeing, at=house.now) == 1
        session.commit()
        own = Notification.account_id == house.ids["person"]
        [told] = session.scalars(select(Notification).where(own)).all()
        assert (told.leaves, told.left_at) == (Leaves.NOW, house.now)
    assert house.work() == {"sent": 1}
    assert "1条新消息" in json.loads(house.robots.sent()[0])["title"]
    ended(house, well=True)
    assert planned(house) == []


def test_without_a_way_nothing_is_begun_for_what_is_told(house: House) -> None:
    with Session(house.database) as session:
        session.execute(update(Way).values(active=False))
        tell(session, [house.ids["person"]], ROLE_GRANTED, {}, at=house.now)
        session.commit()
    assert planned(house) == []


def test_a_run_that_has_failed_for_good_waits_for_a_person_until_the_next_day(
    house: House,
) -> None:
    house.told()
    planned(house)
    for _attempt in range(MOST_ATTEMPTS):
        ended(house, well=False)
        house.later(minutes=10)
    assert (runs(house), planned(house)) == (["failed"], [])
    house.later(days=1)
    assert len(planned(house)) == 1
    assert runs(house) == ["covered", "waiting"]


# --- the processes themselves ------------------------------------------------------------------


class Installed:
    """An installation in a folder, whose ways lead to a mail server on loopback."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.database: Engine = make_engine(read_database_url(url))
        self.seal = Seal(stored_key(folder / "instance"))

    def tell(self, scheme: str, fields: dict[str, str]) -> None:
        """Tell somebody something, who is reached by such a way."""
        with Session(self.database) as session:
            entered = Entered(scheme, fields)
            keep = Keeping(self.seal, None)
            way = create_way(TESTER, session, SCHEMES[scheme], entered, keep, at=now())
            person = Account(username=scheme, fs_uniquifier=scheme, active=True, created_at=now())
            session.add(person)
            session.flush()
            address = WayAddress(
                account_id=person.id,
                way_id=way.id,
                sealed=self.seal.seal({"address": TO}),
                masked="wa…@example.cn",
                entered_at=now(),
                confirmed_at=now(),
            )
            told = Notification(account_id=person.id, at=now(), kind=NEW_DEVICE, details={})
            told.leaves, told.left_at = Leaves.NOW.value, told.at
            session.add_all([address, told])
            session.flush()
            queue(
                session,
                account_id=person.id,
                notification_ids=[told.id],
                due_at=now(),
                urgent=True,
                at=now(),
            )
            session.commit()

    def run_due(self, **env: str) -> str:
        """Run what is due as cron does."""
        given = {"TIESAN_INSTANCE": str(self.folder / "instance"), **env}
        done = Tiesan(self.folder)("run-due", database=self.url, env=given)
        return done.stdout + done.stderr

    def row(self) -> Sending:
        with Session(self.database, expire_on_commit=False) as session:
            return session.scalars(select(Sending)).one()


@pytest.fixture
def installed(sqlite_url: str, tmp_path: Path) -> Iterator[Installed]:
    found = Installed(tmp_path, sqlite_url)
    yield found
    found.database.dispose()


@pytest.fixture
def mail() -> Iterator[Mail]:
    with mail_server() as found:
        yield found


def fields(mail: Mail, **further: str) -> dict[str, str]:
    return {"host": "127.0.0.1", "port": str(mail.port), "sender": SENDER, **further}


def test_cron_sends_what_is_due(installed: Installed, mail: Mail) -> None:
    installed.tell("mailto", fields(mail))
    installed.run_due()
    assert (installed.row().state, installed.row().attempts) == ("sent", 1)
    [(subject, _body)] = mail.texts()
    assert subject == "铁山：您有1条新消息"
    installed.run_due()
    assert len(mail.letters) == 1


def test_hosts_that_are_not_allowed_are_not_spoken_to(installed: Installed, mail: Mail) -> None:
    installed.tell("mailto", fields(mail))
    installed.run_due(TIESAN_HOSTS_OUT="smtp.example.cn")
    assert (installed.row().state, mail.letters) == ("waiting", [])
    installed.run_due(TIESAN_HOSTS_OUT="127.0.0.1, smtp.example.cn")


def test_another_secret_key_sends_nothing_and_says_so(installed: Installed, mail: Mail) -> None:
    installed.tell("mailto", fields(mail))
    installed.run_due(TIESAN_SECRET_KEY="another key " * 4)
    assert (installed.row().state, mail.letters) == ("waiting", [])
    with Session(installed.database) as session:
        assert session.scalars(select(Way.trouble)).all() == ["key_changed"]
    # As it was before, it is sent: an hour later the ways are looked at anew.
    with Session(installed.database) as session:
        session.scalars(select(Way)).one().looked_at = now() - timedelta(hours=1)
        session.commit()
    installed.run_due()
    assert installed.row().state == "sent"


def test_no_password_is_said_kept_or_left_anywhere(installed: Installed, tmp_path: Path) -> None:
    certificate = own_certificate(tmp_path)
    with mail_server(authenticated=True, ssl_context=server_context(certificate)) as mail:
        given = fields(mail, mode="tls", user=SENDER, password=PASSWORD)
        installed.tell("mailtos", given)
        said = installed.run_due()
    assert "done" in said
    row = installed.row()
    assert (row.state, row.reason, mail.passwords) == ("waiting", "certificate", [])
    assert PASSWORD not in said
    installed.database.dispose()
    for folder, _folders, names in os.walk(tmp_path):
        for name in names:
            assert PASSWORD.encode() not in (Path(folder) / name).read_bytes(), name
            assert TO.encode() not in (Path(folder) / name).read_bytes(), name
