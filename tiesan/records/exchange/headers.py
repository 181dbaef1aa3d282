"""Which column of a file is which field: by name, or by its Chinese label, in any order."""

from dataclasses import dataclass

from tiesan.i18n import CHINESE, _, use_language
from tiesan.records.exchange.files import ExchangeFile
from tiesan.records.exchange.problems import shown
from tiesan.records.exchange.tables import Cell
from tiesan.records.text import clean_code


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file that were recognised.

    ``fields`` gives for each column the position of its field, None for one that is not read;
    ``names`` gives for each field the heading under which the file has it, for messages;
    ``nameless`` are the columns without a heading.
    """

    fields: tuple[int | None, ...]
    names: tuple[str, ...]
    present: tuple[bool, ...]
    nameless: tuple[int, ...] = ()


def chinese_labels(file: ExchangeFile) -> tuple[str, ...]:
    """The Chinese headings of a file's columns, in order."""
    with use_language(CHINESE):
        return tuple(str(field.label) for field in file.fields)


def read_header(file: ExchangeFile, cells: list[Cell]) -> tuple[Header, list[tuple[str, str]]]:
    """Recognise the columns; returns them with the problems as pairs of column and text."""
    labels = (clean_code(label) or "" for label in chinese_labels(file))
    known = dict(zip(labels, range(len(file.fields)), strict=True))
    known |= file.position
    names = [field.name for field in file.fields]
    problems: list[tuple[str, str]] = []
    fields: list[int | None] = []
    nameless: list[int] = []
    for index, cell in enumerate(cells):
        heading = (clean_code(cell) if isinstance(cell, str) else cell.reason) or ""
        position = known.get(heading)
        if not heading:
            nameless.append(index)
        elif position is None:
            problems.append((shown(heading), _unknown(file)))
        elif position in fields:
            problems.append((shown(heading), _("this column stands twice in the header")))
            position = None
        else:
            names[position] = heading
        fields.append(position)
    present = tuple(position in fields for position in range(len(file.fields)))
    problems += _missing(file, present)
    return Header(tuple(fields), tuple(names), present, tuple(nameless)), problems


def _unknown(file: ExchangeFile) -> str:
    known = ", ".join(field.name for field in file.fields)
    return _("unknown column; known are: %(known)s", known=known)


def _missing(file: ExchangeFile, present: tuple[bool, ...]) -> list[tuple[str, str]]:
    required = zip(file.fields, present, strict=True)
    text = _("this column is required and missing")
    return [(field.name, text) for field, there in required if field.required and not there]
