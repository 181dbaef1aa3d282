"""Histories of tables: whether they lead to what the classes say, and back."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Engine, Table, inspect

from tiesan.extensions import Base
from tiesan.paths import shipped
from tiesan.schema import Part


def tables(engine: Engine) -> set[str]:
    """The tables of a database but for the version tables."""
    found = inspect(engine).get_table_names()
    return {name for name in found if not name.startswith("alembic_version_")}


def differences(engine: Engine) -> list[str]:
    """In what a database that is up to date differs from what the classes say."""
    with engine.connect() as connection:
        options = {"include_name": lambda name, _kind, _parents: "alembic_" not in str(name)}
        context = MigrationContext.configure(connection, opts=options)
        found = [repr(each) for each in compare_metadata(context, Base.metadata)]
        inspector = inspect(connection)
        for name, table in Base.metadata.tables.items():
            stored = {str(each["name"]) for each in inspector.get_check_constraints(name)}
            found += [f"check of {name}: {each}" for each in sorted(stored ^ checks(table))]
    return found


def checks(table: Table) -> set[str]:
    """The names of the CHECK constraints that a class declares."""
    return {str(each.name) for each in table.constraints if isinstance(each, CheckConstraint)}


def history(part: Part) -> ScriptDirectory:
    """The revisions of a part."""
    folder = str(part.folder / "versions")
    return ScriptDirectory(str(shipped("migrations")), version_locations=[folder])


def is_linear(part: Part) -> bool:
    """Whether every revision of a part has one before it and one behind it."""
    script = history(part)
    merged = any(each.is_merge_point for each in script.walk_revisions())
    return len(script.get_heads()) == 1 and not merged
