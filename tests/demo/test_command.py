"""`tiesan demo` as a person runs it."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tiesan.clock import today
from tiesan.config import read_database_url
from tiesan.database import open_session
from tiesan.demo.accounts import ACCOUNTS, PASSWORD
from tiesan.flags.catalog import installed_catalog
from tiesan.people.models import Account, Cadre, Organization
from tiesan.testing.command import Tiesan


def number_of(url: str, model: type[Account | Cadre | Organization]) -> int:
    with open_session(read_database_url(url)) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_flags_of_every_rule_are_there_afterwards(tiesan: Tiesan, database_url: str) -> None:
    printed = tiesan("demo", database=database_url).stdout
    assert PASSWORD in printed
    for account in ACCOUNTS:
        assert account.username in printed
    yesterday = today() - timedelta(days=1)
    words = ("evaluate", "--as-of", yesterday, "--format", "json")
    answer = json.loads(tiesan(*map(str, words), database=database_url).stdout)
    assert {flag["rule"] for flag in answer["flags"]} == {
        rule.id for rule in installed_catalog().rules.values() if rule.enabled
    }
    assert answer["not_evaluated"] == []
    # The command raised them itself, and an evaluation afterwards finds nothing else.
    assert (answer["summary"]["added"], answer["summary"]["cleared"]) == (0, 0)


def test_rows_can_be_added_behind_the_demo_records(tiesan: Tiesan, database_url: str) -> None:
    tiesan("demo", "--no-evaluate", "--quiet", database=database_url)
    with open_session(read_database_url(database_url)) as session:
        district = session.scalars(sa.select(Organization).limit(1)).one()
        day = today()
        new = Cadre(
            code="NEW", name="新人", organization=district, professional=True, joined_on=day
        )
        session.add(new)
        session.commit()
        assert new.id == 31


def test_a_database_with_records_is_refused_and_stays_as_it_is(
    tiesan: Tiesan, sqlite_url: str
) -> None:
    assert tiesan("demo", "--quiet", database=sqlite_url).stdout == ""
    refused = tiesan("demo", database=sqlite_url, status=1)
    assert refused.stderr == (
        "The database is not empty: demo records are only written into an empty one.\n"
    )
    assert number_of(sqlite_url, Cadre) == 30
    assert number_of(sqlite_url, Account) == len(ACCOUNTS)


def test_if_empty_leaves_records_alone_and_says_how_to_sign_in(
    tiesan: Tiesan, sqlite_url: str
) -> None:
    tiesan("demo", "--if-empty", "--no-evaluate", "--quiet", database=sqlite_url)
    again = tiesan("demo", "--if-empty", database=sqlite_url).stdout
    assert again.startswith("There are records already; nothing was done.\n")
    assert PASSWORD in again
    assert tiesan("demo", "--if-empty", "--quiet", database=sqlite_url).stdout == ""
    assert number_of(sqlite_url, Cadre) == 30


def test_if_empty_says_nothing_about_accounts_that_it_did_not_make(
    tiesan: Tiesan, sqlite_url: str
) -> None:
    with open_session(read_database_url(sqlite_url)) as session:
        session.add(
            Organization(
                code="D",
                name="某区总工会",
                kind="district",
                founded_on=today(),
                tracked_from=today(),
            )
        )
        session.commit()
    printed = tiesan("demo", "--if-empty", database=sqlite_url).stdout
    assert printed == "There are records already; nothing was done.\n"
    assert number_of(sqlite_url, Account) == 0


def test_a_database_without_tables_gets_them(tiesan: Tiesan, empty_database_url: str) -> None:
    tiesan("demo", "--no-evaluate", "--quiet", database=empty_database_url)
    assert number_of(empty_database_url, Cadre) == 30


def test_an_outdated_database_is_refused(tiesan: Tiesan, sqlite_url: str) -> None:
    engine = sa.create_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE alembic_version_study"))
    engine.dispose()
    refused = tiesan("demo", database=sqlite_url, status=1)
    assert "study" in refused.stderr
    assert number_of(sqlite_url, Cadre) == 0


@pytest.mark.parametrize("words", [("--districts", "0"), ("--seed", "x")])
def test_wrong_usage(tiesan: Tiesan, sqlite_url: str, words: tuple[str, ...]) -> None:
    tiesan("demo", *words, database=sqlite_url, status=2)
    assert number_of(sqlite_url, Organization) == 0
