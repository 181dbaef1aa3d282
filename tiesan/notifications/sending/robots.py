"""Robots and push services: spoken to by the library's plugins, their answers read here.

Most of these services answer HTTP 200 also to what they refuse, and say so in the body, which the
library does not look at for most of them (2.3). So whether something was taken is read here, for
each of them as its documentation says.
"""

import json
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, ClassVar

import requests
from apprise import AppriseAsset, NotifyFormat, NotifyType
from apprise.plugins import bark, dingtalk, feishu, lark, serverchan, wechat, wecombot

from tiesan.notifications.sending.outcome import Outcome, Reason, failed, sent, unknown
from tiesan.notifications.sending.reach import Reach
from tiesan.notifications.sending.saying import NAME, Text
from tiesan.notifications.sending.schemes import Fields
from tiesan.notifications.sending.wire import Exchange, HostRefusedError, Wire, wired

_OK = 200
_LONGEST_TITLE = 32

# Nothing of the library's own stands in what is sent, and it keeps nothing on disk.
ASSET = AppriseAsset(
    app_id="tiesan", app_desc=NAME, app_url="", storage_mode="memory", http_redirects=False
)


def _one_line(text: Text) -> tuple[str, str]:
    """A text for what has no title of its own."""
    return "", f"{text.subject}\n{text.body}".strip()


def _titled(text: Text) -> tuple[str, str]:
    return text.subject[:_LONGEST_TITLE], text.body or text.subject


class _WeCom(wechat.NotifyWeChat):  # type: ignore[no-untyped-call] # As the library is.
    """A WeCom application, whose token is asked for once by each process, as WeCom wants it."""

    tokens: ClassVar[dict[tuple[str, str], str]] = {}

    def _get_access_token(self) -> str | None:
        """Return the token, asked for unless one is known."""
        known = self.corpid, self.agentid
        token = self.tokens.get(known)
        if token is None:
            token = super()._get_access_token()  # type: ignore[no-untyped-call] # As above.
        if token:
            self.tokens[known] = token
        return token

    def send(self, *given: Any, **named: Any) -> bool:
        """Send a message; a token with which that fails is forgotten."""
        done = bool(super().send(*given, **named))  # type: ignore[no-untyped-call] # As above.
        if not done:
            self.tokens.pop((self.corpid, self.agentid), None)
        return done


class Robot:
    """One service: its plugin, what it is made of, and how its answers are read.

    ``code`` names the number in an answer, ``well`` is what it is when all is well; ``lost`` names
    what lists whom a message did not reach although all was well.
    """

    def __init__(  # noqa: PLR0913 - a service is described once
        self,
        module: ModuleType,
        plugin: type[Any],
        made: Callable[[Fields, str], Mapping[str, Any]],
        code: str,
        *,
        well: int = 0,
        lost: tuple[str, ...] = (),
        shape: Callable[[Text], tuple[str, str]] = _one_line,
    ) -> None:
        """Take what a service is."""
        self._module, self._made, self._shape = module, made, shape
        self._code, self._well, self._lost = code, well, lost
        # The library would wait between two requests; what is sent when is settled by whoever asks.
        self._plugin = type(plugin.__name__, (plugin,), {"request_rate_per_sec": 0})

    def speak(self, fields: Fields, address: str, text: Text, reach: Reach) -> Outcome:
        """Send a text once; returns what is known of it."""
        plugin = self._plugin(**self._made(fields, address), asset=ASSET)
        wire = Wire(reach)
        title, body = self._shape(text)
        with wired(self._module, wire):
            plugin.send(
                body=body,
                title=title,
                notify_type=NotifyType.INFO,
                body_format=NotifyFormat.TEXT,
            )
        if not wire.exchanges:
            return failed(Reason.REFUSED)
        return self._read(wire.exchanges[-1])

    def _read(self, exchange: Exchange) -> Outcome:
        if exchange.error is not None:
            return _without_answer(exchange)
        try:
            answer = json.loads(exchange.body)
        except ValueError:
            answer = None
        if exchange.status != _OK:
            return failed(Reason.REFUSED, f"HTTP {exchange.status} {_words(answer)}")
        code = answer.get(self._code) if isinstance(answer, dict) else None
        if code is None:
            return self._not_understood(exchange)
        words = f"HTTP {_OK}, {self._code} {code} {_words(answer)}"
        if code != self._well or any(answer.get(name) for name in self._lost):
            return failed(Reason.REFUSED, words)
        if exchange.asks_only:
            # What was to be asked before was answered well, and still nothing was sent.
            return failed(Reason.REFUSED, words)
        return sent(words)

    def _not_understood(self, exchange: Exchange) -> Outcome:
        said = exchange.body[:200].decode("utf-8", "replace")
        make = failed if exchange.asks_only else unknown
        return make(Reason.NOT_UNDERSTOOD, f"HTTP {exchange.status} {said}")


def _words(answer: Any) -> str:
    """What an answer says in words, if it says it where these services do."""
    if not isinstance(answer, dict):
        return ""
    named = ("errmsg", "msg", "message", "info", "invaliduser", "unlicenseduser")
    return " ".join(str(answer[name]) for name in named if answer.get(name))


def _without_answer(exchange: Exchange) -> Outcome:
    """What is known of a request that was not answered: it depends on whether it has left."""
    error = exchange.error or requests.RequestException
    if issubclass(error, HostRefusedError):
        return failed(Reason.HOST_REFUSED)
    if exchange.left and not exchange.asks_only:
        return unknown(Reason.NO_ANSWER, error.__name__)
    if issubclass(error, requests.exceptions.SSLError):
        return failed(Reason.CERTIFICATE, error.__name__)
    return failed(Reason.NO_ANSWER if exchange.left else Reason.NOT_REACHED, error.__name__)


def _of_wechat(fields: Fields, address: str) -> Mapping[str, Any]:
    named = {name: fields[name] for name in ("corpid", "corpsecret", "agentid")}
    # A list would be split at commas; an account has none.
    return {**named, "targets": [f"@{address}"]}


def _of_bark(fields: Fields, address: str) -> Mapping[str, Any]:
    host, _colon, port = fields["host"].partition(":")
    return {
        "schema": "barks",
        "secure": True,
        "host": host,
        "port": int(port) if port else None,
        "targets": [address],
        "include_image": False,
    }


ROBOTS: Mapping[str, Robot] = {
    "wechat": Robot(
        wechat, _WeCom, _of_wechat, "errcode", lost=("invaliduser", "unlicenseduser")
    ),
    "wecombot": Robot(
        wecombot, wecombot.NotifyWeComBot, lambda fields, _to: {"key": fields["key"]}, "errcode"
    ),
    "dingtalk": Robot(
        dingtalk,
        dingtalk.NotifyDingTalk,
        lambda fields, _to: {"token": fields["token"], "secret": fields["secret"]},
        "errcode",
    ),
    "feishu": Robot(
        feishu, feishu.NotifyFeishu, lambda fields, _to: {"token": fields["token"]}, "code"
    ),
    "lark": Robot(lark, lark.NotifyLark, lambda fields, _to: {"token": fields["token"]}, "code"),
    "schan": Robot(
        serverchan, serverchan.NotifyServerChan, lambda _fields, to: {"token": to}, "code",
        shape=_titled,
    ),
    "bark": Robot(bark, bark.NotifyBark, _of_bark, "code", well=_OK, shape=_titled),
}  # fmt: skip
