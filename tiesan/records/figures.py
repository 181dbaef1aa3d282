"""What a plugin says of a figure: what is counted of its records in bulletins and overviews.

A figure is data: a kind of record, the date by which a row counts, conditions, and whether rows are
counted, an amount is summed up or working days are. Nothing is counted of confidential kinds.
``tiesan.contract`` checks the figures when plugins are loaded.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as having
from enum import StrEnum

from tiesan.extensions import Base
from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import _
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Record
from tiesan.records.kinds import fact_kind, record_kind, table_of


class Filled(StrEnum):
    """A condition of a field that names no value."""

    GIVEN = "given"


# The field is filled in; None is that it is blank.
GIVEN = Filled.GIVEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What is counted of a kind of record, for an organization and the days of a span.

    ``name`` tells it apart from the plugin's others. ``date`` is the date by which a row counts, or
    one of a row that it refers to (``session.held_on``). ``where`` are conditions by field: a
    value, several of which one holds, None for blank, ``GIVEN`` for filled in. ``sum`` is the
    amount or the number that is summed up; without it rows are counted. With ``until``, the last
    day of a row that begins on ``date``, its working days that lie in the span are counted, but for
    the halves that ``halves`` leave out: the field that says ``pm`` where the first day begins at
    noon, and the one that says ``am`` where the last day ends then. ``by`` is the reference, or the
    path of two, to the organization or cadre for whom a row counts; by default what a row belongs
    to. A cadre's row counts where the cadre was posted on that day.
    """

    name: str
    title: str
    kind: str
    date: str
    where: Mapping[str, object] = having(default_factory=dict)
    sum: str | None = None
    until: str | None = None
    halves: tuple[str, str] | None = None
    by: str | None = None


def broken_figures(figures: Sequence[Figure], records: Iterable[type[Record]]) -> Iterator[str]:
    """One line for each thing that is wrong with the figures of a plugin."""
    models = {record_kind(each).name: each for each in records}
    seen: set[str] = set()
    for figure in figures:
        said = {"figure": figure.name, "kind": figure.kind}
        if figure.name in seen:
            yield _("there are two figures “%(figure)s”") % said
        seen.add(figure.name)
        model = models.get(figure.kind)
        if model is None:
            yield _("its figure “%(figure)s” counts “%(kind)s”, no kind of its own records") % said
        elif model.policy.confidential:
            yield _("its figure “%(figure)s” counts “%(kind)s”, which is confidential") % said
        else:
            for problem, named in _of_figure(figure, model):
                yield problem % {**said, "field": named}


def _of_figure(figure: Figure, model: type[Record]) -> Iterator[tuple[str, str]]:
    """What of a figure does not fit its kind: a text, and the field that it names."""
    fields = _fields(model)
    yield from _of_dates(figure, model)
    if figure.sum is not None and _type(fields, figure.sum) not in _NUMBERS:
        yield _("its figure “%(figure)s” sums up “%(field)s”, which is no number of it"), figure.sum
    for name, wanted in figure.where.items():
        if name not in fields or not all(_fits(fields[name], each) for each in one_of(wanted)):
            yield _("its figure “%(figure)s” asks of “%(field)s” what it cannot be"), name
    if not all(leads_to_people(model, path) for path in paths_to_people(figure, model)):
        named = ", ".join(paths_to_people(figure, model))
        yield _("its figure “%(figure)s” counts for “%(field)s”, no cadre or organization"), named


def _of_dates(figure: Figure, model: type[Record]) -> Iterator[tuple[str, str]]:
    """What is wrong with the days by which a figure counts."""
    fields = _fields(model)
    if _type_at(model, figure.date) is not FieldType.DATE:
        text = _("its figure “%(figure)s” counts by “%(field)s”, which is no date of “%(kind)s”")
        yield text, figure.date
    if figure.until is not None and _type(fields, figure.until) is not FieldType.DATE:
        text = _("its figure “%(figure)s” counts until “%(field)s”, which is no date of it")
        yield text, figure.until
    for name in sorted(set(figure.halves or ())):
        if _type(fields, name) is not FieldType.CHOICE:
            yield _("its figure “%(figure)s” has halves by “%(field)s”, which is no choice"), name


def one_of(wanted: object) -> tuple[object, ...]:
    """Return the values of which a condition asks one."""
    return wanted if isinstance(wanted, tuple) else (wanted,)


def paths_to_people(figure: Figure, model: type[Record]) -> tuple[str, ...]:
    """Return the references, or paths, for whom a row counts: the first that is given does."""
    return record_kind(model).belongs_to if figure.by is None else (figure.by,)


def leads_to_people(model: type[Base], path: str) -> bool:
    """Whether a path of at most two references ends at a cadre or an organization."""
    name, _dot, rest = path.partition(".")
    target = target_of(model, name)
    if target is None or "." in rest or _is_secret(target):
        return False
    return leads_to_people(target, rest) if rest else target in (Cadre, Organization)


def target_of(model: type[Base], reference: str) -> type[Base] | None:
    """Return the class whose rows a reference names; None where there is no such reference.

    The foreign key tells it: to ask the relationship would have SQLAlchemy work out all of them,
    which a command that only looks at plugins need not wait for.
    """
    column = table_of(model).columns.get(f"{reference}_id")
    tables = [] if column is None else [key.column.table for key in column.foreign_keys]
    return next((each.class_ for each in Base.registry.mappers if each.local_table in tables), None)


def _type_at(model: type[Record], path: str) -> FieldType | None:
    """The type of a field, or of one of a record that a reference names."""
    name, _dot, rest = path.partition(".")
    if not rest:
        return _type(_fields(model), name)
    target = target_of(model, name)
    if target is None or not issubclass(target, Record) or _is_secret(target):
        return None
    return _type(_fields(target), rest)


def _is_secret(model: type[Base]) -> bool:
    return issubclass(model, Record) and model.policy.confidential


def _type(fields: Mapping[str, Field], name: str) -> FieldType | None:
    return fields[name].type if name in fields else None


def _fields(model: type[Base]) -> Mapping[str, Field]:
    return {field.name: field for field in fact_kind(model).fields}


def _fits(field: Field, value: object) -> bool:
    """Whether a field may be asked for a value."""
    if value is None or value is GIVEN:
        return True
    if field.type is FieldType.CHOICE:
        return value in field.choices
    return type(value) is _CONSTANTS.get(field.type)


_NUMBERS = (FieldType.AMOUNT, FieldType.INTEGER)
_CONSTANTS = {FieldType.BOOLEAN: bool, FieldType.INTEGER: int, FieldType.AMOUNT: int}
