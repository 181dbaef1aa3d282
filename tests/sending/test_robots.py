"""Robots: whatever they do, what is known of a message afterwards is what is said of it."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.sending.mail_server import own_certificate
from tests.sending.robots import (
    CLOSE,
    DRIP,
    FLOOD,
    HANG,
    HOSTS,
    Robots,
    closed_port,
    encrypted,
    false_robots,
)
from tiesan.notifications.sending.models import State
from tiesan.notifications.sending.outcome import Outcome, Reason
from tiesan.notifications.sending.reach import Reach
from tiesan.notifications.sending.robots import _WeCom
from tiesan.notifications.sending.saying import MOST_BYTES, Text
from tiesan.notifications.sending.speaking import Route, Speaker

KEY = "1a2b3c4d5e6f7a8b9c0d"
ROUTES = {
    "wechat": Route("wechat", {"corpid": "ww1", "agentid": "100", "corpsecret": KEY}, "wangfang"),
    "wecombot": Route("wecombot", {"key": KEY}),
    "dingtalk": Route("dingtalk", {"token": KEY, "secret": f"SEC{KEY}"}),
    "feishu": Route("feishu", {"token": KEY}),
    "lark": Route("lark", {"token": KEY}),
    "schan": Route("schan", {}, KEY),
    "bark": Route("bark", {"host": "api.day.app"}, KEY),
}
TEXT = Text("铁山：2条新消息", "请登录查看。\nhttps://example.cn/notifications")
# At which address each of them takes messages, and what it answers to what it refuses.
REFUSED = {
    "wechat": ("message/send", {"errcode": 81013, "errmsg": "user & party & tag all invalid"}),
    "wecombot": ("webhook/send", {"errcode": 93000, "errmsg": "invalid webhook url"}),
    "dingtalk": ("robot/send", {"errcode": 310000, "errmsg": "keywords not in content"}),
    "feishu": ("open-apis", {"code": 19024, "msg": "Key Words Not Found", "data": {}}),
    "lark": ("open-apis", {"code": 9499, "msg": "Bad Request", "data": {}}),
    "schan": (".send", {"code": 40001, "message": "错误的key"}),
    "bark": ("push", {"code": 400, "message": "failed to get device token"}),
}
each_robot = pytest.mark.parametrize("name", ROUTES)


@pytest.fixture
def robots() -> Iterator[Robots]:
    _WeCom.tokens.clear()
    with false_robots() as found:
        yield found


def speak(robots: Robots, name: str, text: Text = TEXT, seconds: float = 5.0) -> Outcome:
    return Speaker(Reach(instead=robots.instead(), seconds=seconds)).speak(ROUTES[name], text)


@each_robot
def test_what_is_taken_is_sent_with_title_and_link(name: str, robots: Robots) -> None:
    outcome = speak(robots, name)
    assert (outcome.state, outcome.reason) == (State.SENT, Reason.ACCEPTED)
    [body] = robots.sent()
    said = parse_qs(body) if name == "schan" else json.loads(body)
    words = json.dumps(said, ensure_ascii=False)
    assert "铁山：2条新消息" in words
    assert "https://example.cn/notifications" in words


@each_robot
def test_what_is_refused_in_the_body_of_a_good_answer_has_failed(name: str, robots: Robots) -> None:
    part, answer = REFUSED[name]
    robots.answer(part, 200, answer)
    outcome = speak(robots, name)
    assert (outcome.state, outcome.reason) == (State.FAILED, Reason.REFUSED)
    code = answer.get("errcode", answer.get("code"))
    assert str(code) in outcome.answer


@each_robot
@pytest.mark.parametrize("status", [302, 400, 403, 429, 500, 503])
def test_an_answer_that_is_no_good_has_failed(name: str, status: int, robots: Robots) -> None:
    robots.answer(REFUSED[name][0], status, "<html>no</html>")
    outcome = speak(robots, name)
    assert (outcome.state, outcome.reason) == (State.FAILED, Reason.REFUSED)
    assert outcome.answer.startswith(f"HTTP {status}")
    # Nothing is followed to another address.
    assert len(robots.sent()) == 1


@each_robot
def test_an_answer_of_somebody_else_is_no_answer(name: str, robots: Robots) -> None:
    robots.answer(REFUSED[name][0], 200, "<html>Please sign in to the network</html>")
    outcome = speak(robots, name)
    assert (outcome.state, outcome.reason) == (State.UNKNOWN, Reason.NOT_UNDERSTOOD)
    assert "Please sign in" in outcome.answer


@each_robot
@pytest.mark.parametrize("how", [CLOSE, HANG, DRIP, FLOOD])
def test_what_left_and_was_not_answered_is_unknown(name: str, how: str, robots: Robots) -> None:
    robots.answer(REFUSED[name][0], how)
    outcome = speak(robots, name, seconds=0.3)
    assert (outcome.state, outcome.reason) == (State.UNKNOWN, Reason.NO_ANSWER)
    assert len(robots.sent()) == 1


@each_robot
def test_what_never_left_has_failed(name: str) -> None:
    instead = dict.fromkeys(HOSTS, f"http://127.0.0.1:{closed_port()}")
    outcome = Speaker(Reach(instead=instead)).speak(ROUTES[name], TEXT)
    assert (outcome.state, outcome.reason) == (State.FAILED, Reason.NOT_REACHED)


@pytest.mark.parametrize("how", [CLOSE, HANG])
def test_a_token_that_was_not_given_lets_nothing_leave(how: str, robots: Robots) -> None:
    robots.answer("gettoken", how)
    outcome = speak(robots, "wechat", seconds=0.3)
    assert (outcome.state, outcome.reason) == (State.FAILED, Reason.NO_ANSWER)
    assert robots.sent() == []


def test_a_token_of_wecom_is_asked_for_once_and_anew_when_it_is_refused(robots: Robots) -> None:
    for _message in range(2):
        assert speak(robots, "wechat").state is State.SENT
    assert len(robots.asked) == 3
    robots.answer("message/send", 200, {"errcode": 42001, "errmsg": "access_token expired"})
    assert speak(robots, "wechat").state is State.FAILED
    robots.answers.clear()
    assert speak(robots, "wechat").state is State.SENT
    assert len(robots.asked) == 6


def test_a_wrong_secret_of_wecom_has_failed_in_words(robots: Robots) -> None:
    robots.answer("gettoken", 200, {"errcode": 40001, "errmsg": f"invalid credential {KEY}"})
    outcome = speak(robots, "wechat")
    assert outcome.state is State.FAILED
    assert outcome.answer == "HTTP 200, errcode 40001 invalid credential ***"


def test_a_certificate_that_nobody_trusts_lets_nothing_leave(
    robots: Robots, tmp_path: Path
) -> None:
    certificate = own_certificate(tmp_path)
    with encrypted(certificate) as secure:
        refused = speak(secure, "wecombot")
        assert (refused.state, refused.reason) == (State.FAILED, Reason.CERTIFICATE)
        assert secure.asked == []
        reach = Reach(instead=secure.instead(), trusted=str(certificate))
        assert Speaker(reach).speak(ROUTES["wecombot"], TEXT).state is State.SENT


def test_a_person_whom_wecom_does_not_know_was_not_told(robots: Robots) -> None:
    robots.answer("message/send", 200, {"errcode": 0, "errmsg": "ok", "invaliduser": "wangfang"})
    outcome = speak(robots, "wechat")
    assert (outcome.state, outcome.reason) == (State.FAILED, Reason.REFUSED)


@each_robot
def test_a_host_that_is_not_allowed_is_not_spoken_to(name: str, robots: Robots) -> None:
    reach = Reach(only={"example.cn"}, instead=robots.instead())
    outcome = Speaker(reach).speak(ROUTES[name], TEXT)
    assert (outcome.state, outcome.reason) == (State.FAILED, Reason.HOST_REFUSED)
    assert robots.asked == []


@each_robot
def test_no_text_is_longer_than_wecom_takes(name: str, robots: Robots) -> None:
    long = Text("铁山：消息", "长" * 3_000 + "\nhttps://example.cn/notifications")
    assert speak(robots, name, long).state is State.SENT
    [body] = robots.sent()
    words = "".join(parse_qs(body)["desp"]) if name == "schan" else body
    decoded = words if name == "schan" else json.dumps(json.loads(words), ensure_ascii=False)
    assert len(decoded.encode()) < MOST_BYTES + 400
    assert "https://example.cn/notifications" in decoded


@each_robot
def test_no_key_is_written_to_a_log(
    name: str, robots: Robots, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for status in (200, 500, CLOSE):
        robots.answer(REFUSED[name][0], status, {"errmsg": f"at {KEY}", "message": KEY})
        outcome = speak(robots, name, seconds=1)
        assert KEY not in outcome.answer
        assert KEY not in repr(ROUTES[name])
    assert KEY not in caplog.text
