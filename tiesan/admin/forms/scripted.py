"""What the script that sends forms is answered: where to go, and not the page that is there.

The page says what was done, and says it once. The script would read it without anybody seeing it.
"""

from http import HTTPStatus

from flask import Response, g, json, request

_SENT_BY, _SCRIPT = "X-Sent-By", "script"
_ANSWER, _LEADS = "X-Answer", "leads"
_LEADING = frozenset({HTTPStatus.FOUND, HTTPStatus.SEE_OTHER})


def is_scripted() -> bool:
    """Whether the script sends a form: it can be told what a browser would have to be shown."""
    return request.method == "POST" and request.headers.get(_SENT_BY) == _SCRIPT


def note_repeated(*, another: bool) -> None:
    """Note that what was sent was stored before, and whether it can be stored as another row."""
    g.repeated = {"before": True, "another": another}


def lead_script(response: Response) -> Response:
    """Tell the script where the answer leads; whoever follows sees what was done."""
    if is_scripted() and response.status_code in _LEADING and response.location is not None:
        said = {"to": response.location, **g.get("repeated", {"before": False})}
        response.set_data(json.dumps(said))
        response.status_code, response.mimetype = HTTPStatus.OK, "application/json"
        response.headers[_ANSWER] = _LEADS
        response.headers.remove("Location")
    return response
