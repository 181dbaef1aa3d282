"""One line for each request, with a number that the error page and the rest of the log name too.

A line has no texts, no names and nothing that was given with an address: who asked is the number of
the account.
"""

import json
import logging
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from flask import has_request_context, request
from werkzeug.wsgi import ClosingIterator

ID = "tiesan.request_id"
ACCOUNT = "tiesan.account_id"

# What proxies take for the number of a request; anything else would be somebody's text in the log.
_LOOKS_LIKE_ONE = re.compile(r"[0-9A-Za-z_-]{8,64}")
# Names of places are shorter, or of small letters alone.
_LIKE_A_TOKEN = re.compile(r"(?=.*[0-9A-Z])[0-9A-Za-z._~=-]{20,}")
_FILES = ("/assets/", "/static/")

log = logging.getLogger("tiesan.requests")


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A request that has begun and not ended."""

    id: str
    method: str
    path: str
    thread: int = field(default_factory=threading.get_ident)
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """For how long it has been running."""
        return time.monotonic() - self.began


def masked(path: str) -> str:
    """Return a path without the words that only who was sent them is to know.

    A part of it that is long and no plain word may open something: nobody reads it in a log.
    """
    return "/".join("*" if _LIKE_A_TOKEN.fullmatch(part) else part for part in path.split("/"))


class RequestLog:
    """The application for a server, with every request numbered, known while it runs, and logged.

    A number that a proxy gives is kept.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        """Take the application."""
        self._application = application
        self._under_way: dict[str, UnderWay] = {}
        self._counting = threading.Lock()
        self._answered: Counter[str] = Counter()
        self._seconds = 0.0

    def under_way(self) -> list[UnderWay]:
        """Return the requests that run now."""
        return list(self._under_way.copy().values())

    def answered(self) -> dict[str, int]:
        """Return how many requests were answered, by the first digit of the status."""
        with self._counting:
            return dict(self._answered)

    def seconds(self) -> float:
        """Return for how long requests have been running that have ended, in all."""
        with self._counting:
            return self._seconds

    def _count(self, ended: UnderWay, status: str) -> None:
        with self._counting:
            self._answered[f"{status[:1] or '5'}xx"] += 1
            self._seconds += ended.seconds

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request as the application does."""
        given = environ.get("HTTP_X_REQUEST_ID", "")
        number = given if _LOOKS_LIKE_ONE.fullmatch(given) else secrets.token_hex(8)
        environ[ID] = number
        path = quote(masked(environ.get("PATH_INFO", "")), safe="/*")
        begun = UnderWay(number, environ["REQUEST_METHOD"], path)
        # Two requests may come with one number.
        key = f"{number} {begun.thread}"
        self._under_way[key] = begun
        status = [""]

        def start(answer: str, *further: Any) -> Any:
            status[0] = answer.partition(" ")[0]
            return start_response(answer, *further)

        def end() -> None:
            self._under_way.pop(key, None)
            self._count(begun, status[0])
            _write(begun, status[0], environ.get(ACCOUNT))

        return ClosingIterator(self._application(environ, start), [end])


def _write(ended: UnderWay, status: str, account: int | None) -> None:
    if ended.path.startswith(_FILES):
        return
    milliseconds = round(ended.seconds * 1000)
    said = f"{ended.method} {ended.path} {status} {milliseconds} ms account {account or '-'}"
    fields = {
        "method": ended.method,
        "path": ended.path,
        "status": status,
        "milliseconds": milliseconds,
        "account": account,
    }
    log.info(said, extra={"request_id": ended.id, "fields": fields})


def request_id() -> str:
    """Return the number of this request; an empty text outside of any."""
    return str(request.environ.get(ID, "")) if has_request_context() else ""


class LogLine(logging.Formatter):
    """A line of the log: when, how grave, which process and request, and what."""

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__("%(asctime)s %(levelname)s %(process)d %(request_id)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the number of the request in which it was written."""
        vars(record)["request_id"] = _number_of(record)
        return super().format(record)


def _number_of(record: logging.LogRecord) -> str:
    return getattr(record, "request_id", "") or request_id() or "-"


class JsonLine(LogLine):
    """A line of the log as a JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object; what a request's line says stands in fields of their own."""
        written = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "process": record.process,
            "request": _number_of(record),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            written["exception"] = self.formatException(record.exc_info)
        return json.dumps(written, ensure_ascii=False)
