"""How a text is stored, whichever way it comes in: file, form or service."""

import re
import unicodedata

# Control characters but for tab and line ends, and what XML cannot hold: no spreadsheet can carry
# them, and PostgreSQL refuses the first of them.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# Characters that nobody sees: soft hyphen, blanks and joints without width, marks of direction.
# U+200D stays: pictures of several parts are held together by it.
_INVISIBLE = dict.fromkeys(
    (
        0x00AD,
        0x200B,
        0x200C,
        0x200E,
        0x200F,
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2065),
        *range(0x2066, 0x206A),
        0xFEFF,
    )
)
_PLAIN_BLANKS = " \u3000"
# What is printed but leaves no mark: joiners, fillers, variation selectors. Some of them belong to
# texts as they are typed, none to a code.
_FILLERS = frozenset(
    map(
        chr,
        (
            *(0x034F, 0x115F, 0x1160, 0x2800, 0x3164),
            *range(0xFE00, 0xFE10),
            *range(0xE0100, 0xE01F0),
        ),
    )
)
# Marks of direction and joiners, and the separators of lines and paragraphs.
_UNSEEN = frozenset({"Cf", "Zl", "Zp"})


def clean_text(text: str) -> str | None:
    """Give the text as typed, but for white space around it and what nobody sees in it.

    White space is Unicode's, the ideographic space included; there is one line end for all. None
    when nothing is left.
    """
    if not text.isascii():
        text = text.translate(_INVISIBLE)
    text = text.strip()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text or None


def clean_code(text: str) -> str | None:
    """Give a code or heading in Unicode NFKC, cleaned: width and what nobody sees tell none apart.

    None when nothing is left.
    """
    if not text.isascii():
        # Without it first, so that nothing that is not seen keeps two characters apart.
        seen = "".join(each for each in text if _leaves_a_mark(each))
        text = unicodedata.normalize("NFKC", seen)
    return clean_text(text)


def _leaves_a_mark(character: str) -> bool:
    return character not in _FILLERS and unicodedata.category(character) not in _UNSEEN


def alike(code: str) -> str:
    """What is left of a code without what spreadsheets and hands change: zeros, case.

    Width is gone already: codes are kept in NFKC.
    """
    return code.casefold().lstrip("0")


def visible(text: str) -> str:
    """Give the text for a message: what cannot be seen or told from a blank as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(each if _is_seen(each) else _escape(each) for each in text)


def _is_seen(character: str) -> bool:
    if character in _FILLERS:
        return False
    return character.isprintable() or character in _PLAIN_BLANKS


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def unstorable(text: str) -> str | None:
    """The first character that cannot be stored, written as an escape; None when there is none."""
    found = _UNSTORABLE.search(text)
    return None if found is None else f"U+{ord(found.group()):04X}"
