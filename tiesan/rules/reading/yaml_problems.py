"""What the YAML parser finds wrong, in words of both languages.

The parser says it in English and in terms of its own grammar. Whoever writes a rule needs to know
what to change, so that the slips that people make are named here; the rest is passed on as it is.
"""

import re
from collections.abc import Mapping

from tiesan.i18n import _l

_INDENTATION = _l("the indentation does not fit the lines above")
_PROBLEMS: Mapping[str, str] = {
    r"found character '\\t' that cannot start any token": _l(
        "a tab; allowed for indentation: spaces only"
    ),
    r"found character (?P<found>.+) that cannot start any token": _l(
        "no value can begin with %(found)s; put it in quotes"
    ),
    r"mapping values are not allowed here": _l(
        "a colon that follows no key; put a text with a colon in quotes, or correct the indentation"
    ),
    r"could not find expected ':'": _l(
        "a key without a colon and a space behind it (a full-width colon does not count)"
    ),
    r"expected ',' or '(?P<found>.)', but got .*": _l(
        "a comma or the closing '%(found)s' is missing (full-width marks do not count)"
    ),
    r"expected <block end>, but found '(-|<block .*)'": _INDENTATION,
    r"expected '<document start>', but found .*": _INDENTATION,
    r"expected <block end>, but found '<scalar>'": _l("a text behind the end of a value"),
    r"expected <block end>, but found '(?P<found>[^<].*)'": _l("'%(found)s' does not belong here"),
    r"found unexpected end of stream": _l("a quotation mark that is never closed"),
    r"sequence entries are not allowed here": _l("an item of a list must begin on its own line"),
    r"found unknown escape character (?P<found>.+)": _l(
        "a backslash before %(found)s in double quotes; write two backslashes for one"
    ),
}


def in_words(problem: object) -> str:
    """A problem that the parser names, in the current language where it has words there."""
    found = str(problem)
    for pattern, words in _PROBLEMS.items():
        if match := re.fullmatch(pattern, found):
            return str(words) % match.groupdict()
    return found
