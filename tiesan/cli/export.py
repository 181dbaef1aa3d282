"""`tiesan export`: write all records to a folder of CSV files or a workbook."""

from pathlib import Path

import click

from tiesan.cli.progress import shown_progress
from tiesan.cli.stored import stored_session
from tiesan.clock import today
from tiesan.database import begin_reading
from tiesan.flags.catalog import read_catalog
from tiesan.flags.leftovers import leftover_values
from tiesan.i18n import _, _l
from tiesan.records.exchange.exporting import ExportScope, export_path


@click.command("export", help=_l("Write all records to a folder of CSV files or an .xlsx file."))
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--quiet", is_flag=True, help=_l("Show no progress."))
def command(path: Path, *, quiet: bool) -> None:
    """Export and print the number of rows of each file."""
    with stored_session() as session, shown_progress(quiet=quiet) as progress:
        begin_reading(session)
        catalog = read_catalog(session, today())
        left = leftover_values(session, catalog.rules)
        refused = frozenset(each.id for each in left)
        scope = ExportScope(refused=refused)
        numbers = export_path(
            session, path, catalog.plugins.records, scope=scope, progress=progress
        )
    for stem, number in numbers.items():
        click.echo(_("%(file)s: %(number)d rows") % {"file": stem, "number": number})
    # No import would take them.
    for each in left:
        click.echo(_("Left out: %(value)s", value=each.in_words()), err=True)
