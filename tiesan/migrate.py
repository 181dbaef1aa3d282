"""The schema and its history: one linear history per part, the core and each plugin.

Each part has a version table of its own (``alembic_version_<part>``), so that a plugin that is no
longer installed blocks nobody, and a plugin can be removed with its tables.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, delete, inspect, select, text
from sqlalchemy.orm import Session

from tiesan.audit import Actor, AuditEntry, Subject, record_entry
from tiesan.courses.models import CourseEvent
from tiesan.discovery import Plugins
from tiesan.extensions import Base, Instant
from tiesan.flags.follow_up import EscalatedFlag, Notice
from tiesan.flags.models import Flag
from tiesan.flags.services import clear_flags_of_plugin
from tiesan.notifications.sending.models import Sending
from tiesan.paths import shipped
from tiesan.people.codes import OneTimeSecret, RecoveryCode
from tiesan.people.invitations import Invitation
from tiesan.people.merges import CadreAlias, CadreMerge, MergeStep
from tiesan.people.models import Account
from tiesan.people.notifications import Notification
from tiesan.people.pauses import SignInAttempt
from tiesan.people.sessions import AccountSession
from tiesan.people.sign_in_settings import SignInSetting
from tiesan.plugin import Plugin
from tiesan.privacy.own.models import OwnArchive
from tiesan.privacy.retention.models import Retention
from tiesan.records.attachments.models import Attachment
from tiesan.records.codes import CodeCounter
from tiesan.records.corrections import CorrectionRequest
from tiesan.records.imports.models import (
    DataImport,
    ImportColumns,
    ImportPerson,
    ImportRow,
    ImportSaid,
)
from tiesan.records.kinds import table_of
from tiesan.records.pending import PendingEvaluation
from tiesan.records.sent_forms import SentForm
from tiesan.records.settings import CalendarException, PluginState
from tiesan.records.withdrawals import RecordWithdrawal
from tiesan.scheduler.models import JobRun
from tiesan.schema import CORE, Part, current_revision, parts, plugin_part

_VERSION = "alembic_version_"
# The classes through which the core's tables are known to the metadata.
CORE_CLASSES = (
    Account,
    AccountSession,
    Attachment,
    DataImport,
    ImportColumns,
    ImportPerson,
    ImportRow,
    ImportSaid,
    Invitation,
    OwnArchive,
    Retention,
    AuditEntry,
    CadreAlias,
    CadreMerge,
    CalendarException,
    CodeCounter,
    CorrectionRequest,
    CourseEvent,
    EscalatedFlag,
    Flag,
    JobRun,
    MergeStep,
    Notice,
    Notification,
    OneTimeSecret,
    PendingEvaluation,
    RecoveryCode,
    RecordWithdrawal,
    Sending,
    SentForm,
    SignInAttempt,
    SignInSetting,
)

# Any number will do, as long as everybody who migrates takes the same.
_LOCK = 7_243_118_001


def upgrade_all(engine: Engine, plugins: Plugins) -> list[str]:
    """Bring every part to its newest revision; returns the names of the parts that changed.

    Each part is one transaction. Two that run at once wait for each other.
    """
    return [part.name for part in parts(plugins) if upgrade(engine, part)]


def upgrade(engine: Engine, part: Part, revision: str = "head") -> bool:
    """Bring a part up to a revision; returns whether anything changed."""
    with _migrating(engine, part) as (connection, config):
        before = current_revision(connection, part)
        command.upgrade(config, revision)
        return current_revision(connection, part) != before


def downgrade(engine: Engine, part: Part, revision: str = "base") -> None:
    """Bring a part back to an earlier revision, ``base`` being before the first."""
    with _migrating(engine, part) as (_connection, config):
        command.downgrade(config, revision)


def draft_revision(engine: Engine, part: Part, revision: str, message: str) -> None:
    """Write a new revision with what differs between a database and the classes, to be read.

    The database must be at the part's newest revision; it is not changed.
    """
    with _migrating(engine, part) as (_connection, config):
        command.revision(
            config,
            message=message,
            autogenerate=True,
            rev_id=revision,
            version_path=str(part.folder / "versions"),
        )


def remove_plugin(
    actor: Actor, engine: Engine, plugins: Plugins, name: str, *, at: datetime
) -> int:
    """Remove a plugin from the database, be it installed or not; returns how many flags it cleared.

    The flags themselves, the values of its parameters and the audit trail stay.
    """
    if name in plugins.by_name:
        remove_plugin_tables(engine, plugins.by_name[name])
    else:
        _remove_left_over_tables(engine, name)
    with Session(engine) as session:
        number = clear_flags_of_plugin(actor, session, name, now=at)
        details = {"flags_cleared": number}
        subject = Subject("plugin", None, name)
        record_entry(session, actor, "remove plugin", subject, at=at, details=details)
        session.commit()
    return number


def left_over_plugins(engine: Engine, plugins: Plugins) -> list[str]:
    """The names of plugins that are not installed and whose tables or active flags are there."""
    with Session(engine) as session:
        rules = session.scalars(select(Flag.rule).where(Flag.active).distinct())
        names = {rule.partition(".")[0] for rule in rules}
        tables = inspect(session.connection()).get_table_names()
    names |= {table.removeprefix(_VERSION) for table in tables if table.startswith(_VERSION)}
    return sorted(names - {CORE, *plugins.by_name})


def _remove_left_over_tables(engine: Engine, name: str) -> None:
    """Drop the tables of a plugin whose migrations are not there any more."""
    with engine.begin() as connection:
        found = inspect(connection).get_table_names()
        others = [each.removeprefix(_VERSION) for each in found if each.startswith(_VERSION)]
        longer = tuple(f"{each}_" for each in others if each.startswith(f"{name}_"))
        chosen = [
            table
            for table in found
            if table.startswith(f"{name}_")
            and table not in Base.metadata.tables
            and not (longer and table.startswith(longer))
        ]
        chosen.extend(table for table in found if table == f"{_VERSION}{name}")
        left = MetaData()
        left.reflect(connection, only=chosen)
        # What they refer to was read with them, and stays.
        left.drop_all(connection, tables=[left.tables[table] for table in chosen])
        connection.execute(delete(PluginState).where(PluginState.name == name))


def remove_plugin_tables(engine: Engine, plugin: Plugin) -> None:
    """Drop a plugin's tables with all their rows, its version table and its switch."""
    part = plugin_part(plugin)
    if part is not None:
        downgrade(engine, part)
    with engine.begin() as connection:
        if part is not None:
            connection.execute(text(f"DROP TABLE IF EXISTS {part.version_table}"))
        connection.execute(delete(PluginState).where(PluginState.name == plugin.name))


