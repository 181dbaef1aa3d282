"""What an answer is: a page or JSON, as the request asks for it, or a file that is saved."""

from urllib.parse import quote

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

_PAGE, _JSON = "text/html", "application/json"


def wants_json() -> bool:
    """Whether JSON is asked for; a browser that takes anything gets pages."""
    return request.accept_mimetypes.best_match([_PAGE, _JSON], default=_PAGE) == _JSON


def json_error(text: str, code: int, **further: str) -> ResponseReturnValue:
    """Return an error as JSON: the sentence, and what else is known of it."""
    return jsonify({"error": text, **further}), code


def saved_as(response: Response, name: str) -> Response:
    """Have a browser save an answer under a name in any script; the answer is changed.

    Headers carry nothing but ASCII, so that the name stands in them encoded (RFC 6266).
    """
    kind = name.rpartition(".")[2]
    names = {"filename": name} if name.isascii() else {"filename": f"download.{kind}"}
    if not name.isascii():
        names["filename*"] = f"UTF-8''{quote(name, safe='')}"
    response.headers.set("Content-Disposition", "attachment", **names)
    return response
