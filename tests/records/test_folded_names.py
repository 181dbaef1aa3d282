"""Bringing a database to folded user names in which names look alike, and back again."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.discovery import load_plugins
from tiesan.migrate import downgrade, upgrade, upgrade_all
from tiesan.people.models import Account
from tiesan.people.services import find_account
from tiesan.schema import core_part

# The second looks like the first; the fourth is called what the second would be given.
ALIKE = ("root2", "ROOT2", "ｒｏｏｔ２", "root2~2", "ßtraße", "SSTRASSE", "alone")
FOLDED = ("root2", "root2~2", "root2~3", "root2~2~4", "sstrasse", "sstrasse~6", "alone")


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    """An engine on a database of either kind, as it was before names were folded, with accounts."""
    engine = make_engine(read_database_url(empty_database_url))
    upgrade(engine, core_part(), "0010")
    with engine.begin() as connection:
        for name in ALIKE:
            columns = "username, password, active, fs_uniquifier, created_at, login_count"
            values = f"'{name}', 'x', true, '{name}', '2026-01-01', 0"
            connection.execute(text(f"INSERT INTO account ({columns}) VALUES ({values})"))
    yield engine
    engine.dispose()


def test_the_first_of_names_that_look_alike_keeps_its_own(engine: Engine) -> None:
    upgrade_all(engine, load_plugins())
    with Session(engine) as session:
        found = session.execute(
            select(Account.username, Account.username_folded).order_by(Account.id)
        )
        assert [tuple(row) for row in found] == list(zip(ALIKE, FOLDED, strict=True))
        # Each is still found by how it is spelled, and the first by what looks like it.
        for name in ALIKE:
            account = find_account(session, name)
            assert account is not None
            assert account.username == name
        first = find_account(session, "Root2")
        assert first is not None
        assert first.username == "root2"


def test_down_keeps_every_name_and_up_again_folds_them_alike(engine: Engine) -> None:
    upgrade(engine, core_part(), "0011")
    downgrade(engine, core_part(), "0010")
    names = text("SELECT username FROM account ORDER BY id")
    with engine.connect() as connection:
        assert tuple(connection.scalars(names)) == ALIKE
    upgrade(engine, core_part(), "0011")
    folded = text("SELECT username_folded FROM account ORDER BY id")
    with engine.connect() as connection:
        assert tuple(connection.scalars(folded)) == FOLDED
