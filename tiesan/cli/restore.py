"""`tiesan restore`: an archive of `tiesan backup` into an empty database and an empty folder."""

from datetime import datetime
from pathlib import Path

import click

from tiesan.cli import NOT_EVALUATED
from tiesan.clock import SHANGHAI
from tiesan.config import database_url, instance_folder
from tiesan.i18n import _, _l, ngettext
from tiesan.operating.backup import Installation
from tiesan.operating.manifest import Manifest
from tiesan.operating.restore import is_outdated, restore


def _moment(manifest: Manifest) -> str:
    made_at = datetime.fromisoformat(manifest.made_at)
    return f"{made_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


@click.command(
    help=_l(
        "Restore an archive of `tiesan backup` into an empty database and an empty instance"
        " folder. Exit status 3 says that something differs from what was backed up."
    ),
    short_help=_l("Restore a backup."),
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def command(file: Path) -> None:
    """Restore, and say what was restored, what differs and what is to be done."""
    into = Installation(database_url(), instance_folder())
    manifest, different = restore(file, into)
    rows = sum(manifest.snapshot.counts.values())
    click.echo(_("Restored as of %(moment)s, made by version %(version)s.",
                 moment=_moment(manifest), version=manifest.program))  # fmt: skip
    files = len(manifest.members) - 1 - manifest.has_key
    click.echo(ngettext("%(num)d row", "%(num)d rows", rows)
               + _(", ") + ngettext("%(num)d file", "%(num)d files", files))  # fmt: skip
    if is_outdated(manifest):
        click.echo(_("The database has the schema of an earlier version: run `tiesan init-db`."))
    if not manifest.has_key:
        click.echo(_("The backup has no secret key: everybody signs in anew, and the secrets of "
                     "the ways out are entered anew, unless the earlier key is put "
                     "back."))  # fmt: skip
    for line in different:
        click.echo(line, err=True)
    if different:
        raise click.exceptions.Exit(NOT_EVALUATED)
