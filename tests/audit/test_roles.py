"""On PostgreSQL the application works with a role that may not change or delete any entry."""

import re
import uuid
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from tests.audit.conftest import ACTOR, AT
from tests.audit.test_verifying import found
from tests.docs.pages import DOCS, text_of
from tiesan.audit import Subject, record_entry, remove_contents
from tiesan.people.models import Organization
from tiesan.records.organizations import create_organization

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("backend", ["postgresql"], indirect=True),
]
NAMES = ("tiesan_app", "tiesan_retention")


@pytest.fixture
def roles(engine: Engine, districts: list[int]) -> Iterator[tuple[Engine, Engine]]:
    """The database as the roles reach it that the documentation makes, under names of their own."""
    assert districts
    own = uuid.uuid4().hex[:8]
    (written,) = re.findall(r"```sql\n(.*?)```", text_of(DOCS / "operating.md"), re.DOTALL)
    with engine.begin() as connection:
        connection.execute(text(written.replace("tiesan_", f"tiesan_{own}_")))
    urls = [
        engine.url.set(username=name.replace("_", f"_{own}_"), password="to be chosen")
        for name in NAMES
    ]
    app, retention = (create_engine(url) for url in urls)
    yield app, retention
    app.dispose()
    retention.dispose()
    with engine.begin() as connection:
        for url in reversed(urls):
            connection.execute(text(f"DROP OWNED BY {url.username}"))
            connection.execute(text(f"DROP ROLE {url.username}"))


def test_the_role_of_the_application_adds_and_changes_nothing(
    roles: tuple[Engine, Engine], engine: Engine, districts: list[int]
) -> None:
    app, retention = roles
    with Session(app) as session:
        values = {"code": "F1", "name": "F1", "kind": "federation", "parent": None}
        district = session.get_one(Organization, districts[0])
        founded = {"founded_on": date(2000, 1, 1), "tracked_from": None}
        create_organization(ACTOR, session, values | founded | {"parent": district}, at=AT)
        record_entry(session, ACTOR, "look", Subject("flag", 1), at=AT)
        session.commit()
    for statement in (
        "UPDATE audit_entry SET details = '{}'",
        "DELETE FROM audit_entry",
        "UPDATE audit_link SET number = number + 100",
        "DELETE FROM audit_link",
        "DELETE FROM audit_head",
        "TRUNCATE audit_entry CASCADE",
    ):
        with app.connect() as connection, pytest.raises(ProgrammingError, match="denied"):
            connection.execute(text(statement))
    before, at = AT + timedelta(days=90), AT + timedelta(days=100)
    for refused, reached in ((True, app), (False, retention)):
        with Session(reached) as session:
            if refused:
                with pytest.raises(ProgrammingError, match="denied"):
                    remove_contents(session, ACTOR, before, districts[0], rule="trail", at=at)
                continue
            assert remove_contents(session, ACTOR, before, districts[0], rule="trail", at=at) == 6
            session.commit()
    with engine.connect() as connection:
        assert found(connection) == []
