"""Clauses held against the page on the institutions: whoever is flagged reads what was said.

The page is in the repository and in no wheel; without it nothing is compared.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tiesan.i18n import _
from tiesan.paths import PACKAGE
from tiesan.rules import Rule

PAGE = PACKAGE.parent / "docs" / "institutions.md"
_ROW = re.compile(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
# What is left out between two passages of a clause.
LEFT_OUT = "……"


def clauses_of(page: str) -> Mapping[str, str]:
    """What each institution says, by plugin, from the table of the page."""
    return {plugin: _plain(text) for plugin, text in _ROW.findall(page)}


def clause_problems(rules: Iterable[Rule], page: Path = PAGE) -> Iterator[str]:
    """What the clauses of rules have that their institutions do not say, in that order.

    A rule of a plugin that the page does not know is not compared.
    """
    if not page.is_file():
        return
    said = clauses_of(page.read_text(encoding="utf-8"))
    for rule in rules:
        if rule.plugin not in said:
            continue
        passage = unsaid_passage(rule.clause.zh, said[rule.plugin])
        if passage is not None:
            text = _("%(place)s: %(rule)s: the institution does not say “%(passage)s” there")
            yield text % {"place": rule.position, "rule": rule.id, "passage": passage}


def unsaid_passage(clause: str, text: str) -> str | None:
    """The first passage of a clause that does not follow in a text; None when all do."""
    at = 0
    for passage in clause.split(LEFT_OUT):
        found = _plain(text).find(_plain(passage), at)
        if found < 0 or not passage:
            return passage
        at = found + len(passage)
    return None


def _plain(text: str) -> str:
    """Semicolons may be of either width: the speech has the narrow one."""
    return text.replace("；", ";").strip()
