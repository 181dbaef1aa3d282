"""What parts of one page ask is asked once; a request that writes asks each time."""

import pytest
from flask import Flask

from tiesan.admin.shell.asked_once import asked_once


@pytest.fixture
def asked() -> list[tuple[int, str]]:
    """What was asked, in its order."""
    return []


def test_a_page_asks_once_for_each_of_its_questions(asked: list[tuple[int, str]]) -> None:
    @asked_once
    def ask(number: int, *, word: str = "") -> list[int]:
        asked.append((number, word))
        return [number]

    @asked_once
    def ask_otherwise(number: int) -> int:
        return -number

    app = Flask(__name__)
    with app.test_request_context("/"):
        assert ask(1) is ask(1)
        assert ask(2) == [2]
        assert ask(1, word="a") == [1]
        assert ask_otherwise(1) == -1
    assert asked == [(1, ""), (2, ""), (1, "a")]
    with app.test_request_context("/"):
        assert ask(1) == [1]
    assert len(asked) == 4


def test_what_writes_and_what_is_no_request_asks_each_time(asked: list[tuple[int, str]]) -> None:
    @asked_once
    def ask(number: int) -> None:
        asked.append((number, ""))

    with Flask(__name__).test_request_context("/", method="POST"):
        ask(1)
        ask(1)
    ask(1)
    ask(1)
    assert len(asked) == 4
