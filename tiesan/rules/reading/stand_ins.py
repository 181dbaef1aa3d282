"""Stand-ins for what libyaml reads as YAML 1.1 has it, each of the same length.

Escapes of surrogates, as JSON writes characters beyond U+FFFF, are refused by libyaml, and three
characters that are plain ones in YAML 1.2 are line breaks to it. They are read as other characters
and turned back in the text of each scalar, so that every place stays what it is.
"""

import re

_ESCAPES = re.compile(r"\\u[dD](?=[89a-fA-F][0-9a-fA-F]{2})")
_STAND_IN_ESCAPES = re.compile(r"\\u[eE](?=[89a-fA-F][0-9a-fA-F]{2})")
_SURROGATES = {code + 0x1000: code for code in range(0xD800, 0xE000)}
_BREAKS = {0x85: 0xFDD0, 0x2028: 0xFDD1, 0x2029: 0xFDD2}
_BACK = _SURROGATES | {code: each for each, code in _BREAKS.items()}
_REPLACED = re.compile(f"{_ESCAPES.pattern}|[\x85\u2028\u2029]")
_STANDING_IN = re.compile(f"{_STAND_IN_ESCAPES.pattern}|[\ue800-\uefff\ufdd0-\ufdd2]")


class StandIns:
    """A text for libyaml; most need no stand-ins."""

    def __init__(self, text: str) -> None:
        """Put the stand-ins in place; raises ValueError when the text has these characters too."""
        self.text = text
        self._needed = _REPLACED.search(text) is not None
        if self._needed:
            if _STANDING_IN.search(text):
                raise ValueError("the text has the characters that are to stand in for others")
            replaced = _ESCAPES.sub(lambda found: _shifted(found[0], 1), text)
            self.text = replaced.translate(_BREAKS)

    def back(self, text: str) -> str:
        """The text of a scalar as the file has it."""
        if not self._needed:
            return text
        # Without double quotes an escape is no escape, and stands in the text as it is.
        return _STAND_IN_ESCAPES.sub(lambda found: _shifted(found[0], -1), text).translate(_BACK)


def _shifted(escape: str, by: int) -> str:
    return escape[:-1] + chr(ord(escape[-1]) + by)
