"""`/metrics` is for who has its word, or asks from this machine; to others it is not there."""

import re

import pytest
from flask import Flask

from tiesan.admin.shell.metrics import TOKEN
from tiesan.admin.shell.request_log import masked
from tiesan.audit import SIGN_IN, Subject, record_entry
from tiesan.clock import now
from tiesan.extensions import db

WORD = "a-word-that-nobody-guesses"
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}


def asked(app: Flask, headers: dict[str, str] | None = None, **environ: str) -> tuple[int, str]:
    """The status and the text of an answer."""
    answer = app.test_client().get("/metrics", headers=headers, environ_overrides=environ)
    answer.close()
    assert "Set-Cookie" not in answer.headers
    return answer.status_code, answer.text


def values(text: str) -> dict[str, float]:
    """The figures, each by its name and its labels but the process."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {
        re.sub(r'process="\d+",?', "", name): float(value)
        for name, _blank, value in (line.rpartition(" ") for line in lines)
    }


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 404),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 404),
        ("192.0.2.7", {}, 404),
        ("192.0.2.7", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("192.0.2.7", {"Authorization": f"Bearer {WORD}"}, 200),
        ("127.0.0.1", {"Authorization": f"Bearer {WORD}", "X-Forwarded-For": "192.0.2.7"}, 200),
        ("192.0.2.7", {"Authorization": "Bearer another"}, 404),
        ("192.0.2.7", {"Authorization": "Bearer 铁山".encode().decode("latin-1")}, 404),
        ("unix", {}, 404),
    ],
)
def test_who_may_read_it(
    address: str, headers: dict[str, str], status: int, lite_app: Flask
) -> None:
    lite_app.config[TOKEN] = WORD
    assert asked(lite_app, headers, REMOTE_ADDR=address)[0] == status


def test_without_a_word_nobody_has_it(lite_app: Flask) -> None:
    assert asked(lite_app, {"Authorization": "Bearer "}, REMOTE_ADDR="192.0.2.7")[0] == 404


def test_the_figures_are_those_of_the_database(app: Flask) -> None:
    before = values(asked(app)[1])
    assert 'tiesan_waiting{what="evaluations"}' in before
    assert "tiesan_backup_age_seconds" not in before
    with app.app_context():
        record_entry(db.session(), SIGN_IN, "x", Subject("x"), at=now())
        db.session.commit()
    after = values(asked(app)[1])
    assert after["tiesan_saves_total"] > before["tiesan_saves_total"]
    # Whoever asked before was answered well.
    told = 'tiesan_requests_total{status="2xx"}'
    assert after[told] > before.get(told, 0)


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/flag/details/", "/flag/details/"),
        (
            "/record/disciplinary_decision_withdrawals/",
            "/record/disciplinary_decision_withdrawals/",
        ),
        ("/invitation/3q2-7wxKpQ9_rT8mZ1aBcD4eF", "/invitation/*"),
        ("/invitation/eyJhIjoxfQ.aSk9_g.h0k5Qm6sT2xY/set", "/invitation/*/set"),
        ("/attachments/" + "0a" * 32, "/attachments/*"),
    ],
)
def test_what_may_open_something_is_not_in_the_log(path: str, written: str) -> None:
    assert masked(path) == written
