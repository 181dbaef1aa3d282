"""`tiesan parameter set`: what it changes, and what it refuses."""

import pytest

from tests.cli.evaluating import UNAPPROVED, evaluated, keys
from tiesan.testing.command import Tiesan


def test_a_threshold_changed_from_july_does_not_rewrite_march(tiesan: Tiesan, stored: str) -> None:
    words = ("parameter", "set", UNAPPROVED, "threshold", "450.01", "--from", "2026-07-01")
    tiesan(*words, database=stored)
    assert keys(evaluated(tiesan, stored, "2026-07-31")) == ["X1"]
    tiesan(*words[:4], "450", "--from", "2026-07-01", database=stored)
    assert keys(evaluated(tiesan, stored, "2026-07-31")) == ["X1", "X3"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("no.rule", "threshold", "5"), "unknown rule 'no.rule'"),
        ((UNAPPROVED, "limit", "5"), "it has: threshold"),
        ((UNAPPROVED, "threshold", "199.995"), "'199.995'"),
        ((UNAPPROVED, "threshold", "-1"), "-1"),
        (("discipline.frequent_late", "times", "0"), "1 and above"),
        (("discipline.late", "work_start", "8:30"), "HH:MM"),
        (("accountability.repeat_violations", "counted", "all"), "not_dismissed"),
    ],
)
def test_a_refused_parameter_says_what_is_allowed(
    tiesan: Tiesan, sqlite_url: str, words: tuple[str, ...], found: str
) -> None:
    line = ("parameter", "set", "--from", "2026-07-01", "--", *words)
    assert found in tiesan(*line, database=sqlite_url, status=1).stderr


@pytest.mark.parametrize(
    ("reason", "words"),
    [("x" * 501, "longer than 500 characters; found: 501"), ("\udcff", "U+DCFF")],
)
def test_a_reason_that_cannot_be_stored_is_refused(
    tiesan: Tiesan, sqlite_url: str, reason: str, words: str
) -> None:
    given = [UNAPPROVED, "threshold", "500", "--from", "2026-07-01", "--reason", reason]
    done = tiesan("parameter", "set", *given, database=sqlite_url, status=1)
    assert done.stderr.startswith("Reason: ")
    assert words in done.stderr


def test_an_empty_reason_is_none(tiesan: Tiesan, sqlite_url: str) -> None:
    given = [UNAPPROVED, "threshold", "500", "--from", "2026-07-01", "--reason", ""]
    tiesan("parameter", "set", *given, database=sqlite_url)
