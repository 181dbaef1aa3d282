"""What a file is called: the name that it was sent with, made harmless."""

import re
import unicodedata

from tiesan.records.attachments.models import ENDINGS, NAME_LENGTH

_NAMELESS = "file"
# What separates folders or means something to some system that a name may be saved on.
_SPECIAL = re.compile(r'[<>:"|?*]')
_BLANKS = re.compile(r"\s+")


def clean_name(name: str, media_type: str) -> str:
    """Return the last part of a name, of characters that can be seen, ending as its type does.

    Folders, control characters, marks of direction and what has no width are left out; an ending
    that says something else than the content gets the right one behind it. Raises nothing.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Line ends and all that is a blank is one; what else is no letter, mark or sign goes.
    seen = "".join(each for each in _BLANKS.sub(" ", last) if _is_seen(each))
    plain = _SPECIAL.sub("_", seen).strip()
    endings = ENDINGS[media_type]
    ending = next((each for each in endings if plain.casefold().endswith(each)), "")
    stem = (plain[: -len(ending)] if ending else plain).strip(" .")
    kept = plain[len(plain) - len(ending) :] if ending else endings[0]
    return f"{stem[: NAME_LENGTH - len(kept)].rstrip(' .') or _NAMELESS}{kept}"


def _is_seen(character: str) -> bool:
    return unicodedata.category(character)[0] != "C"
