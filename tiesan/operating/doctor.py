"""The doctor: looks at everything that an installation needs, and changes nothing of it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tiesan.database import make_engine
from tiesan.discovery import load_plugins
from tiesan.errors import UserError
from tiesan.i18n import _, _l
from tiesan.operating import of_database, of_machine
from tiesan.operating.findings import Check, Finding, Level, Patient, Trouble
from tiesan.schema import require_current

_DATABASE = Check("database", _l("Database"))
_SCHEMA = Check("schema", _l("Schema"))
CHECKS = (
    Check("settings", _l("Settings"), of_machine.of_settings),
    Check("engine", _l("Rules engine"), of_machine.of_engine),
    Check("disk", _l("Disk"), of_machine.of_disk),
    Check("files", _l("Rights of files"), of_machine.of_files),
    Check("key", _l("Secret key"), of_machine.of_key),
    Check("fonts", _l("Fonts"), of_machine.of_fonts),
    Check("calendar", _l("Working days"), stored=of_database.of_calendar),
    Check("clock", _l("Clock"), stored=of_database.of_clock),
    Check("runs", _l("Daily run"), stored=of_database.of_runs),
    Check("backup", _l("Backup"), stored=of_database.of_backup),
    Check("sendings", _l("Messages that leave"), stored=of_database.of_sendings),
    Check("accounts", _l("Accounts"), stored=of_database.of_accounts),
    Check("seals", _l("Ways out"), stored=of_database.of_seals),
)
TITLES = {each.name: each.title for each in (_DATABASE, _SCHEMA, *CHECKS)}


def examine(patient: Patient) -> Iterator[Finding]:
    """Yield how it stands with each thing; several findings of one thing where there are several.

    What stands in the database is not looked at where that cannot be read or has another schema.
    """
    with _opened(patient) as engine:
        ailing = list(_of_engine(engine))
        yield from ailing
        can_read = all(each.level is Level.WELL for each in ailing)
        for check in CHECKS:
            if check.looks is not None:
                yield from _findings(check, check.looks(patient))
            elif check.stored is not None and can_read:
                with Session(engine) as session:
                    yield from _findings(check, check.stored(session, patient))


@contextmanager
def _opened(patient: Patient) -> Iterator[Engine]:
    engine = make_engine(patient.what.url)
    try:
        yield engine
    finally:
        engine.dispose()


def _of_engine(engine: Engine) -> Iterator[Finding]:
    """Whether the database answers, is whole, and has the schema of the program."""
    try:
        require_current(engine, load_plugins())
        broken = _damage(engine)
    except SQLAlchemyError as error:
        reason = getattr(error, "orig", None) or error
        text = _("The database cannot be used: %(reason)s", reason=str(reason).strip())
        yield Finding(_DATABASE.name, Level.FAULT, text)
        return
    except UserError as error:
        yield Finding(_DATABASE.name, Level.WELL, _("It answers."))
        yield Finding(_SCHEMA.name, Level.FAULT, " ".join(error.lines))
        return
    if broken:
        text = _("The database is damaged: %(reason)s", reason=broken)
        yield Finding(_DATABASE.name, Level.FAULT, text)
        return
    with engine.connect() as connection:
        number = len(inspect(connection).get_table_names())
    yield Finding(
        _DATABASE.name, Level.WELL, _("It answers, with %(number)d tables.", number=number)
    )
    yield Finding(_SCHEMA.name, Level.WELL, _("It is that of the program."))


def _damage(engine: Engine) -> str:
    """What SQLite finds wrong with its file; PostgreSQL says so when it reads."""
    if engine.dialect.name != "sqlite":
        return ""
    with engine.connect() as connection:
        said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
    return "" if said == "ok" else said


def _findings(check: Check, troubles: Iterable[Trouble]) -> Iterator[Finding]:
    found = list(troubles)
    for level, text in found:
        yield Finding(check.name, level, text)
    if not found:
        yield Finding(check.name, Level.WELL, _("Nothing to be seen to."))
