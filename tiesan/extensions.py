"""Objects that exist without an application: the declarative base and the database extension.

A command uses ``Base`` with an engine of its own (``tiesan.database``); the web application uses
``db``, whose models are the same classes.
"""

from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING

from sqlalchemy import DateTime, Dialect, MetaData
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

    db: SQLAlchemy

# Every constraint has a name that is the same on every database, so that a migration can find it.
# The referred table is left out of foreign keys' names: PostgreSQL cuts names at 63 bytes.
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """A moment, stored as UTC without a zone and read back as an aware datetime in UTC.

    SQLite keeps no time zone, so the zone is settled here for every database alike.
    """

    impl = DateTime
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> datetime | None:
        """Give UTC without a zone; raises ValueError for a moment that has no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a moment without a time zone cannot be stored"
            raise ValueError(message)
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> datetime | None:
        """Give the aware moment in UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The base of every table of the core and of the plugins."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING_CONVENTION),
        type_annotation_map={datetime: Instant},
    )


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Make ``db`` when it is first asked for: a command that shows no page loads no Flask."""
        if name != "db":
            raise AttributeError(name)
        made = import_module("flask_sqlalchemy").SQLAlchemy(
            model_class=Base, disable_autonaming=True
        )
        return globals().setdefault(name, made)
