"""From the text of a cell to a value: strict, so that nothing is guessed.

Source: exchange.md, "CSV conventions" and "What a bad row gets".
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from typing import TypeAlias

from tiesan.facts.kinds import Field, FieldType, Value
from tiesan.i18n import CHINESE, _, use_language
from tiesan.money import LARGEST_AMOUNT, format_amount, parse_amount
from tiesan.records.exchange.problems import shown
from tiesan.records.text import clean_text, unstorable

Parser: TypeAlias = Callable[[str], Value]

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_BOOLEANS = {"true": True, "false": False, "是": True, "否": False}
_LARGEST_INTEGER = 2**31 - 1


def parser_of(field: Field, between: tuple[int, int] | None = None) -> Parser:
    """The function that reads the cells of a column; it raises ValueError with what is wrong.

    It is given a cell that is not empty. ``between`` are the least and the greatest integer.
    Equal texts of dates and times are read once.
    """
    if field.type is FieldType.INTEGER:
        return _integer_parser(between)
    if field.type is FieldType.CHOICE:
        return _choice_parser(field)
    if field.type in {FieldType.TEXT, FieldType.REFERENCE}:
        return _text_parser(field.max_length)
    return _PARSERS[field.type]()


def _text_parser(longest: int | None) -> Parser:
    def parse(text: str) -> Value:
        odd = unstorable(text)
        if odd is not None:
            raise ValueError(_("holds a character that no text has: %(found)s", found=odd))
        if longest is not None and len(text) > longest:
            wrong = _("longer than %(most)d characters; found: %(number)d")
            raise ValueError(wrong % {"most": longest, "number": len(text)})
        return text

    return parse


def _choice_parser(field: Field) -> Parser:
    values = {value: value for value in field.choices}
    with use_language(CHINESE):
        values |= {str(label): value for value, label in field.choices.items()}

    def parse(text: str) -> Value:
        if text in values:
            return values[text]
        wrong = _("none of the allowed values (%(allowed)s); found: %(found)s")
        allowed = ", ".join(field.choices)
        raise ValueError(wrong % {"allowed": allowed, "found": shown(text)})

    return parse


def _date_parser() -> Parser:
    read: dict[str, date] = {}

    def parse(text: str) -> Value:
        day = read.get(text)
        if day is None:
            day = read[text] = _date(text)
        return day

    return parse


def _date(text: str) -> date:
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError(_("no date (YYYY-MM-DD); found: %(found)s", found=shown(text)))


def _time_parser() -> Parser:
    read: dict[str, time] = {}

    def parse(text: str) -> Value:
        moment = read.get(text)
        if moment is None:
            moment = read[text] = _time(text)
        return moment

    return parse


def _time(text: str) -> time:
    if _TIME.fullmatch(text):
        try:
            return time.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError(_("no time (HH:MM, two digits each); found: %(found)s", found=shown(text)))


def _amount(text: str) -> Value:
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

    def parse(text: str) -> Value:
        if not _INTEGER.fullmatch(text):
            raise ValueError(_("no whole number; found: %(found)s", found=shown(text)))
        number = int(text)
        if not least <= number <= most:
            wrong = _("not between %(least)d and %(most)d; found: %(found)s")
            raise ValueError(wrong % {"least": least, "most": most, "found": shown(text)})
        return number

    return parse


def _boolean(text: str) -> Value:
    value = _BOOLEANS.get(text.lower())
    if value is None:
        raise ValueError(_("neither true nor false; found: %(found)s", found=shown(text)))
    return value


_PARSERS: Mapping[FieldType, Callable[[], Parser]] = {
    FieldType.DATE: _date_parser,
    FieldType.TIME: _time_parser,
    FieldType.AMOUNT: lambda: _amount,
    FieldType.BOOLEAN: lambda: _boolean,
}


def cleaned(cell: str) -> str | None:
    """The cell as it is read: without white space around it; None when it is empty."""
    return clean_text(cell)
