"""The language of a request: what the person chose, Chinese otherwise."""

from flask import Blueprint, Flask, abort, g, has_request_context, redirect, request, session
from flask.typing import ResponseReturnValue

from tiesan.i18n import DEFAULT_LANGUAGE, LANGUAGES, begin_to_speak, end_speaking

_CHOSEN = "language"

# How each language calls itself, and the tag that a browser and a screen reader know it by.
NAMES = {"zh_Hans_CN": "中文", "en": "English"}
TAGS = {"zh_Hans_CN": "zh-CN", "en": "en"}

language = Blueprint("language", __name__)


def select_language() -> str:
    """Return the language of this request for dates, numbers and the libraries' own texts."""
    return request_language() or DEFAULT_LANGUAGE


def request_language() -> str | None:
    """Return the language that was chosen, or None where there is no request or no choice."""
    if not has_request_context():
        return None
    chosen = session.get(_CHOSEN)
    return chosen if chosen in LANGUAGES else None


def settle_language(app: Flask) -> None:
    """Have each request settle its language once: a page has hundreds of texts."""

    @app.before_request
    def begin() -> None:
        g.speaking = begin_to_speak()

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        token = g.pop("speaking", None)
        if token is not None:
            end_speaking(token)


@language.post("/language")
def choose() -> ResponseReturnValue:
    """Keep the chosen language for this browser and go back to where the person was."""
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        abort(400)
    session[_CHOSEN] = chosen
    return redirect(local_path(request.form.get("next", "")))


def local_path(path: str) -> str:
    """Return a path of this site, or its first page for anything else."""
    first = f"{request.script_root}/"
    inside = path.startswith(first) and not path.startswith(("//", "/\\"))
    return path if inside and path.isprintable() else first
