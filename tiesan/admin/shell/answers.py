"""Whether an answer is a page or JSON, as the request asks for it."""

from flask import jsonify, request
from flask.typing import ResponseReturnValue

_PAGE, _JSON = "text/html", "application/json"


def wants_json() -> bool:
    """Whether JSON is asked for; a browser that takes anything gets pages."""
    return request.accept_mimetypes.best_match([_PAGE, _JSON], default=_PAGE) == _JSON


def json_error(text: str, code: int, **further: str) -> ResponseReturnValue:
    """Return an error as JSON: the sentence, and what else is known of it."""
    return jsonify({"error": text, **further}), code
