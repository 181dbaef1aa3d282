"""Changes of a text at one address: put, append, drop. Everything else stays as it is written."""

from collections.abc import Sequence

from tiesan.rules.editing.marked import Address, Marked, Plain, UnreadableError, marked
from tiesan.rules.editing.spelling import block, entry, inline, spelled

# A list that says something even when it is empty.
_KEPT_EMPTY = frozenset({"flags"})


class NoPlaceError(LookupError):
    """An address at which the text has nothing, or nothing of this manner."""


def put(text: str, address: Address, value: Plain, order: Sequence[str] = ()) -> str:
    """The text with a value at an address, in the place of what stands there.

    A key that is not there yet is added to its mapping, behind those before it in ``order``; what
    is missing on the way to it is added as well. Raises NoPlaceError.
    """
    root = _read(text)
    if root.at(address) is not None:
        return _replaced(text, root, address, value)
    *way, name = address
    parent = root.at(tuple(way))
    if isinstance(name, int):
        raise NoPlaceError(address)
    if parent is None:
        return put(text, tuple(way), {name: value}, order)
    if parent.blank:
        return put(text, tuple(way), {name: value})
    if parent.is_text or parent.is_list:
        raise NoPlaceError(address)
    return _held(_with_entry(text, parent, name, value, order), address, value)


def append(text: str, address: Address, value: Plain, order: Sequence[str] = ()) -> str:
    """The text with one more item in the list at an address; the list is made where there is none.

    Raises NoPlaceError.
    """
    root = _read(text)
    node = root.at(address)
    if node is None or node.blank:
        return put(text, address, [value], order)
    if not node.is_list:
        raise NoPlaceError(address)
    if not node.items:
        return put(text, address, [value])
    last, place = node.items[-1], (*address, len(node.items))
    if node.braced:
        return _held(f"{text[: last.end]}, {inline(value)}{text[last.end :]}", place, value)
    indent = _column(text, _dash(text, last.start))
    lines = _item_lines(value, indent)
    return _held(_with_lines(text, _line_end(text, last.end), lines, indent), place, value)


def drop(text: str, address: Address) -> str:
    """The text without what stands at an address, and without what it leaves empty.

    Raises NoPlaceError.
    """
    root = _read(text)
    if not address:
        raise NoPlaceError(address)
    *way, name = address
    parent = root.at(tuple(way))
    if parent is None or root.at(address) is None:
        raise NoPlaceError(address)
    if len(parent.items) + len(parent.entries) == 1 and way:
        if way[-1] in _KEPT_EMPTY:
            return put(text, tuple(way), [])
        return drop(text, tuple(way))
    if isinstance(name, int):
        return _without_item(text, parent, name)
    return _without_entry(text, parent, name)


def rename(text: str, address: Address, name: str) -> str:
    """The text with another key for what stands at an address; raises NoPlaceError."""
    root = _read(text)
    node, parent = root.at(address), root.at(address[:-1])
    if node is None or parent is None or parent.is_list or name in parent.entries:
        raise NoPlaceError(address)
    start, end = parent.keys[str(address[-1])]
    changed = text[:start] + spelled(name) + text[end:]
    return _held(changed, (*address[:-1], name), node.plain())


def _read(text: str) -> Marked:
    return marked(text)


def _held(text: str, address: Address, value: Plain) -> str:
    """The text, if a value stands at an address of it now; raises NoPlaceError.

    A comment in an unusual place can make a text that nobody meant; then nothing is changed.
    """
    try:
        node = _read(text).at(address)
    except UnreadableError as error:
        raise NoPlaceError(address) from error
    if node is None or node.plain() != value:
        raise NoPlaceError(address)
    return text


# --- in the place of what stands there ------------------------------------------------------------


