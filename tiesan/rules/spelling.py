"""Names that are allowed, with the one that was probably meant."""

from collections.abc import Iterable, Sequence

from tiesan.i18n import _

# So many characters may be wrong, missing or too many.
MOST_EDITS = 2


def listing(names: Iterable[str], instead_of: str = "") -> str:
    """Names as shown behind "allowed:", with the one that is nearest to what was written instead.

    It is named where a single one is within two edits, and not all of it would have to be edited.
    """
    allowed = tuple(names)
    shown, meant = ", ".join(allowed), _meant(instead_of, allowed)
    if meant is None:
        return shown
    return _("%(allowed)s; did you mean '%(name)s'?") % {"allowed": shown, "name": meant}


def _meant(found: str, allowed: Sequence[str]) -> str | None:
    near = [
        (edits(found, name), name) for name in allowed if abs(len(name) - len(found)) <= MOST_EDITS
    ]
    best = min((number for number, _name in near), default=MOST_EDITS + 1)
    names = {name for number, name in near if number == best}
    if best > MOST_EDITS or best >= len(found) or len(names) > 1:
        return None
    return names.pop()


def edits(one: str, other: str) -> int:
    """How many characters to put in, leave out, replace or swap to make one text the other."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for number, left in enumerate(one, start=1):
        above, row = row, [number]
        for at, right in enumerate(other, start=1):
            row.append(min(above[at] + 1, row[-1] + 1, above[at - 1] + (left != right)))
            swapped = number > 1 and at > 1 and one[number - 2] == right and other[at - 2] == left
            if swapped:
                row[at] = min(row[at], before[at - 2] + 1)
        before = above
    return row[-1]
