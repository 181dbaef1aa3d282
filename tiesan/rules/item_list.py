"""Lists as values of parameters: their items, how many there may be, and a list in one cell.

Source: rules-language.md, "Lists as parameters".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from tiesan.facts.folding import folded
from tiesan.facts.kinds import Value
from tiesan.i18n import _

MOST_ITEMS = 200
LONGEST_ITEM = 200
# All items of one list together.
MOST_CHARACTERS = 10_000
# What a cell with the longest list needs if every character of it has to be doubled.
LONGEST_CELL = 2 * MOST_CHARACTERS + 3 * MOST_ITEMS

_QUOTE, _SEPARATOR = '"', ";"
_SEPARATORS = frozenset(";；\n\r")


@dataclass(frozen=True)
class ItemList:
    """The value of a list parameter: different items, in the order in which they were given.

    The order is kept for its readers and means nothing.
    """

    items: tuple[Value, ...]

    @cached_property
    def members(self) -> frozenset[Value]:
        """The items, to be asked for one."""
        return frozenset(self.items)

    @cached_property
    def folded(self) -> frozenset[str]:
        """The texts among the items, folded; one of which nothing is left matches nothing."""
        texts = (folded(each) for each in self.items if isinstance(each, str))
        return frozenset(text for text in texts if text is not None)


def check_items(texts: Iterable[str]) -> None:
    """Raise ValueError with a message when items, as they are written, are no list."""
    found = list(texts)
    if not found:
        message = _("the list is empty: at least one item (to judge nothing switch the rule off)")
        raise ValueError(message)
    if len(found) > MOST_ITEMS:
        text = _("the list has %(number)d items; allowed: %(most)d")
        raise ValueError(text % {"number": len(found), "most": MOST_ITEMS})
    for each in found:
        if len(each) > LONGEST_ITEM:
            text = _("the item '%(item)s' is longer than %(most)d characters")
            raise ValueError(text % {"item": each[:20] + "…", "most": LONGEST_ITEM})
    if sum(map(len, found)) > MOST_CHARACTERS:
        text = _("the items of the list have more than %d characters together")
        raise ValueError(text % MOST_CHARACTERS)


def items_of_cell(cell: str) -> list[str]:
    """The items of a list in one cell, as they are written there; empty ones are skipped.

    They are separated by ``;``, ``；`` or line breaks; one with such a character or a quotation
    mark in it stands in double quotes, each of its own doubled. Raises ValueError.
    """
    return [item for item in _split(cell) if item.strip()]


def cell_of_items(items: Iterable[str]) -> str:
    """A list as one cell holds it; read again, it gives the same items."""
    return _SEPARATOR.join(_quoted(item) if _needs_quotes(item) else item for item in items)


def _needs_quotes(item: str) -> bool:
    return _QUOTE in item or not _SEPARATORS.isdisjoint(item)


def _quoted(item: str) -> str:
    return f'"{item.replace(_QUOTE, 2 * _QUOTE)}"'


def _split(cell: str) -> Iterator[str]:
    at = 0
    while at < len(cell):
        start = at + len(cell[at:]) - len(cell[at:].lstrip())
        if cell[start : start + 1] == _QUOTE:
            item, end = _until_closed(cell, start + 1)
        else:
            end = next((n for n in range(at, len(cell)) if cell[n] in _SEPARATORS), len(cell))
            item = cell[at:end]
            _check_bare(item)
        yield item
        at = end + 1


def _until_closed(cell: str, start: int) -> tuple[str, int]:
    """The quoted item that begins at a place, and where the separator behind it stands."""
    close = start
    while (close := cell.find(_QUOTE, close)) >= 0 and cell[close + 1 : close + 2] == _QUOTE:
        close += 2
    if close < 0:
        raise ValueError(_("a double quote in the list is never closed"))
    end = next((n for n in range(close + 1, len(cell)) if cell[n] in _SEPARATORS), len(cell))
    if cell[close + 1 : end].strip():
        text = _("behind the closing double quote of an item a separator is missing: %s")
        raise ValueError(text % cell[close + 1 : end].strip())
    return cell[start:close].replace(2 * _QUOTE, _QUOTE), end


def _check_bare(item: str) -> None:
    if _QUOTE in item:
        text = _(
            "the item '%s' has a double quote in it: put it in double quotes, with two for one"
        )
        raise ValueError(text % item.strip())
