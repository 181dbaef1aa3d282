"""Each request is answered by the rules as they are: those of the files, and what was published."""

from flask import current_app, request
from sqlalchemy.exc import DBAPIError

from tiesan.access.installation import take_new_rules, take_published
from tiesan.admin.shell.protection import needs_nothing_stored
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.trouble import trouble_of


def take_rules() -> None:
    """Take rule files that have changed, and versions that were published, before a request.

    On a connection of its own, that nothing is read yet when the request begins to write. A
    database that is in trouble says so where the request needs it.
    """
    take_new_rules()
    if request.endpoint is None or needs_nothing_stored():
        return
    try:
        with db.engine.connect() as connection:
            take_published(connection, today())
    except DBAPIError as error:
        if trouble_of(error) is None:
            raise
        current_app.logger.warning("whether rules were published could not be looked up")
