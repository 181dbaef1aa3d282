"""Amounts are read and written exactly, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiesan.money import LARGEST_AMOUNT, format_amount, parse_amount


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("0", 0),
        ("-0.00", 0),
        ("0.01", 1),
        ("0.1", 10),
        ("199.99", 19999),
        ("200", 20000),
        ("200.0", 20000),
        ("200.00", 20000),
        ("0200", 20000),
        ("-200.5", -20050),
        # As floats, these two are 0.28999999999999998 and 1.1499999999999999.
        ("0.29", 29),
        ("1.15", 115),
        ("90071992547409.91", LARGEST_AMOUNT),
        ("0" * 5000 + "1", 100),
    ],
)
def test_amounts_are_read_in_fen(text: str, fen: int) -> None:
    assert parse_amount(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        " 1",
        "1 ",
        "1\n",
        "1.",
        ".5",
        "-",
        "--1",
        "+1",
        "1.005",
        "1.000",
        "1e3",
        "1E3",
        "1,000",
        "1_000",
        "1 000",
        "1.2.3",
        "0x10",
        "inf",
        "nan",
        "¥5",
        "5元",
        "２００",
        "٢٠٠",
        "1．5",
        "90071992547409.92",
        "9" * 5000,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        parse_amount(text)


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "0.00"),
        (1, "0.01"),
        (10, "0.10"),
        (20000, "200.00"),
        (-5, "-0.05"),
        (-20050, "-200.50"),
        (LARGEST_AMOUNT, "90071992547409.91"),
    ],
)
def test_amounts_are_written_in_yuan(fen: int, text: str) -> None:
    assert format_amount(fen) == text


@given(st.integers(-LARGEST_AMOUNT, LARGEST_AMOUNT))
def test_every_amount_written_is_read_again(fen: int) -> None:
    assert parse_amount(format_amount(fen)) == fen


@given(st.text("0123456789.-+eE, _０１", max_size=12))
def test_what_is_read_is_what_a_decimal_says(text: str) -> None:
    try:
        fen = parse_amount(text)
    except ValueError:
        return
    yuan, _point, decimals = text.partition(".")
    assert abs(fen) == abs(int(yuan)) * 100 + int(decimals.ljust(2, "0") or 0)
    assert (fen < 0) == (text.startswith("-") and fen != 0)
