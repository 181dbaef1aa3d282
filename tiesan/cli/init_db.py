"""`tiesan init-db`: create the tables, or bring them to the newest schema."""

import click

from tiesan.config import database_url
from tiesan.database import make_engine
from tiesan.discovery import load_plugins
from tiesan.i18n import _, _l
from tiesan.migrate import upgrade_all


@click.command("init-db", help=_l("Create the database, or bring it to the newest schema."))
def command() -> None:
    """Migrate the core and every installed plugin."""
    engine = make_engine(database_url())
    try:
        changed = upgrade_all(engine, load_plugins())
    finally:
        engine.dispose()
    if changed:
        click.echo(_("Brought to the newest schema: %(parts)s", parts=", ".join(changed)))
    else:
        click.echo(_("The database is at the newest schema already."))
