"""`tiesan template`: an empty workbook to fill in."""

from pathlib import Path

import click

from tiesan.discovery import load_plugins
from tiesan.i18n import _, _l
from tiesan.records.exchange.reading import WORKBOOK
from tiesan.records.exchange.template import write_template


@click.command("template", help=_l("Write an empty workbook with headings, notes and lists."))
@click.argument("path", metavar="FILE.xlsx", type=click.Path(path_type=Path, dir_okay=False))
def command(path: Path) -> None:
    """Write the template; needs no database."""
    if path.suffix.lower() != WORKBOOK:
        raise click.BadParameter(_("The file has to be named .xlsx."))
    write_template(path, load_plugins().records)
    click.echo(_("Written: %(path)s", path=path))
