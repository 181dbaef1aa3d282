"""What holds for every request: who asks, signing in first, headers, errors in plain words."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DatabaseError, OperationalError
from werkzeug.exceptions import HTTPException

from tiesan.access.of_flags import flags_about
from tiesan.access.viewer import STRANGER, Viewer, current_viewer, read_viewer
from tiesan.admin.shell.answers import json_error, wants_json
from tiesan.admin.shell.kept import can_come_back, carry_on, come_back, signed_out, take_kept
from tiesan.admin.shell.request_log import ACCOUNT, request_id
from tiesan.admin.shell.sign_in import SignInForm, end_old_session
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.i18n import _
from tiesan.people.models import Account
from tiesan.schema import pending

# What a stranger may ask for; everything else asks to sign in first.
OPEN_ENDPOINTS = frozenset({"static", "admin.static", "security.login", "language.choose"})
_FILES = frozenset({"static", "admin.static"})
_HEALTH = frozenset({"health.healthz", "health.readyz"})

_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def protect(app: Flask) -> None:
    """Add what holds for every request."""
    app.before_request(_begin)
    app.after_request(_add_headers)
    app.after_request(carry_on)
    app.register_error_handler(CSRFError, _show_stale_form)
    app.register_error_handler(HTTPException, _show_error)
    app.register_error_handler(Exception, _show_failure)


def needs_nothing_stored() -> bool:
    """Whether the request is for a file, or asks after the health of the process.

    Who asks whether the application is alive is nobody, and needs no database to be told.
    """
    return request.endpoint in _FILES | _HEALTH


def nonce() -> str:
    """Return the word that marks this page's own scripts and styles."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    word: str = g.nonce
    return word


def _begin() -> ResponseReturnValue | None:
    """Settle who asks; send strangers to the sign-in page."""
    if needs_nothing_stored():
        return None
    g.viewer = _viewer()
    request.environ[ACCOUNT] = g.viewer.account_id
    if g.viewer is not STRANGER:
        take_kept()
    if g.viewer is not STRANGER or request.endpoint in OPEN_ENDPOINTS or request.endpoint is None:
        return None
    if wants_json():
        abort(401)
    if can_come_back():
        return _ask_to_sign_in_again()
    if request.method != "GET":
        abort(403)
    return redirect(url_for("security.login", next=request.full_path.rstrip("?")))


def _ask_to_sign_in_again() -> ResponseReturnValue:
    """Show the sign-in form to who was signed out while writing, with what they wrote in it."""
    form = SignInForm(formdata=None)
    flash(signed_out(), "error")
    where = request.full_path.rstrip("?")
    return render_template("shell/sign_in.html", login_user_form=form, next=where, keeps=True), 403


def _viewer() -> Viewer:
    end_old_session()
    account = current_user._get_current_object()  # noqa: SLF001 - the proxy's only way out
    if not isinstance(account, Account):
        return STRANGER
    viewer = read_viewer(db.session(), account, today())
    districts = viewer.answering_districts
    if viewer.cadre_code and districts:
        hidden = flags_about(db.session(), viewer.cadre_code, districts)
        return replace(viewer, hidden_flags=hidden)
    return viewer


def _add_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    if response.location is not None:
        # Everything leads to this site, whatever name the request gave it.
        there = urlsplit(response.location)
        response.location = urlunsplit(there._replace(scheme="", netloc=""))
    response.headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce())
    if request.endpoint not in _FILES:
        # What a signed-in person saw is not to be found by the next one at the same desk.
        response.headers["Cache-Control"] = "no-store"
    return response


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
    if error.code is None or error.code < 400:  # noqa: PLR2004 - below 400 nothing went wrong
        return error.get_response()
    title, text = _words(error.code)
    if wants_json():
        return json_error(text, error.code)
    return _page(title, text, error.code)


def _show_failure(error: Exception) -> ResponseReturnValue:
    """Show a failure of the program without its inside; the log has the rest."""
    if isinstance(error, HTTPException):
        return _show_error(error)
    current_app.logger.error("a request failed", exc_info=error)
    db.session.rollback()
    if isinstance(error, DatabaseError) and _is_outdated():
        title, text = _outdated_words()
        return _page(title, text, 503)
    code = 503 if isinstance(error, OperationalError) else 500
    title, text = _words(code)
    return _page(title, text, code)


def _page(title: str, text: str, code: int) -> ResponseReturnValue:
    number = request_id()
    shown = render_template("shell/error.html", title=title, text=text, code=code, number=number)
    return shown, code


def _is_outdated() -> bool:
    """Whether the database waits to be migrated, so that tables or columns are not there yet.

    `tiesan serve` does not start then; other WSGI servers do.
    """
    plugins = current_app.extensions["catalog"].plugins
    try:
        return bool(pending(db.engine, plugins))
    except DatabaseError:
        # It does not answer at all, which the page for a busy one says.
        return False


def _outdated_words() -> tuple[str, str]:
    return (
        _("The database is not up to date"),
        _("Nothing was saved. Your administrator can bring it up to date with `tiesan init-db`."),
    )


def _words(code: int) -> tuple[str, str]:
    known = {
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
