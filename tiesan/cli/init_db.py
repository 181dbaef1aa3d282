"""`tiesan init-db`: create the tables, or bring them to the newest schema."""

import click
from sqlalchemy.orm import Session

from tiesan.config import database_url
from tiesan.database import begin_writing, make_engine
from tiesan.discovery import load_plugins
from tiesan.flags.linking import fill_links
from tiesan.i18n import _, _l
from tiesan.migrate import upgrade_all
from tiesan.schema import refuse_newer


@click.command("init-db", help=_l("Create the database, or bring it to the newest schema."))
def command() -> None:
    """Migrate the core and every installed plugin; link the flags of earlier versions."""
    engine, plugins = make_engine(database_url()), load_plugins()
    try:
        refuse_newer(engine, plugins)
        changed = upgrade_all(engine, plugins)
        with Session(engine) as session:
            begin_writing(session)
            fill_links(session, plugins)
            session.commit()
    finally:
        engine.dispose()
    if changed:
        click.echo(_("Brought to the newest schema: %(parts)s", parts=", ".join(changed)))
    else:
        click.echo(_("The database is at the newest schema already."))
