"""What the tests of the exchange share: importing into a session, and looking at all rows."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import COMMAND_LINE
from tiesan.extensions import Base
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.parameter_check import parameter_check
from tiesan.records.exchange.importing import ImportOptions, import_path
from tiesan.records.exchange.report import ImportReport

WORLD = Path(__file__).parent / "world"
CATALOG = installed_catalog()
AT = datetime(2026, 11, 1, 8, tzinfo=UTC)

Rows = dict[str, list[tuple[object, ...]]]


def options(*, dry_run: bool = False, within: frozenset[int] | None = None) -> ImportOptions:
    """How tests import."""
    return ImportOptions(
        records=CATALOG.plugins.records,
        parameter_check=parameter_check(CATALOG),
        at=AT,
        dry_run=dry_run,
        within=within,
    )


def bring(
    session: Session,
    path: Path,
    *,
    dry_run: bool = False,
    within: frozenset[int] | None = None,
) -> ImportReport:
    """Import a path and commit."""
    report = import_path(session, COMMAND_LINE, path, options(dry_run=dry_run, within=within))
    session.commit()
    return report


def write(folder: Path, **files: str) -> Path:
    """Write CSV files into a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem, content in files.items():
        (folder / f"{stem}.csv").write_text(content, encoding="utf-8")
    return folder


def all_rows(session: Session) -> Rows:
    """Every row of every table."""
    return {
        table.name: sorted(map(tuple, session.execute(select(table))), key=repr)
        for table in Base.metadata.sorted_tables
    }


def counts(report: ImportReport) -> dict[str, tuple[int, int, int]]:
    """Rows added, changed, unchanged by file."""
    return {each.stem: (each.added, each.changed, each.unchanged) for each in report.files}
