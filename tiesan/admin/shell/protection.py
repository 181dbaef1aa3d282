"""What holds for every request: who asks, signing in first, headers."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from flask import (
    Flask,
    Response,
    abort,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_security import current_user

from tiesan.access.of_flags import flags_about
from tiesan.access.viewer import STRANGER, Viewer, read_viewer
from tiesan.admin.forms.scripted import is_scripted, lead_script
from tiesan.admin.shell.answers import wants_json
from tiesan.admin.shell.assets import FILES, FRAMEWORK_SHEETS, let_files_be_kept
from tiesan.admin.shell.kept import can_come_back, carry_on, signed_out, take_kept
from tiesan.admin.shell.placing import here
from tiesan.admin.shell.remembered import remembered_viewer
from tiesan.admin.shell.request_log import ACCOUNT
from tiesan.admin.shell.second_step import is_due
from tiesan.admin.shell.sign_in import SignInForm
from tiesan.admin.shell.sizes import take_files
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.people.models import Account

# What a stranger may ask for; everything else asks to sign in first.
_INVITATION = {"invitation.open_link", "invitation.set_first_password"}
OPEN_ENDPOINTS = FILES | {"security.login", "language.choose"} | _INVITATION
# What is open to who has to set up one-time codes first.
_SETTING_UP = frozenset({
    "security.logout", "profile.codes_view", "profile.begin_codes_view",
    "profile.confirm_codes_view",
})  # fmt: skip
_HEALTH = frozenset({"health.healthz", "health.readyz", "metrics.metrics"})
_MANIFEST = frozenset({"installing.manifest"})

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
    app.after_request(lead_script)
    app.after_request(_add_headers)
    app.after_request(let_files_be_kept)
    app.after_request(carry_on)


def needs_nothing_stored() -> bool:
    """Whether the request is for a file, for the manifest, or asks after the health of the process.

    Who asks whether the application is alive is nobody, and needs no database to be told.
    """
    return request.endpoint in FILES | _HEALTH | _MANIFEST


def nonce() -> str:
    """Return the word that marks this page's own scripts and styles."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    word: str = g.nonce
    return word


def _begin() -> ResponseReturnValue | None:
    """Settle who asks; send strangers to the sign-in page."""
    if request.endpoint == "admin.static" and _file_name() not in FRAMEWORK_SHEETS:
        abort(404)
    if needs_nothing_stored():
        return None
    settle_viewer()
    if g.viewer is not STRANGER:
        take_files()
        take_kept()
        return _leads_to_codes()
    if request.endpoint in OPEN_ENDPOINTS or request.endpoint is None:
        return None
    if wants_json() or is_scripted():
        abort(401)
    if can_come_back():
        return _ask_to_sign_in_again()
    if request.method != "GET":
        abort(403)
    # Whoever asks for nothing in particular begins with what their role begins with.
    wanted = None if request.full_path in {"/", "/?"} else here()
    return redirect(url_for("security.login", next=wanted))


def _leads_to_codes() -> ResponseReturnValue | None:
    """Have who needs one-time codes set them up before anything else."""
    if not is_due() or request.endpoint in OPEN_ENDPOINTS | _SETTING_UP:
        return None
    if wants_json() or is_scripted() or request.method != "GET":
        abort(403)
    return redirect(url_for("profile.codes_view"))


def _file_name() -> str:
    return str((request.view_args or {}).get("filename", ""))


def settle_viewer() -> None:
    """Settle who asks, unless that is known; a database that fails leaves it open."""
    if "viewer" not in g:
        g.viewer = _viewer()
        request.environ[ACCOUNT] = g.viewer.account_id


def _ask_to_sign_in_again() -> ResponseReturnValue:
    """Show the sign-in form to who was signed out while writing, with what they wrote in it."""
    form = SignInForm(formdata=None)
    flash(signed_out(), "error")
    shown = render_template("shell/sign_in.html", login_user_form=form, next=here(), keeps=True)
    return shown, 403


def _viewer() -> Viewer:
    account = current_user._get_current_object()  # noqa: SLF001 - the proxy's only way out
    if not isinstance(account, Account):
        return STRANGER
    return remembered_viewer(account, lambda: _read_viewer(account), today())


def _read_viewer(account: Account) -> Viewer:
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
    # What is no page has a stricter one of its own.
    response.headers.setdefault("Content-Security-Policy", _POLICY.format(nonce=nonce()))
    if request.endpoint not in FILES:
        # What a signed-in person saw is not to be found by the next one at the same desk.
        response.headers["Cache-Control"] = "no-store"
    return response
