"""Amounts of money: whole fen inside, yuan with two decimals outside.

An amount is an `int` of fen everywhere in the program. Only these two functions know how it is
written, and both are exact.
"""

import re

# The engine compares integers exactly only below 2**53.
LARGEST_AMOUNT = 2**53 - 1

_PLAIN_DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]{1,2}))?", re.ASCII)


class AmountTooLargeError(ValueError):
    """An amount above `LARGEST_AMOUNT`."""


def parse_amount(text: str) -> int:
    """Return the fen of an amount written in yuan: `200`, `200.5` and `200.00` are amounts.

    Raises ValueError for anything but ASCII digits with at most two decimals, so for exponents,
    separators, full-width digits, white space and a plus sign, and for what is larger than
    `LARGEST_AMOUNT` (AmountTooLargeError). A minus sign is read: whether an amount may be negative
    is for the caller.
    """
    written = _PLAIN_DECIMAL.fullmatch(text)
    if written is None:
        message = f"not an amount: {text!r}"
        raise ValueError(message)
    sign, yuan, decimals = written.groups(default="")
    digits = (yuan + decimals.ljust(2, "0")).lstrip("0") or "0"
    # The length is looked at first: Python refuses to read very long numbers.
    if len(digits) > len(str(LARGEST_AMOUNT)) or int(digits) > LARGEST_AMOUNT:
        message = f"too large an amount: {text[:40]!r}"
        raise AmountTooLargeError(message)
    return -int(digits) if sign else int(digits)


def format_amount(fen: int) -> str:
    """Return an amount of fen as yuan with two decimals: 20000 gives `200.00`."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan}.{rest:02d}"
