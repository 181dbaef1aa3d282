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


# Blanks, control and format characters, and what is as invisible though it is a letter or a mark.
_INVISIBLE_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
_INVISIBLE = frozenset("\u034f\u115f\u1160\u2800\u3164" + "".join(map(chr, range(0xFE00, 0xFE10))))


def folded(text: str) -> str | None:
    """What texts that look alike have in common: no case, no width, nothing invisible.

    Punctuation stays. None when nothing is left.
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = (
        each
        for each in text
        if each not in _INVISIBLE and unicodedata.category(each) not in _INVISIBLE_CATEGORIES
    )
    return "".join(kept) or None


def unstorable(text: str) -> str | None:
    """The first character that cannot be stored, written as an escape; None when there is none."""
    found = _UNSTORABLE.search(text)
    return None if found is None else f"U+{ord(found.group()):04X}"
