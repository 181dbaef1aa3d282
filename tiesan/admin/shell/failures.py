"""What is answered when something fails: a page that says what, and whether anything was stored.

Whoever is signed in keeps the navigation, and what was typed comes back where the same address
shows the form for it.
"""

from flask import (
    Flask,
    current_app,
    flash,
    g,
    get_flashed_messages,
    redirect,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_login import LoginManager
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DatabaseError, SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BuildError

from tiesan.access.looks import forget_looks
from tiesan.access.viewer import current_viewer
from tiesan.admin.shell.answers import json_error, wants_json
from tiesan.admin.shell.consequences import remember_left_over
from tiesan.admin.shell.kept import OVER_FAILURE, can_come_back, come_back, kept_inputs
from tiesan.admin.shell.navigation import Menu, menu_of
from tiesan.admin.shell.protection import needs_nothing_stored, settle_viewer
from tiesan.admin.shell.request_log import request_id
from tiesan.commits import Fate, fate_of
from tiesan.extensions import db
from tiesan.i18n import _
from tiesan.schema import ahead, pending
from tiesan.trouble import Trouble, trouble_of

_LEAST_ERROR, _FAILED = 400, 500
# What signing in and out stores is nothing that somebody has sent to be stored.
_NOT_SENT = ("security.", "language.")


def show_failures(app: Flask) -> None:
    """Have an application answer with pages when something fails."""
    app.register_error_handler(CSRFError, _show_stale_form)
    app.register_error_handler(HTTPException, _show_error)
    app.register_error_handler(Exception, _show_failure)


# --- what was asked for cannot be -----------------------------------------------------------------


def _show_stale_form(_error: CSRFError) -> ResponseReturnValue:
    title = _("This form is no longer valid")
    text = _("It was open for too long or came from another page. Go back, load the page again "
             "and send it once more.")  # fmt: skip
    if wants_json():
        return json_error(text, 400)
    if not current_viewer().is_stranger and can_come_back():
        try:
            return come_back(_invalid_words(), 400)
        except HTTPException as refused:
            # The form itself is not theirs to open, or its row is gone.
            return _show_error(refused)
    return _page(title, text, 400)


def _invalid_words() -> str:
    return _("The page had become invalid before it was sent, so nothing was saved. "
             "What you wrote stands here: please send it once more.")  # fmt: skip


def _show_error(error: HTTPException) -> ResponseReturnValue:
    cause = getattr(error, "original_exception", None)
    if cause is not None:
        return _show_failure(cause)
    if error.code is None or error.code < _LEAST_ERROR:
        return error.get_response()
    title, text = _words(error.code)
    return _answer(title, text, error.code)


# --- the program or the database fails ------------------------------------------------------------


def _show_failure(error: Exception) -> ResponseReturnValue:
    """Show a failure without its inside; the log has the rest."""
    if isinstance(error, HTTPException):
        return _show_error(error)
    current_app.logger.error("a request failed", exc_info=error)
    fate = _fate()
    _let_go()
    if fate is not Fate.NOT_STORED:
        remember_left_over()
    if fate is Fate.STORED:
        return _tell_stored()
    if fate is Fate.UNKNOWN:
        return _answer(*_unknown_words(), 503, keeps=can_come_back())
    trouble = trouble_of(error)
    if trouble is not None:
        return _tell_trouble(trouble)
    words = _schema_words() if isinstance(error, DatabaseError) else None
    return _answer(*(words or _words(500)), 503 if words else 500)


def _fate() -> Fate:
    """What became of what the request was to store; one that only shows stores nothing."""
    if request.method in ("GET", "HEAD") or (request.endpoint or "").startswith(_NOT_SENT):
        return Fate.NOT_STORED
    return fate_of(db.session())


def _let_go() -> None:
    """Give up what the request has begun, also on a connection that is not there any more."""
    try:
        db.session.rollback()
    except SQLAlchemyError:
        current_app.logger.exception("a broken connection was given up")
        db.session.remove()


def _tell_stored() -> ResponseReturnValue:
    """Lead to where it can be seen that it was stored, so that nobody sends it again."""
    text = _("It was saved. Then something failed, so not everything that came of it may be shown "
             "here: please look before you send it again.")  # fmt: skip
    if wants_json():
        return json_error(text, 503)
    flash(text, "warning")
    try:
        where = current_app.url_for(f"{request.blueprint}.index_view")
    except BuildError:
        where = current_app.url_for("admin.index")
    return redirect(where, 303)


def _unknown_words() -> tuple[str, str]:
    return (
        _("The connection to the database broke"),
        _("It broke while this was being saved, and the database does not answer. Whether it was "
          "saved is not known: look first, before you send it again."),
    )  # fmt: skip


def _tell_trouble(trouble: Trouble) -> ResponseReturnValue:
    title, text = _trouble_words(trouble)
    keeps = can_come_back()
    if keeps and not wants_json():
        kept = _("%(title)s. %(text)s What you wrote stands here.", title=title, text=text)
        try:
            return come_back(kept, 503)
        except (SQLAlchemyError, HTTPException):
            current_app.logger.exception("a form did not come back")
            _let_go()
            # The page of the failure says it instead.
            get_flashed_messages()
    return _answer(title, text, 503, keeps=keeps)


def _trouble_words(trouble: Trouble) -> tuple[str, str]:
    match trouble:
        case Trouble.BUSY:
            return _words(503)
        case Trouble.FULL:
            return (
                _("The disk is full"),
                _("The database has no room to store anything, so nothing was saved. Whoever "
                  "looks after the machine has to make room; reading works meanwhile."),
            )  # fmt: skip
        case Trouble.READ_ONLY:
            return (
                _("The database can only be read at present"),
                _("Nothing was saved. Whoever looks after the machine can change that."),
            )
        case Trouble.LOST:
            return (
                _("The connection to the database broke"),
                _("Nothing was saved. Please try again."),
            )
    return (
        _("The database cannot be used"),
        _("Its file or its disk fails, and nothing was saved. Whoever looks after the machine "
          "finds more in the log."),
    )  # fmt: skip


def _schema_words() -> tuple[str, str] | None:
    """What is said where tables or columns are missing, or are not what this program knows.

    `tiesan serve` does not start then; other WSGI servers do.
    """
    plugins = current_app.extensions["catalog"].plugins
    try:
        newer = bool(ahead(db.engine, plugins))
        outdated = bool(pending(db.engine, plugins))
    except DatabaseError:
        return None
    if newer:
        return (
            _("The database is newer than the program"),
            _("Nothing was saved. Your administrator has to update the program."),
        )
    if outdated:
        return (
            _("The database is not up to date"),
            _("Nothing was saved. Your administrator can bring it up to date with "
              "`tiesan init-db`."),
        )  # fmt: skip
    return None


# --- pages ----------------------------------------------------------------------------------------


def _answer(title: str, text: str, code: int, *, keeps: bool = False) -> ResponseReturnValue:
    return json_error(text, code) if wants_json() else _page(title, text, code, keeps=keeps)


def _page(title: str, text: str, code: int, *, keeps: bool = False) -> ResponseReturnValue:
    """The page of an error; it keeps what was written, where the form itself cannot come back."""
    if code >= _FAILED:
        forget_looks()
    shown = _menu()
    return render_template(
        "shell/error.html",
        layout="shell/base.html" if shown else "shell/door.html",
        menu=lambda: shown,
        title=title,
        text=text,
        code=code,
        number=request_id(),
        kept=list(kept_inputs()) if keeps else [],
        over=OVER_FAILURE,
    ), code


def _menu() -> Menu | None:
    """The menu of who is signed in; none where the database does not say who that is.

    Whoever sees an error wants to get on, and the database may be what failed: nothing is counted.
    """
    if needs_nothing_stored():
        return None
    try:
        settle_viewer()
        return None if current_viewer().is_stranger else menu_of(current_viewer(), counted=False)
    except SQLAlchemyError:
        _let_go()
        # Templates are given the account, which would be asked for once more.
        signing: LoginManager = vars(current_app)["login_manager"]
        g._login_user = signing.anonymous_user()  # noqa: SLF001 - Flask-Login has no other way
        return None


def _words(code: int) -> tuple[str, str]:
    known = {
        400: (_("Not understood"), _("What was sent cannot be read.")),
        401: (_("Not signed in"), _("Sign in first.")),
        403: (_("Not for you"), _("Your roles do not allow this.")),
        404: (
            _("Nothing here"),
            _("This page does not exist, or it is not for you to see."),
        ),
        405: (_("Not possible"), _("This address does not answer to that.")),
        413: (_("Too much"), _("What was sent is too large.")),
        500: (
            _("Something went wrong"),
            _("The application failed. What happened is in its log; your administrator can help."),
        ),
        503: (
            _("The database is busy"),
            _("It did not answer in time, and nothing was saved. Please try again in a minute."),
        ),
    }
    return known.get(code, (_("Not possible"), _("This request could not be answered.")))
