"""What libyaml finds wrong, in words of both languages.

It says it in English and in terms of its own grammar. Whoever writes a rule needs to know what to
change, so that the slips that people make are named here; the rest is passed on as it is.
"""

import re
from collections.abc import Mapping

from tiesan.i18n import _, _l

_INDENTATION = _l("the indentation does not fit the lines above")
_TEXT_BEHIND = _l("a text behind the end of a value")
_TAB = _l("a tab; allowed for indentation: spaces only")
_COLON = _l(
    "a colon that follows no key; put a text with a colon in quotes, or correct the indentation"
)
_MISPLACED = _l("'%(found)s' does not belong here")
_CLOSING = ("}", "]", ",")
ALIAS = _l("aliases (*name) are not allowed")
ANCHOR = _l("anchors (&name) are not allowed")
TAG = _l("tags (!name) are not allowed")
DEPTH = _l("nested too deeply")
ANOTHER_DOCUMENT = _l("only one document per file")
_SCANNING: Mapping[str, str] = {
    "while scanning an alias": ALIAS,
    "while scanning an anchor": ANCHOR,
    "while scanning a tag": TAG,
    "while parsing a tag": TAG,
}
_PROBLEMS: Mapping[str, str] = {
    r"found character that cannot start any token": _l(
        "no value can begin with %(found)s; put it in quotes"
    ),
    r"found a tab character .*": _TAB,
    r"mapping values are not allowed in this context": _COLON,
    r"could not find expected ':'": _l(
        "a key without a colon and a space behind it (a full-width colon does not count)"
    ),
    r"did not find expected ',' or '(?P<found>.)'": _l(
        "a comma or the closing '%(found)s' is missing (full-width marks do not count)"
    ),
    r"did not find expected '-' indicator": _INDENTATION,
    r"did not find expected (key|<document start>)": _INDENTATION,
    r"found unexpected end of stream": _l("a quotation mark that is never closed"),
    r"block sequence entries are not allowed in this context": _l(
        "an item of a list must begin on its own line"
    ),
    r"found unexpected ':'": _COLON,
    r"found unknown escape character": _l(
        "a backslash before %(found)s in double quotes; write two backslashes for one"
    ),
}
_ESCAPE = re.compile(r"\\U([0-9a-fA-F]{8})")
_DOCUMENT_END = re.compile(r"^\.\.\.(\s|$)", re.MULTILINE)
_MOST = 0x10FFFF


def in_words_of_scanning(context: object) -> str | None:
    """That what libyaml was reading is not allowed anyway; None when it may be."""
    words = _SCANNING.get(str(context))
    return None if words is None else str(words)


def in_words(problem: object, text: str, index: int) -> str:
    """What is wrong at a place of a text, in the current language where it has words there."""
    found = str(problem)
    if found == "found incompatible YAML document":
        return _("the file is of another version than YAML 1.2")
    if found == "found invalid Unicode character escape code":
        return _wrong_escape(text, index)
    if found == "exceeded maximum nesting depth":
        return str(DEPTH)
    if found == "did not find expected <document start>" and _DOCUMENT_END.search(text[:index]):
        return str(ANOTHER_DOCUMENT)
    return _("this is no valid YAML: %s") % _named(found, text, index)


def _wrong_escape(text: str, index: int) -> str:
    """An escape of what is no character; libyaml names the place behind its letter."""
    escape = _ESCAPE.search(text, max(index - 2, 0))
    if escape is not None and int(escape[1], 16) > _MOST:
        return _("an escape beyond the end of Unicode")
    return _("the text holds a character that cannot be stored")


def _named(found: str, text: str, index: int) -> str:
    at = text[index : index + 1]
    if found == "did not find expected node content" and at:
        return str(_COLON if at == ":" else _MISPLACED) % {"found": at}
    for pattern, words in _PROBLEMS.items():
        if match := re.fullmatch(pattern, found):
            words_here = _by_place(words, text, index)
            shown = at if words_here is _MISPLACED else repr(at)
            return str(words_here) % {"found": shown, **match.groupdict()}
    return found


def _by_place(words: str, text: str, index: int) -> str:
    """Other words for what only the place of the problem tells apart."""
    at, line = text[index : index + 1], text[text.rfind("\n", 0, index) + 1 : index]
    if words is _INDENTATION and at in _CLOSING:
        return _MISPLACED
    if words is _INDENTATION and line.strip():
        return _TEXT_BEHIND
    return _TAB if at == "\t" else words
