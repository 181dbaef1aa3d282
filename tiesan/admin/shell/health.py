"""Whether the application is alive and ready, for a proxy or a supervisor of processes.

Both addresses are open to strangers and say one word. ``/healthz`` answers as long as the process
does; ``/readyz`` says what is missing.
"""

from flask import Blueprint, Response, current_app
from sqlalchemy.exc import SQLAlchemyError

from tiesan.engine.deciding import Engine
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.scheduler.beat import Beat
from tiesan.schema import require_current

READY = "ok"

health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return _said(READY)


@health.get("/readyz")
def readyz() -> Response:
    """Say whether requests can be served, and what is missing if not."""
    return _said(missing() or READY)


def missing() -> str:
    """Return one word for what is missing; an empty text when nothing is.

    ``database`` cannot be reached, ``schema`` is not the program's, ``engine`` does not start, and
    ``scheduler`` is to look every minute what is due and has not.
    """
    try:
        require_current(db.engine, current_app.extensions["catalog"].plugins)
    except SQLAlchemyError:
        return "database"
    except UserError:
        return "schema"
    engine: Engine = current_app.extensions["engine"]
    if not engine.is_alive():
        return "engine"
    # Another WSGI server has none: there `tiesan scheduler` or cron does it.
    beat: Beat | None = current_app.extensions.get("beat")
    return "" if beat is None or beat.is_alive else "scheduler"


def _said(word: str) -> Response:
    return Response(f"{word}\n", 200 if word == READY else 503, mimetype="text/plain")