def _config(part: Part, settings: Mapping[str, Any]) -> Config:
    """Alembic's configuration for one part: the common environment, the part's own versions."""
    config = Config(attributes={"settings": settings})
    # A configuration file would be read with interpolation, so would these.
    config.set_main_option("script_location", _escaped(shipped("migrations")))
    config.set_main_option("version_locations", _escaped(part.folder / "versions"))
    config.set_main_option("path_separator", "newline")
    return config


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


@contextmanager
def _migrating(engine: Engine, part: Part) -> Iterator[tuple[Connection, Config]]:
    """One transaction for one part, with the lock that keeps others from migrating meanwhile."""
    with engine.connect() as connection, _without_foreign_keys(connection):
        begun = connection.execution_options(sqlite_begin="IMMEDIATE")
        with begun.begin():
            if engine.dialect.name == "postgresql":
                begun.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield begun, _config(part, _settings(begun, part))
            if engine.dialect.name == "sqlite":
                _check_foreign_keys(begun)


def _settings(connection: Connection, part: Part) -> dict[str, Any]:
    return {
        "connection": connection,
        "target_metadata": Base.metadata,
        "version_table": part.version_table,
        "transactional_ddl": True,
        "render_as_batch": True,
        "render_item": _render_instant,
        "include_object": lambda thing, name, kind, _reflected, _other: table_belongs_to(
            part, name if kind == "table" else thing.table.name
        ),
    }


def _render_instant(kind: str, thing: object, _context: object) -> str | Literal[False]:
    """A revision stands for itself: it names the type in the database, not a class of ours."""
    return "sa.DateTime()" if kind == "type" and isinstance(thing, Instant) else False


def table_belongs_to(part: Part, table: str) -> bool:
    """Whether a table is one of a part's; which one it is, the module of its class tells."""
    for mapper in Base.registry.mappers:
        if table_of(mapper.class_).name == table:
            if mapper.class_.__module__.startswith("tiesan."):
                return part.name == CORE
            return table.startswith(f"{part.name}_")
    return False


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Let SQLite rebuild a table that others refer to; it can only be said between transactions."""
    driver = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    driver.cursor().execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.cursor().execute("PRAGMA foreign_keys=ON")


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        message = f"the migration leaves a row of {broken[0]} that refers to no row of {broken[2]}"
        raise RuntimeError(message)
