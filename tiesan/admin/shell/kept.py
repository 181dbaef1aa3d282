"""What was sent and could not be stored comes back filled, with the cause and the way on.

Nothing is kept on the server: what somebody has written stands in the page that answers. Whoever
was signed out signs in on that page, and is led back to the form, which holds what was written and
is sent once more by hand; whose token is wrong gets the form at once. Either way the request is
answered as one that only looks, so that nothing can be stored by it.
"""

from collections.abc import Iterator
from http import HTTPStatus

from flask import Response, current_app, flash, g, get_flashed_messages, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from tiesan.i18n import _, _l

# The name of the input that says that a form was kept, and what it says: over what.
KEPT = "kept"
OVER_SIGN_IN, OVER_FAILURE = "1", "2"
_NOT_KEPT = frozenset({"csrf_token", "identity", "password", "own_phone", "code", KEPT})
_SIGN_IN = "security.login"
_SIGNED_IN_AGAIN = _l("You are signed in again. Nothing is saved yet: what you had written stands "
                      "here, please send it once more.")  # fmt: skip
_AFTER_FAILURE = _l("Nothing is saved yet: what you had written stands here, please send it once "
                    "more.")  # fmt: skip
_COMES_BACK = {OVER_SIGN_IN: _SIGNED_IN_AGAIN, OVER_FAILURE: _AFTER_FAILURE}


def can_come_back() -> bool:
    """Whether what was sent came from a form that the same address shows."""
    rule = request.url_rule
    return request.method == "POST" and rule is not None and "GET" in (rule.methods or ())


def kept_inputs() -> Iterator[tuple[str, str]]:
    """Yield what was written into a form: names and values, without tokens and passwords."""
    for name, text in request.form.items(multi=True):
        if name not in _NOT_KEPT:
            yield name, text


def is_kept() -> bool:
    """Whether what is sent is a form that was kept over signing in, or over a failure."""
    return request.method == "POST" and request.form.get(KEPT) in _COMES_BACK


def show_kept() -> None:
    """Have the form that is shown filled with what was sent, and nothing stored by this request."""
    g.kept = MultiDict(kept_inputs())
    request.method = "GET"


def come_back(text: str, code: int) -> Response:
    """Answer with the form that was sent, filled, saying why nothing was stored.

    Raises what the page raises that shows the form.
    """
    show_kept()
    flash(text, "error")
    try:
        response = current_app.make_response(current_app.dispatch_request())
    except HTTPException:
        # There is no form for what was to be said beside it.
        get_flashed_messages()
        raise
    if response.status_code == HTTPStatus.OK:
        response.status_code = code
    return response


def take_kept() -> None:
    """Begin a request that brings a form back after signing in or a failure."""
    if is_kept() and can_come_back() and request.endpoint != _SIGN_IN:
        show_kept()
        flash(str(_COMES_BACK[request.form[KEPT]]), "warning")


def carry_on(response: Response) -> Response:
    """Have the browser bring what was kept along, once somebody has signed in."""
    if request.endpoint == _SIGN_IN and is_kept() and response.status_code == HTTPStatus.FOUND:
        response.status_code = HTTPStatus.TEMPORARY_REDIRECT
    return response


def signed_out() -> str:
    """What is said to who sends a form without being signed in any more."""
    return _("You had been signed out, so nothing was saved. What you wrote is kept on this page: "
             "sign in here, and you come back to it.")  # fmt: skip
