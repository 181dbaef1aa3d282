"""There is always somebody who administers the whole installation."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from tests.people.test_accounts import ACTOR, AT
from tiesan.access.viewer import read_viewer
from tiesan.config import read_database_url
from tiesan.database import begin_writing, make_engine
from tiesan.discovery import load_plugins
from tiesan.errors import UserError
from tiesan.people.models import Account, Cadre, Grant, Organization, RoleName
from tiesan.people.services import grant_role, revoke_role, set_active
from tiesan.records.exchange.importing import ImportOptions, import_path
from tiesan.records.organizations import (
    create_cadre,
    create_organization,
    end_service,
    update_cadre,
    update_organization,
)
from tiesan.testing.command import Tiesan

RECORDS = load_plugins().records
NAMES = ("one", "two")
LEAVING = date(2026, 12, 1)

Way = Callable[[Session, str], object]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a district with two administrators of everything, who are cadres."""
    engine = make_engine(read_database_url(database_url))
    with Session(engine) as session:
        values = {"code": "Q1", "name": "区", "kind": "district", "founded_on": date(2000, 1, 1)}
        district = create_organization(
            ACTOR, session, values | {"tracked_from": date(2026, 1, 1)}, at=AT
        )
        for name in NAMES:
            of = {"code": name, "name": name, "organization": district, "professional": True}
            cadre = create_cadre(ACTOR, session, of | {"joined_on": date(2010, 1, 1)}, at=AT)
            account = Account(username=name, cadre=cadre, fs_uniquifier=name, created_at=AT)
            session.add(account)
            session.flush()
            grant_role(ACTOR, session, account, RoleName.ADMINISTRATOR, None, at=AT)
        session.commit()
    yield engine
    engine.dispose()


def _account(session: Session, name: str) -> Account:
    return session.scalars(select(Account).where(Account.username == name)).one()


def _cadre(session: Session, name: str) -> Cadre:
    return session.scalars(select(Cadre).where(Cadre.code == name)).one()


def revoked(session: Session, name: str) -> None:
    grant = session.scalars(select(Grant).join(Account).where(Account.username == name)).one()
    revoke_role(ACTOR, session, grant, at=AT)


def switched_off(session: Session, name: str) -> None:
    set_active(ACTOR, session, _account(session, name), active=False, at=AT, reason="离任")


def left(session: Session, name: str) -> None:
    end_service(ACTOR, session, _cadre(session, name), LEAVING, records=RECORDS, at=AT)


def left_by_the_form(session: Session, name: str) -> None:
    cadre = _cadre(session, name)
    update_cadre(ACTOR, session, cadre, {"left_on": LEAVING}, records=RECORDS, at=AT)


WAYS = (revoked, switched_off, left, left_by_the_form)


@pytest.mark.parametrize("last", WAYS)
@pytest.mark.parametrize("first", WAYS)
def test_the_last_one_stays(first: Way, last: Way, engine: Engine) -> None:
    with Session(engine) as session:
        first(session, "one")
        session.commit()
        with pytest.raises(UserError, match="最后一名管理员"):
            last(session, "two")
        session.rollback()
        assert _cadre(session, "two").left_on is None
        assert _account(session, "two").active
        # The other one, who administers nothing any more, may go by any way.
        if first is not left and first is not left_by_the_form:
            left(session, "one")


def test_of_two_who_go_at_once_one_stays(engine: Engine) -> None:
    """The second waits for the first, and then knows what it has done."""

    def goes(name: str) -> str:
        with Session(engine) as session:
            begin_writing(session)
            try:
                switched_off(session, name)
            except UserError:
                return "refused"
            session.commit()
            return "gone"

    with Session(engine) as session, ThreadPoolExecutor() as pool:
        begin_writing(session)
        revoked(session, "one")
        other = pool.submit(goes, "two")
        session.commit()
        assert other.result(timeout=60) == "refused"


def test_a_file_does_not_let_the_last_one_leave(engine: Engine, tmp_path: Path) -> None:
    options = ImportOptions(RECORDS, lambda _rule, _name, value: value, at=AT)
    with Session(engine) as session:
        revoked(session, "one")
        session.commit()
        for name, lines in {
            "cadres": "code,name,organization,professional,joined_on,left_on\n"
            "two,two,Q1,true,2010-01-01,2026-12-01\n",
            "postings": "cadre,organization,from,until\ntwo,Q1,2010-01-01,2026-11-30\n",
        }.items():
            folder = tmp_path / name
            folder.mkdir()
            (folder / f"{name}.csv").write_text(lines)
            with pytest.raises(UserError, match="最后一名管理员"):
                import_path(session, ACTOR, folder, options)
            session.rollback()
        assert _cadre(session, "two").left_on is None


def test_where_one_is_posted_may_be_dissolved(engine: Engine) -> None:
    """It takes nobody's role away: only leaving does."""
    with Session(engine) as session:
        revoked(session, "one")
        place = session.scalars(select(Organization)).one()
        ended = {"dissolved_on": LEAVING}
        update_organization(ACTOR, session, place, ended, records=RECORDS, at=AT)
        session.commit()
        viewer = read_viewer(session, _account(session, "two"), date(2027, 1, 1))
        assert viewer.administers_all


def test_the_command_is_the_way_back(engine: Engine, database_url: str, tiesan: Tiesan) -> None:
    """Whatever became of the accounts, who runs commands on the machine makes a new one."""
    with Session(engine) as session:
        session.execute(update(Account).values(active=False))
        session.commit()
    words = ("user", "create", "back", "--role", "administrator", "--password-stdin")
    tiesan(*words, database=database_url, stdin="correct horse battery\n")
    with Session(engine) as session:
        back = _account(session, "back")
        assert back.active
        assert read_viewer(session, back, date(2026, 12, 1)).administers_all
        # And it is the last one now.
        with pytest.raises(UserError, match="最后一名管理员"):
            switched_off(session, "back")
