"""How a text is stored, whichever way it comes in: file, form or service."""

import re
import unicodedata

# Control characters but for tab and line ends, and what XML cannot hold: no spreadsheet can carry
# them, and PostgreSQL refuses the first of them.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BYTE_ORDER_MARK = "\ufeff"


def clean_text(text: str) -> str | None:
    """Give the text in Unicode NFC, without white space around it, one line end for all.

    White space is Unicode's, the ideographic space and a stray byte order mark included. None
    when nothing is left.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        if _BYTE_ORDER_MARK in text:
            text = text.strip().strip(_BYTE_ORDER_MARK)
    text = text.strip()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text or None


def unstorable(text: str) -> str | None:
    """The first character that cannot be stored, written as an escape; None when there is none."""
    found = _UNSTORABLE.search(text)
    return None if found is None else f"U+{ord(found.group()):04X}"
