"""Folding: what looks alike is one text, what does not stays apart."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiesan.facts.folding import folded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ABC 打印", "abc打印"),
        ("ａｂｃ\u3000打印", "abc打印"),
        ("Abc打\u200b印", "abc打印"),
        ("新华书店（青山店）", "新华书店(青山店)"),
        ("正常上班。", "正常上班。"),
        ("Straße", "strasse"),
        # The long s with a dot above folds to two characters, which compose.
        ("\u1e9b\u0323", "\u1e69"),
        ("㎏", "kg"),
        ("①", "1"),
        ("a\u034f\u115f\u1160\u2800\u3164\ufe00\ufe0fb", "ab"),
        ("a\tb\nc\u2028d\u2029e\x7ff", "abcdef"),
        ("a\u00adb\u200db\u202ec\ufeff", "abbc"),
        # A neighbour of what is removed stays.
        ("\u2801\u2800\ufe10", "\u2801,"),
        ("e\u0301", "é"),
        (" \u3000\u200b", None),
        ("\ufe0f", None),
    ],
)
def test_a_text_is_folded(text: str, expected: str | None) -> None:
    assert folded(text) == expected


@given(st.text(min_size=1))
def test_folding_removes_what_it_names_and_no_more(text: str) -> None:
    once = folded(text)
    removed = {"Zs", "Zl", "Zp", "Cc", "Cf"}
    assert once is None or not removed.intersection(map(unicodedata.category, once))
    assert folded(f" {text}\u200b") == once
