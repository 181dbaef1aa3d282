"""Mail over a real mail server: taken, refused, gone away before and after the text has left."""

import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from tests.sending.mail_server import (
    EARLY_CLOSE,
    LATE_CLOSE,
    LATE_HANG,
    PASSWORD,
    mail_server,
    own_certificate,
)
from tests.sending.robots import closed_port
from tiesan.notifications.sending.models import State
from tiesan.notifications.sending.outcome import Outcome, Reason
from tiesan.notifications.sending.reach import Reach
from tiesan.notifications.sending.saying import Text
from tiesan.notifications.sending.speaking import Route, Speaker

TEXT = Text("铁山：2条新消息", "请登录查看。\nhttps://example.cn/notifications")
SENDER, TO = "union@example.cn", "wangfang@example.cn"


def route(port: int, **fields: str) -> Route:
    plain = {"host": "127.0.0.1", "port": str(port), "sender": SENDER}
    return Route("mailtos" if fields else "mailto", plain | fields, TO)


def speak(to: Route, *, trusted: Path | None = None, seconds: float = 5.0) -> Outcome:
    trust = None if trusted is None else str(trusted)
    return Speaker(Reach(trusted=trust, seconds=seconds)).speak(to, TEXT)


def test_a_letter_that_is_taken_is_sent() -> None:
    with mail_server() as mail:
        outcome = speak(route(mail.port))
    assert (outcome.state, outcome.answer) == (State.SENT, "250 2.0.0 queued as 4711")
    [letter] = mail.letters
    assert (letter.mail_from, letter.rcpt_tos) == (SENDER, [TO])
    assert mail.texts() == [(TEXT.subject, TEXT.body)]


@pytest.mark.parametrize(
    ("command", "answer"), [("RCPT", "550 5.1.1 no such user"), ("DATA", "554 5.7.1 spam")]
)
def test_a_letter_that_is_refused_has_failed(command: str, answer: str) -> None:
    with mail_server() as mail:
        mail.answers[command] = answer
        outcome = speak(route(mail.port))
    assert (outcome.state, outcome.reason) == (State.FAILED, Reason.REFUSED)
    assert outcome.answer == answer


@pytest.mark.parametrize("how", [LATE_CLOSE, LATE_HANG])
def test_a_server_that_goes_away_with_the_text_leaves_it_unknown(how: str) -> None:
    with mail_server() as mail:
        mail.behaviour = how
        outcome = speak(route(mail.port), seconds=0.5)
    assert (outcome.state, outcome.reason) == (State.UNKNOWN, Reason.NO_ANSWER)
    assert len(mail.letters) == 1


def test_a_server_that_goes_away_before_it_has_the_text_has_failed() -> None:
    with mail_server() as mail:
        mail.behaviour = EARLY_CLOSE
        outcome = speak(route(mail.port))
    assert (outcome.state, outcome.reason) == (State.FAILED, Reason.NOT_REACHED)
    assert mail.letters == []


def test_a_server_that_is_not_there_has_failed() -> None:
    outcome = speak(route(closed_port()))
    assert (outcome.state, outcome.reason) == (State.FAILED, Reason.NOT_REACHED)


def test_a_server_that_never_comes_to_an_end_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def drip() -> None:
            connection, _address = server.accept()
            with connection, suppress(OSError):
                while not ended.wait(0.02):
                    connection.sendall(b"220-more\r\n")

        thread = threading.Thread(target=drip)
        thread.start()
        outcome = speak(route(server.getsockname()[1]), seconds=0.1)
        ended.set()
        thread.join()
    assert (outcome.state, outcome.reason) == (State.FAILED, Reason.NOT_REACHED)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return own_certificate(tmp_path)


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("mode", ["tls", "starttls"])
def test_a_certificate_that_nobody_trusts_lets_nothing_leave(mode: str, certificate: Path) -> None:
    named = {"tls": "ssl_context", "starttls": "tls_context"}[mode]
    given = {"mode": mode, "user": SENDER, "password": PASSWORD}
    with mail_server(authenticated=True, **{named: server_context(certificate)}) as mail:
        refused = speak(route(mail.port, **given))
        assert (refused.state, refused.reason) == (State.FAILED, Reason.CERTIFICATE)
        assert (mail.letters, mail.passwords) == ([], [])
        taken = speak(route(mail.port, **given), trusted=certificate)
        assert taken.state is State.SENT
        assert mail.passwords == [PASSWORD.encode()]


def test_a_wrong_password_has_failed_and_is_not_repeated_in_the_answer(certificate: Path) -> None:
    given = {"mode": "tls", "user": SENDER, "password": "wrong-password"}
    with mail_server(authenticated=True, ssl_context=server_context(certificate)) as mail:
        outcome = speak(route(mail.port, **given), trusted=certificate)
    assert (outcome.state, outcome.reason) == (State.FAILED, Reason.REFUSED)
    assert outcome.answer.startswith("535 ")
    assert "wrong-password" not in outcome.answer
    assert mail.letters == []


def test_no_line_of_a_subject_becomes_a_header() -> None:
    with mail_server() as mail:
        text = Text("铁山\nBcc: all@example.cn", "。")
        outcome = Speaker(Reach()).speak(route(mail.port), text)
    assert outcome.state is State.SENT
    [letter] = mail.letters
    assert letter.rcpt_tos == [TO]
    assert b"\nBcc:" not in (letter.original_content or b"")
