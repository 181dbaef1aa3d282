"""From the text of a cell to a value: strict, so that nothing is guessed.

Source: exchange.md, "CSV conventions" and "What a bad row gets". Dates and times are read as well
in the spellings that spreadsheets of a Chinese desktop make of them on saving.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import TypeAlias

from tiesan.columns import CODE
from tiesan.facts.kinds import Field, FieldType, Value
from tiesan.i18n import CHINESE, _, use_language
from tiesan.money import LARGEST_AMOUNT, format_amount, parse_amount
from tiesan.records.exchange.problems import shown
from tiesan.records.text import clean_code, clean_text, unstorable


@dataclass(frozen=True, slots=True)
class ClockReading:
    """A time whose cell says more than the time: the day, or that it is one of the next day."""

    time: time
    text: str
    day: date | None = None
    next_day: bool = False


Parsed: TypeAlias = Value | ClockReading
Parser: TypeAlias = Callable[[str], Parsed]

# Year first, one sign between the parts; no order of day and month is guessed.
_DATE = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})"
    r"|年([0-9]{1,2})月([0-9]{1,2})日"
    r"|([0-9]{2})([0-9]{2}))"
)
_MIDNIGHT = re.compile(r"[ T]0{1,2}:00(:00)?")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00)?")
_NEXT_DAY = "次日"
_WIDE_COLON = "\uff1a"
_HOURS = 24
_LAST_HOUR = 29
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_BOOLEANS = {"true": True, "false": False, "是": True, "否": False}
_LARGEST_INTEGER = 2**31 - 1


def parser_of(
    field: Field, between: tuple[int, int] | None = None, *, over_midnight: bool = False
) -> Parser:
    """The function that reads the cells of a column; it raises ValueError with what is wrong.

    It is given a cell that is not empty, without white space around it. ``between`` are the least
    and the greatest integer; a time may be one of the next day where it may lie ``over_midnight``.
    Equal texts of dates and times are read once.
    """
    clean = clean_code if field.type is FieldType.REFERENCE or field.name == CODE else clean_text
    makers: Mapping[FieldType, Callable[[], Parser]] = {
        FieldType.TEXT: lambda: _text_parser(clean, field.max_length),
        FieldType.REFERENCE: lambda: _text_parser(clean, field.max_length),
        FieldType.CHOICE: lambda: _choice_parser(field),
        FieldType.INTEGER: lambda: _integer_parser(between),
        FieldType.DATE: lambda: _remembering(_date),
        FieldType.TIME: lambda: _remembering(_over_midnight if over_midnight else _time),
        FieldType.AMOUNT: lambda: _amount,
        FieldType.BOOLEAN: lambda: _boolean,
    }
    return makers[field.type]()


def _text_parser(clean: Callable[[str], str | None], longest: int | None) -> Parser:
    def parse(cell: str) -> Parsed:
        text = clean(cell)
        odd = None if text is None else unstorable(text)
        if odd is not None:
            raise ValueError(_("holds a character that no text has: %(found)s", found=odd))
        if text is not None and longest is not None and len(text) > longest:
            wrong = _("longer than %(most)d characters; found: %(number)d")
            raise ValueError(wrong % {"most": longest, "number": len(text)})
        return text

    return parse


def _choice_parser(field: Field) -> Parser:
    values = {value: value for value in field.choices}
    with use_language(CHINESE):
        values |= {clean_code(str(label)) or "": value for value, label in field.choices.items()}

    def parse(text: str) -> Parsed:
        value = values.get(clean_code(text) or "")
        if value is not None:
            return value
        wrong = _("none of the allowed values (%(allowed)s); found: %(found)s")
        allowed = ", ".join(field.choices)
        raise ValueError(wrong % {"allowed": allowed, "found": shown(text)})

    return parse


def _remembering(read: Callable[[str], Parsed]) -> Parser:
    """A parser that reads equal texts once."""
    known: dict[str, Parsed] = {}

    def parse(text: str) -> Parsed:
        value = known.get(text)
        if value is None:
            value = known[text] = read(text)
        return value

    return parse


def _date(text: str) -> Parsed:
    day, rest = _leading_date(text)
    if day is not None and (not rest or _MIDNIGHT.fullmatch(rest)):
        return day
    raise ValueError(_("no date (YYYY-MM-DD); found: %(found)s", found=shown(text)))


def _leading_date(text: str) -> tuple[date | None, str]:
    """The date with which a text begins, if it does, and what follows it."""
    found = _DATE.match(text)
    if found is None:
        return None, text
    year, _sign, *parts = found.groups()
    month, day = (int(part) for part in parts if part is not None)
    try:
        return date(int(year), month, day), text[found.end() :]
    except ValueError:
        return None, text


def _time(text: str) -> Parsed:
    """A time of day; one with a date before it is to be of the row's day."""
    plain = text.replace(_WIDE_COLON, ":")
    day, rest = _leading_date(plain)
    if day is not None and rest[:1] in {" ", "T"}:
        plain = rest[1:]
    else:
        day = None
    moment = _of_day(plain, 0)
    if moment is None:
        raise ValueError(_("no time (HH:MM); found: %(found)s", found=shown(text)))
    return moment if day is None else ClockReading(moment, text, day)


def _over_midnight(text: str) -> Parsed:
    """A time of day that may be one of the next: 24:40 or 次日00:40."""
    plain = text.replace(_WIDE_COLON, ":")
    marked = plain.startswith(_NEXT_DAY)
    rest = plain.removeprefix(_NEXT_DAY).strip()
    moment = _of_day(rest, 0) if marked else _of_day(rest, _HOURS)
    return _time(text) if moment is None else ClockReading(moment, text, next_day=True)


def _of_day(text: str, counted_from: int) -> time | None:
    """The time of day that a text is, whose hours are counted from 0 or, past midnight, from 24."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour, minute = int(found[1]) - counted_from, int(found[2])
    last = _LAST_HOUR - _HOURS if counted_from else _HOURS - 1
    return time(hour, minute) if 0 <= hour <= last and minute < 60 else None  # noqa: PLR2004


def _amount(text: str) -> Parsed:
    try:
        fen = parse_amount(text)
    except ValueError:
        raise ValueError(_amount_problem(text)) from None
    if fen < 0:
        raise ValueError(_("a negative amount; found: %(found)s", found=shown(text)))
    return fen


def _amount_problem(text: str) -> str:
    decimal = _DECIMAL.fullmatch(text)
    if decimal is None:
        return _("no amount in yuan (plain digits); found: %(found)s", found=shown(text))
    if decimal.group(1) and len(decimal.group(1)) > len(".00"):
        return _("more than two decimals; found: %(found)s", found=shown(text))
    most = format_amount(LARGEST_AMOUNT)
    return _("more than %(most)s yuan; found: %(found)s", most=most, found=shown(text))


def _integer_parser(between: tuple[int, int] | None) -> Parser:
    least, most = between or (-_LARGEST_INTEGER, _LARGEST_INTEGER)

    def parse(text: str) -> Parsed:
        if not _INTEGER.fullmatch(text):
            raise ValueError(_("no whole number; found: %(found)s", found=shown(text)))
        number = int(text)
        if not least <= number <= most:
            wrong = _("not between %(least)d and %(most)d; found: %(found)s")
            raise ValueError(wrong % {"least": least, "most": most, "found": shown(text)})
        return number

    return parse


def _boolean(text: str) -> Parsed:
    value = _BOOLEANS.get(text.lower())
    if value is None:
        raise ValueError(_("neither true nor false; found: %(found)s", found=shown(text)))
    return value
