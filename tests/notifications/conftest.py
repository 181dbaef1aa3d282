"""The two districts of the tests of courses, and what asks who may see what they were told of."""

import pytest
from sqlalchemy import select

from tests.courses.conftest import lite, postgres_districts, sqlite_districts, world
from tests.courses.world import World
from tiesan.access.of_notifications import Seeing
from tiesan.flags.catalog import installed_catalog
from tiesan.notifications.installed import courses_of, seeing_of
from tiesan.people.notifications import Notification

__all__ = ["lite", "postgres_districts", "sqlite_districts", "world"]


@pytest.fixture(scope="session")
def seeing() -> Seeing:
    """Who may see what, by the rules of the installed files."""
    catalog = installed_catalog()
    return seeing_of(catalog, courses_of(catalog).values())


def told(world: World, kind: str) -> set[str]:
    """The user names of those who were told of a kind of thing."""
    names = {account.id: name for name, account in world.accounts.items()}
    statement = select(Notification.account_id).where(Notification.kind == kind)
    return {names[each] for each in world.session.scalars(statement)}


def notes(world: World) -> list[Notification]:
    """All that anybody was told, the oldest first."""
    return list(world.session.scalars(select(Notification).order_by(Notification.id)))
