"""`tiesan import`: bring in records from a folder of CSV files or a workbook."""

from pathlib import Path

import click

from tiesan.audit import COMMAND_LINE
from tiesan.cli.progress import shown_progress
from tiesan.cli.stored import stored_session
from tiesan.clock import now, today
from tiesan.flags.catalog import read_catalog
from tiesan.flags.parameter_check import parameter_check
from tiesan.i18n import _, _l
from tiesan.records.exchange.importing import ImportOptions, import_path
from tiesan.records.exchange.problems import remark_lines
from tiesan.records.exchange.report import ImportReport


@click.command("import", help=_l("Bring in records from a folder of CSV files or an .xlsx file."))
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help=_l("Check everything, store nothing."))
@click.option("--quiet", is_flag=True, help=_l("Show no progress."))
def command(path: Path, *, dry_run: bool, quiet: bool) -> None:
    """Import, all or nothing, and print what became of the rows of each file."""
    with stored_session() as session, shown_progress(quiet=quiet) as progress:
        catalog = read_catalog(session, today())
        options = ImportOptions(
            records=catalog.plugins.records,
            parameter_check=parameter_check(catalog),
            at=now(),
            dry_run=dry_run,
        )
        report = import_path(session, COMMAND_LINE, path, options, progress)
        session.commit()
    _print(report)


def _print(report: ImportReport) -> None:
    for each in report.files:
        counts = {
            "file": each.name,
            "added": each.added,
            "changed": each.changed,
            "unchanged": each.unchanged,
        }
        text = _("%(file)s: %(added)d added, %(changed)d changed, %(unchanged)d unchanged")
        click.echo(text % counts)
    for line in remark_lines(report.remarks):
        click.echo(line)
    if not report.files:
        click.echo(_("There is no file of the exchange format here; nothing was imported."))
    elif report.dry_run:
        click.echo(_("Dry run: nothing was stored."))
