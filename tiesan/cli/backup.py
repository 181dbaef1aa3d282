"""`tiesan backup`: the database and the files in one archive, while everything goes on."""

from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import URL
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.cli.stored import ended_by_sigterm
from tiesan.clock import now
from tiesan.config import database_url, instance_folder
from tiesan.database import begin_writing, make_engine
from tiesan.discovery import load_plugins
from tiesan.errors import UserError
from tiesan.i18n import _, _l, ngettext
from tiesan.operating.backup import Installation, Made, back_up
from tiesan.scheduler.backups import note_backup
from tiesan.schema import ahead, pending
from tiesan.secret_key import installed_key
from tiesan.trouble import trouble_of

_ACTOR = Actor(None, "command line", "command line")
_MEGABYTE = 1 << 20


@click.command(
    help=_l(
        "Write the database and the files of the installation as one archive into a folder, while"
        " they are in use."
    ),
    short_help=_l("Back up the database and the files."),
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    help=_l("Afterwards keep so many of the newest archives in the folder and remove the others."),
)
@click.option(
    "--with-key",
    is_flag=True,
    help=_l("The secret key goes into the archive as well: keep it where nobody else can read it."),
)
def command(folder: Path, *, keep: int | None, with_key: bool) -> None:
    """Write the archive, note it in the database, and say what is in it and what is not."""
    what = Installation(database_url(), instance_folder())
    _require_database(what.url)
    began_at = now()
    key = installed_key() if with_key else None
    with ended_by_sigterm():
        made = back_up(what, folder, key=key, keep=keep, at=began_at)
    click.echo(_("%(file)s: %(size)s MB", file=made.path, size=_megabytes(made)))
    rows = sum(made.manifest.snapshot.counts.values())
    files = len(made.manifest.members) - 1 - made.manifest.has_key
    click.echo(ngettext("%(num)d row", "%(num)d rows", rows)
               + _(", ") + ngettext("%(num)d file", "%(num)d files", files))  # fmt: skip
    for path in made.removed:
        click.echo(_("Removed: %(file)s", file=path.name))
    if not with_key:
        click.echo(_("The secret key is not in it. Without the key everybody signs in anew, and "
                     "the secrets of the ways out are entered anew."))  # fmt: skip
    _note(what.url, made, began_at)


def _require_database(url: URL) -> None:
    """Refuse what has no table of ours; an older or newer schema is backed up as it is."""
    engine, plugins = make_engine(url), load_plugins()
    try:
        outdated = pending(engine, plugins)
        if len(outdated) > len(plugins):
            raise UserError(_("The database is not initialised: run `tiesan init-db` first."))
    finally:
        engine.dispose()


def _megabytes(made: Made) -> str:
    return f"{max(made.bytes / _MEGABYTE, 0.1):.1f}"


def _note(url: URL, made: Made, began_at: datetime) -> None:
    """Note the backup, so that everybody knows when it was; what is in the way of that is said."""
    engine, plugins = make_engine(url), load_plugins()
    outcome = {"archive": made.path.name, "bytes": made.bytes, "key": made.manifest.has_key}
    try:
        if pending(engine, plugins) or ahead(engine, plugins):
            click.echo(_("The backup was not noted in the database, whose schema is another one."))
            return
        with Session(engine) as session:
            begin_writing(session)
            note_backup(_ACTOR, session, outcome, began_at=began_at, at=now())
            session.commit()
    except DatabaseError as error:
        if trouble_of(error) is None:
            raise
        click.echo(_("The backup was made, but not noted in the database: %(reason)s",
                     reason=error.orig), err=True)  # fmt: skip
    finally:
        engine.dispose()
