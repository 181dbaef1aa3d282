"""How a value is written into the text of a rule."""

import json
import re

from tiesan.rules.editing.marked import Plain

# What stands without quotes anywhere: it begins as no sign of YAML does and has none in it.
_BARE = re.compile(
    r"[^\W_]|[$.\w][\w.$+\-/()（）《》“”、。·—… ]*[\w.()（）》”。…]|-?[\d.]+|\d{1,2}:\d\d"
)
_BLANKS = frozenset({"null", "~"})


def spelled(text: str) -> str:
    """A text as it is written: without quotes where nothing can be misread, in one line."""
    if _BARE.fullmatch(text) and text.lower() not in _BLANKS:
        return text
    return json.dumps(text, ensure_ascii=False)


def inline(value: Plain) -> str:
    """A value as it is written in one line."""
    if isinstance(value, str):
        return spelled(value)
    if isinstance(value, list):
        return f"[{', '.join(inline(each) for each in value)}]"
    entries = (f"{spelled(name)}: {inline(each)}" for name, each in value.items())
    return f"{{{', '.join(entries)}}}"


def block(value: Plain, indent: int, width: int = 100) -> list[str]:
    """A value as lines, each list and mapping that is too long for one line over several."""
    short = inline(value)
    if isinstance(value, str) or not value or len(short) + indent <= width:
        return [short]
    if isinstance(value, list):
        return [line for each in value for line in _item(each, indent, width)]
    return [line for name, each in value.items() for line in entry(name, each, indent, width)]


def _item(value: Plain, indent: int, width: int) -> list[str]:
    first, *rest = block(value, indent + 2, width)
    return [f"- {first}", *(f"  {line}" for line in rest)]


def entry(name: str, value: Plain, indent: int, width: int = 100) -> list[str]:
    """A key with its value as lines."""
    key = spelled(name)
    short = inline(value)
    if isinstance(value, str) or not value or len(short) + len(key) + 2 + indent <= width:
        return [f"{key}: {short}"]
    return [f"{key}:", *(f"  {line}" for line in block(value, indent + 2, width))]
