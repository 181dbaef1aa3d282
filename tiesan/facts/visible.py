"""What is known at the end of a day: which rows exist, and which of their dates read as blank.

Source: institutions.md, "as of D": a row whose principal date is later than D does not exist yet;
any other date of something done that is later than D reads as blank; planned dates are known with
their row; organizations and cadres are always known whole. What a kind leaves ``unseen`` is left
out as it reads on the day: a leave withdrawn later is still asked for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from tiesan.facts.kinds import Fact, FactKind, FieldType


def visible(
    kind: FactKind,
    rows: Iterable[Fact],
    as_of: date,
    by_code: Callable[[str], Mapping[str, Fact]],
) -> Iterator[Fact]:
    """The rows of a kind that are known as of a day, with later dates blanked.

    ``rows`` hold the stored fields only; ``by_code(kind)`` gives the visible rows of a kind that
    a principal date lies in, so those kinds have to be collected first.
    """
    if not kind.principal:
        return iter(rows)
    # The date by which a row is known never lies ahead; another one that might be it may.
    dates = [
        position
        for position, each in enumerate(kind.fields)
        if each.type is FieldType.DATE and not each.planned and not each.derived
    ]
    found = _blanked(_known(kind, rows, as_of, by_code), dates, as_of)
    if kind.unseen is None:
        return found
    unseen = kind.unseen(kind)
    return (row for row in found if not unseen(row))


def refers_to(kind: FactKind) -> str | None:
    """The kind whose visibility a kind shares, if its principal date is another row's."""
    reference = _reference(kind)
    return None if reference is None else kind.by_name[reference].to


def _reference(kind: FactKind) -> str | None:
    if len(kind.principal) == 1 and "." in kind.principal[0]:
        return kind.principal[0].split(".")[0]
    return None


def _known(
    kind: FactKind,
    rows: Iterable[Fact],
    as_of: date,
    by_code: Callable[[str], Mapping[str, Fact]],
) -> Iterator[Fact]:
    reference = _reference(kind)
    if reference is not None:
        position, referenced = kind.index[reference], by_code(str(kind.by_name[reference].to))
        return (row for row in rows if row[position] in referenced)
    positions = [kind.index[name] for name in kind.principal]

    def known(row: Fact) -> bool:
        day = next((row[position] for position in positions if row[position] is not None), None)
        return isinstance(day, date) and day <= as_of

    return (row for row in rows if known(row))


def _blanked(rows: Iterable[Fact], dates: list[int], as_of: date) -> Iterator[Fact]:
    for row in rows:
        fact = row
        for position in dates:
            day = row[position]
            if isinstance(day, date) and day > as_of:
                fact = (*fact[:position], None, *fact[position + 1 :])
        yield fact
