"""Texts that look alike made one: regardless of case, width, blanks and what cannot be seen.

Source: rules-language.md, "Paths, keys, messages" (the part ``folded`` of a text).
"""

import unicodedata
from functools import lru_cache

# Separators, control characters, and what only says how its neighbours are shown.
_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
# Joiners, fillers and variation selectors, which Unicode counts among letters, marks and symbols.
_FILLERS = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x2800, 0x3164, *range(0xFE00, 0xFE10))),
)


@lru_cache(maxsize=65_536)
def folded(text: str) -> str | None:
    """The folded text: NFKC, case folding, NFKC again, without what is not seen.

    Punctuation stays. None when nothing is left: then the text is as good as blank.
    """
    normal = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(each for each in normal if _is_seen(each)) or None


def _is_seen(character: str) -> bool:
    return character not in _FILLERS and unicodedata.category(character) not in _UNSEEN
