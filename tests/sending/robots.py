"""False robots on loopback: they answer as the real ones do, or not at all."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HOSTS = (
    "qyapi.weixin.qq.com",
    "oapi.dingtalk.com",
    "open.feishu.cn",
    "open.larksuite.com",
    "sctapi.ftqq.com",
    "api.day.app",
)
# How the real ones say that all is well.
WELL: dict[str, dict[str, Any]] = {
    "/cgi-bin/gettoken": {"errcode": 0, "errmsg": "ok", "access_token": "t" * 40},
    "/cgi-bin/message/send": {"errcode": 0, "errmsg": "ok", "msgid": "m1"},
    "/cgi-bin/webhook/send": {"errcode": 0, "errmsg": "ok"},
    "/robot/send": {"errcode": 0, "errmsg": "ok"},
    "/open-apis": {"code": 0, "data": {}, "msg": "success"},
    "/push": {"code": 200, "message": "success", "timestamp": 1},
    ".send": {"code": 0, "message": "", "data": {"pushid": "1", "error": "SUCCESS"}},
}
CLOSE, HANG, DRIP, FLOOD = "close", "hang", "drip", "flood"


@dataclass
class Robots:
    """What was asked, and what is answered: a status with a body, or one of the misbehaviours."""

    url: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, bytes]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    # Is called with each request before it is answered.
    comes: Callable[[], None] = lambda: None

    def answer(self, part: str, status: int | str, body: object = "") -> None:
        """Answer what is asked at an address with such a part in it otherwise than well."""
        self.answers[part] = (status, body)

    def sent(self) -> list[str]:
        """What was sent to anybody; what was only asked for is left out."""
        return [body.decode() for path, body in self.asked if "gettoken" not in path]

    def instead(self) -> dict[str, str]:
        """Where to go instead of the real hosts."""
        return dict.fromkeys(HOSTS, self.url)


class _Answering(BaseHTTPRequestHandler):
    server: "_Server"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        robots = self.server.robots
        robots.asked.append((self.path, body))
        robots.comes()
        named = [each for each in robots.answers if each in self.path]
        well = next(each for each in WELL if each in self.path)
        status, said = robots.answers[named[0]] if named else (200, WELL[well])
        if isinstance(status, str):
            self._misbehave(status)
            self.connection.close()
            return
        self._say(status, said if isinstance(said, str) else json.dumps(said, ensure_ascii=False))

    do_GET = do_POST  # noqa: N815 - as above

    def _say(self, status: int, text: str) -> None:
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", f"{self.server.robots.url}/elsewhere")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def _misbehave(self, how: str) -> None:
        ended = self.server.robots.ended
        if how == HANG:
            ended.wait(30)
        elif how == DRIP:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not ended.wait(0.05):
                self.wfile.write(b"X: y\r\n")
        elif how == FLOOD:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000)
        else:
            # Gone at once, without a farewell.
            at_once = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)

    def log_message(self, *_given: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    robots: Robots

    def handle_error(self, *_given: object) -> None:
        """Say nothing of whoever has gone away."""


def encrypted(certificate: Path) -> AbstractContextManager[Robots]:
    """Robots that speak TLS with a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return false_robots(context)


@contextmanager
def false_robots(context: ssl.SSLContext | None = None) -> Iterator[Robots]:
    """Robots that answer until the end of the ``with``."""
    robots = Robots()
    server = _Server(("127.0.0.1", 0), _Answering)
    server.robots = robots
    robots.url = f"http://127.0.0.1:{server.server_address[1]}"
    if context is not None:
        robots.url = robots.url.replace("http:", "https:")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield robots
    finally:
        robots.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