def _replaced(text: str, root: Marked, address: Address, value: Plain) -> str:
    node, parent = root.at(address), root.at(address[:-1])
    if node is None or parent is None:
        raise NoPlaceError(address)
    before, after = text[: node.start], text[node.end :]
    if parent.is_list or parent.braced or (isinstance(value, str) and node.is_text):
        return _joined(before, inline(value), after)
    name = str(address[-1])
    start, _end = parent.keys[name]
    indent = _column(text, start)
    return text[:start] + _indented(entry(name, value, indent), indent) + after


def _joined(before: str, value: str, after: str) -> str:
    """A value between two texts; behind a colon there is a blank."""
    return before + (" " if before.endswith(":") else "") + value + after


# --- one more -------------------------------------------------------------------------------------


def _with_entry(text: str, parent: Marked, name: str, value: Plain, order: Sequence[str]) -> str:
    names = list(parent.entries)
    earlier = set(order[: order.index(name)]) if name in order else set(names)
    before = [each for each in names if each in earlier]
    if not names:
        return text[: parent.start] + inline({name: value}) + text[parent.end :]
    if parent.braced:
        at = parent.entries[before[-1] if before else names[-1]].end
        return text[:at] + f", {inline({name: value})[1:-1]}" + text[at:]
    indent = _column(text, parent.keys[names[0]][0])
    behind = parent.entries[before[-1] if before else names[0]]
    return _with_lines(text, _line_end(text, behind.end), entry(name, value, indent), indent)


def _item_lines(value: Plain, indent: int) -> list[str]:
    if isinstance(value, dict) and len(inline(value)) + indent > _WIDTH:
        lines = [line for key, each in value.items() for line in entry(key, each, indent + 2)]
    else:
        lines = block(value, indent + 2)
    return [f"- {lines[0]}", *(f"  {line}" for line in lines[1:])]


_WIDTH = 98


def _with_lines(text: str, at: int, lines: Sequence[str], indent: int) -> str:
    """The text with lines behind the line that ends at a place."""
    return f"{text[:at]}\n{' ' * indent}{_indented(lines, indent)}{text[at:]}"


def _indented(lines: Sequence[str], indent: int) -> str:
    return f"\n{' ' * indent}".join(lines)


# --- one less -------------------------------------------------------------------------------------


def _without_item(text: str, parent: Marked, number: int) -> str:
    item = parent.items[number]
    if parent.braced:
        return _without_one_of(text, [(each.start, each.end) for each in parent.items], number)
    dash = _dash(text, item.start)
    if text[_line_start(text, dash) : dash].strip():
        # It shares its line with the dash of the list around; the next item takes its place.
        following = _dash(text, parent.items[number + 1].start)
        return text[:dash] + text[following:]
    return text[: _line_start(text, dash)] + text[_line_end(text, item.end) + 1 :]


def _without_entry(text: str, parent: Marked, name: str) -> str:
    names = list(parent.entries)
    at = names.index(name)
    spans = [(parent.keys[each][0], parent.entries[each].end) for each in names]
    if parent.braced:
        return _without_one_of(text, spans, at)
    start, end = spans[at]
    if text[_line_start(text, start) : start].strip():
        # It shares its line with the dash of an item; the next key takes its place.
        return text[:start] + text[spans[at + 1][0] :]
    return text[: _line_start(text, start)] + text[_line_end(text, end) + 1 :]


def _without_one_of(text: str, spans: Sequence[tuple[int, int]], at: int) -> str:
    """The text without one of several spans between commas."""
    start, end = spans[at]
    if at + 1 < len(spans):
        return text[:start] + text[spans[at + 1][0] :]
    return text[: spans[at - 1][1]] + text[end:]


# --- places ---------------------------------------------------------------------------------------


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    """Where the line ends in which a place lies; a comment behind it belongs to the line."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _column(text: str, at: int) -> int:
    return at - _line_start(text, at)


def _dash(text: str, start: int) -> int:
    """Where the dash of an item stands that begins at a place."""
    return text.rindex("-", 0, start)
