"""The wire to a robot: one request, and whether it has left when no answer comes.

It stands in for the module ``requests`` in the library's plugins, which throw away what a robot
answers. Nothing is followed to another address, no proxy and no password of the machine is used, an
answer is read up to a size, and all of it takes no longer than it may.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from tiesan.notifications.sending.ending import end_after
from tiesan.notifications.sending.reach import Reach

_LARGEST_ANSWER = 65_536
_PIECE = 4_096


class HostRefusedError(requests.RequestException):
    """A host that may not be spoken to."""


@dataclass(slots=True)
class Exchange:
    """A request and what came of it.

    ``left`` is whether it may have reached the other side, ``was_cut`` whether its answer was ended
    here because it took too long.
    """

    asks_only: bool
    left: bool = False
    was_cut: bool = False
    status: int | None = None
    body: bytes = b""
    error: type[Exception] | None = None


class Wire:
    """What plugins of the library know as ``requests``; keeps what came of each request."""

    codes = requests.codes
    RequestException = requests.RequestException

    def __init__(self, reach: Reach) -> None:
        """Take what may be reached."""
        self._reach = reach
        self.exchanges: list[Exchange] = []

    def get(self, url: str, **given: Any) -> requests.Response:
        """Ask for something, which tells the other side nothing."""
        return self._exchange("GET", url, given)

    def post(self, url: str, **given: Any) -> requests.Response:
        """Send something."""
        return self._exchange("POST", url, given)

    def _exchange(self, method: str, url: str, given: dict[str, Any]) -> requests.Response:
        exchange = Exchange(asks_only=method == "GET")
        self.exchanges.append(exchange)
        host = urlsplit(url).netloc.lower()
        if not self._reach.may_reach(host):
            exchange.error = HostRefusedError
            raise HostRefusedError
        if host in self._reach.instead:
            url = url.replace(f"https://{host}", self._reach.instead[host], 1)
        try:
            return self._asked(exchange, method, url, given)
        except requests.RequestException as error:
            exchange.error = type(error)
            # What it says may hold the address, and the address a key.
            raise requests.RequestException from None

    def _asked(
        self, exchange: Exchange, method: str, url: str, given: dict[str, Any]
    ) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            adapter = _NotingAdapter(exchange, self._reach.seconds)
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            response = session.request(
                method,
                url,
                data=given.get("data"),
                headers=given.get("headers"),
                params=given.get("params"),
                verify=self._reach.trusted or True,
                timeout=self._reach.seconds,
                allow_redirects=False,
                stream=True,
            )
            exchange.body = _read(response)
            if exchange.was_cut:
                # Half an answer may look like a whole one.
                raise requests.ReadTimeout
            exchange.status = response.status_code
        # The library reads it once more.
        response._content = exchange.body  # noqa: SLF001 - as requests itself sets it
        return response


def _read(response: requests.Response) -> bytes:
    body = b""
    for piece in response.iter_content(_PIECE):
        body += piece
        if len(body) > _LARGEST_ANSWER:
            raise requests.exceptions.ContentDecodingError
    return body


class _NotingAdapter(HTTPAdapter):
    """Notes when a connection stands, from when on something may have left; and ends it in time."""

    def __init__(self, exchange: Exchange, seconds: float) -> None:
        self._exchange, self._seconds = exchange, seconds
        super().__init__(max_retries=0)

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        super().init_poolmanager(*given, **named)
        self.poolmanager.pool_classes_by_scheme = _noting_pools(self._stands)

    def _stands(self, connection: HTTPConnection) -> None:
        self._exchange.left = True

        def cut() -> socket.socket | None:
            self._exchange.was_cut = True
            return connection.sock

        timer = end_after(self._seconds, cut)
        connection.ended_by = timer  # type: ignore[attr-defined] # ours


def _noting_pools(stands: Callable[[HTTPConnection], None]) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            stands(self)

        def close(self) -> None:
            _cancel(self)
            super().close()

    class Encrypted(HTTPSConnection):
        def connect(self) -> None:
            # It has ended well only if the certificate is right.
            super().connect()
            stands(self)

        def close(self) -> None:
            _cancel(self)
            super().close()

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}


def _cancel(connection: HTTPConnection) -> None:
    timer: threading.Timer | None = getattr(connection, "ended_by", None)
    if timer is not None:
        timer.cancel()


@contextmanager
def wired(module: Any, wire: Wire) -> Iterator[None]:
    """Have a plugin's module speak over a wire inside a ``with``."""
    before = module.requests
    module.requests = wire
    try:
        yield
    finally:
        module.requests = before
