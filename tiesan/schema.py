"""Whether a database has the schema that the program expects.

Every command asks that, and most do nothing else with the schema: Alembic, which changes it, is
left to `tiesan.migrate`.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, column, inspect, select, table

from tiesan.discovery import Plugins
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.paths import shipped
from tiesan.plugin import Plugin

CORE = "core"
# What a file of a history says of itself, as Alembic's template writes it.
_SAID = re.compile(
    r"""^(revision|down_revision)\b[^=\n]*=\s*(None|"[^"\n]*"|'[^'\n]*')""", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Part:
    """The core or a plugin, and the folder whose ``versions`` are its history."""

    name: str
    folder: Path

    @property
    def version_table(self) -> str:
        """The table that says which revision of this part a database has."""
        return f"alembic_version_{self.name}"


def core_part() -> Part:
    """The part that comes first."""
    return Part(CORE, shipped("migrations") / CORE)


def plugin_part(plugin: Plugin) -> Part | None:
    """The part of a plugin; None for a plugin that has no tables."""
    return None if plugin.migrations is None else Part(plugin.name, plugin.migrations)


def parts(plugins: Plugins) -> list[Part]:
    """All parts in the order in which they are migrated: the core, then the plugins by name."""
    found = (plugin_part(each) for each in sorted(plugins, key=lambda plugin: plugin.name))
    return [core_part(), *(part for part in found if part is not None)]


def pending(engine: Engine, plugins: Plugins) -> list[str]:
    """The names of the parts that are not at their newest revision; writes nothing."""
    return _waiting(_revisions(engine, plugins))


def ahead(engine: Engine, plugins: Plugins) -> list[str]:
    """The names of the parts that a newer program has migrated; writes nothing."""
    return _unknown(_revisions(engine, plugins))


def refuse_newer(engine: Engine, plugins: Plugins) -> None:
    """Raise UserError when the database is newer than the program, which then is to be updated."""
    _refuse_unknown(_revisions(engine, plugins))


def require_current(engine: Engine, plugins: Plugins) -> None:
    """Raise UserError when the database is missing, not migrated, or newer than the program."""
    found = _revisions(engine, plugins)
    _refuse_unknown(found)
    waiting = _waiting(found)
    if all(revision is None for revision in found.values()):
        raise UserError(_("The database is not initialised: run `tiesan init-db` first."))
    if waiting:
        message = _("The database is not at the newest schema (%(parts)s): run `tiesan init-db`.")
        raise UserError(message % {"parts": ", ".join(waiting)})


def _revisions(engine: Engine, plugins: Plugins) -> Mapping[Part, str | None]:
    """The revision that a database has of each part; None before the first."""
    wanted = parts(plugins)
    # To connect would create the file, and whoever only reads leaves nothing behind.
    if _is_missing_file(engine):
        return dict.fromkeys(wanted)
    with engine.connect() as connection:
        tables = frozenset(inspect(connection).get_table_names())
        return {part: _stored_revision(connection, part, tables) for part in wanted}


def _waiting(found: Mapping[Part, str | None]) -> list[str]:
    return [part.name for part, revision in found.items() if revision != newest_revision(part)]


def _unknown(found: Mapping[Part, str | None]) -> list[str]:
    """The parts whose revision is none of their history: it was written by a newer program."""
    return [
        part.name for part, revision in found.items() if revision not in {None, *steps_of(part)}
    ]


def _refuse_unknown(found: Mapping[Part, str | None]) -> None:
    unknown = _unknown(found)
    if unknown:
        message = _("The database is newer than this program (%(parts)s): update the program.")
        raise UserError(message % {"parts": ", ".join(unknown)})


def _is_missing_file(engine: Engine) -> bool:
    name = engine.url.database
    on_disk = engine.dialect.name == "sqlite" and name not in {None, "", ":memory:"}
    return on_disk and not Path(str(name)).exists()


def current_revision(connection: Connection, part: Part) -> str | None:
    """The revision of a part that a database has; None before the first."""
    return _stored_revision(connection, part, inspect(connection).get_table_names())


def _stored_revision(connection: Connection, part: Part, tables: Collection[str]) -> str | None:
    if part.version_table not in tables:
        return None
    version = table(part.version_table, column("version_num"))
    found: str | None = connection.scalar(select(version.c.version_num))
    return found


def newest_revision(part: Part) -> str | None:
    """The last revision of a part's history, which is linear; None where there is none."""
    steps = steps_of(part)
    before = set(steps.values())
    return next((revision for revision in steps if revision not in before), None)


def steps_of(part: Part) -> Mapping[str, str]:
    """Of each revision of a part's history the one before it, which is ``None`` for the first."""
    files = sorted((part.folder / "versions").glob("*.py"))
    said = [dict(_SAID.findall(path.read_text(encoding="utf-8"))) for path in files]
    return {
        step["revision"].strip("\"'"): step.get("down_revision", "None").strip("\"'")
        for step in said
        if "revision" in step
    }
