"""Which records need not be read to find what is owed: they can fulfil nothing, or are done with.

A duty counts records of the periods that are looked at and of no day before; a deadline that is
done by a field of its own record is owed only where that field is blank. Where a kind is read in
any other way, all of it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from tiesan.flags.catalog import Catalog
from tiesan.flags.collect import Wanted
from tiesan.rules import Dated, Deadline, Duty, Path, Rule, kinds_needed, paths_of_rule


def wanted_rows(
    catalog: Catalog, rules: Iterable[Rule], since: Mapping[str, date], as_of: date
) -> dict[str, Wanted]:
    """Return by kind which rows are to be read; a kind that is not in it is read whole.

    ``since`` are the first days of the periods that are looked at, by the name of the
    rule; a duty that is not in it has none.
    """
    found: dict[str, list[Wanted | None]] = defaultdict(list)
    for each in catalog.sources.excuses:
        found[each.kind].append(None)
    for rule in rules:
        for kind, wanted in _uses(catalog, rule, since, as_of):
            found[kind].append(wanted)
    return {kind: _joined(uses) for kind, uses in found.items() if None not in uses}


def _joined(uses: Iterable[Wanted | None]) -> Wanted:
    known = [each for each in uses if each is not None]
    return Wanted(
        tuple(dict.fromkeys(pair for each in known for pair in each.since)),
        tuple(dict.fromkeys(pair for each in known for pair in each.unfilled)),
    )


def _uses(
    catalog: Catalog, rule: Rule, since: Mapping[str, date], as_of: date
) -> Iterator[tuple[str, Wanted | None]]:
    """Each kind that a rule reads, with the rows of it that it wants; None for all."""
    narrowed = _narrowed(rule, since, as_of)
    for kind in kinds_needed(rule, catalog.kinds):
        is_main = narrowed is not None and kind == narrowed[0]
        yield kind, narrowed[1] if is_main and narrowed and not _else(rule, kind) else None


def _narrowed(rule: Rule, since: Mapping[str, date], as_of: date) -> tuple[str, Wanted] | None:
    """The kind of which a rule wants some rows only, and which."""
    match rule.form:
        case Duty(counts=counts) if counts.date is not None and _is_own(counts.date):
            # What is to come is after every day on which a duty could be looked at.
            day = since.get(rule.name, date.max)
            return counts.kind, Wanted(since=((counts.date.field.name, day),))
        case Deadline(anchor=anchor, done=Path() as done) if _is_own(done):
            return anchor.kind, Wanted(unfilled=((done.field.name, as_of),))
    return None


def _is_own(path: Path) -> bool:
    """Whether a path is a stored field of the record itself."""
    return path.stored and not path.field.derived


def _else(rule: Rule, kind: str) -> bool:
    """Whether a rule reads a kind in another way besides: as what it relates to or refers to."""
    form = rule.form
    selection = form.owed_by if isinstance(form, Duty) else None
    if isinstance(form, Deadline):
        selection = form.anchor
        if any(isinstance(each, Dated) and each.kind == kind for each in (form.done, form.again)):
            return True
    if selection is not None and any(each.kind == kind for each in selection.related):
        return True
    references = (each for path in paths_of_rule(rule) for each in path.references)
    return any(each.to == kind for each in references)
