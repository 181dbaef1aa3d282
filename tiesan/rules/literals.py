"""Constants read from their text by a declared type, exactly.

Source: rules-language.md, "Files" and "Conditions": ``17:30`` is a time, ``199.99`` an amount,
``no`` a text; 199.995 is refused. A length is written in days and kept in half days.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, time

from tiesan.facts.kinds import FieldType, Value
from tiesan.i18n import _
from tiesan.money import format_amount, parse_amount
from tiesan.rules.spelling import listing

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
# The longest life of a calendar has seven digits of days.
_LENGTH = re.compile(r"(0|[1-9][0-9]{0,6})(\.[05])?")
_BOOLEANS = {"true": True, "false": False}


def parse_date(text: str) -> date:
    """A date ``YYYY-MM-DD``; raises ValueError with a message."""
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError(_("'%s' is no date; allowed: YYYY-MM-DD") % text)


def parse_time(text: str) -> time:
    """A time ``HH:MM``; raises ValueError with a message."""
    if _TIME.fullmatch(text):
        try:
            return time.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError(_("'%s' is no time; allowed: HH:MM, two digits each") % text)


def parse_integer(text: str) -> int:
    """A whole number of at most 18 digits; raises ValueError with a message."""
    if _INTEGER.fullmatch(text):
        return int(text)
    raise ValueError(_("'%s' is no whole number") % text)


def parse_boolean(text: str) -> bool:
    """``true`` or ``false``; raises ValueError with a message."""
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    raise ValueError(_("'%s' is neither true nor false") % text)


def parse_text(text: str) -> str:
    """A text in Unicode NFC; raises ValueError when nothing is left of it."""
    normal = unicodedata.normalize("NFC", text).strip()
    if not normal:
        raise ValueError(_("a blank text; to ask for a blank use the op 'absent'"))
    return normal


def parse_yuan(text: str) -> int:
    """An amount in yuan, as fen; raises ValueError with a message."""
    try:
        return parse_amount(text)
    except ValueError:
        message = _("'%s' is no amount in yuan; allowed: digits with at most two decimals")
        raise ValueError(message % text) from None


def parse_length(text: str) -> int:
    """A number of days such as ``10`` or ``10.5``, as half days; raises ValueError."""
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise ValueError(_("'%s' is no length; allowed: whole and half days") % text)
    return 2 * int(found[1]) + (found[2] == ".5")


_PARSERS: Mapping[FieldType, Callable[[str], Value]] = {
    FieldType.DATE: parse_date,
    FieldType.TIME: parse_time,
    FieldType.INTEGER: parse_integer,
    FieldType.BOOLEAN: parse_boolean,
    FieldType.AMOUNT: parse_yuan,
    FieldType.TEXT: parse_text,
    FieldType.REFERENCE: parse_text,
    FieldType.LENGTH: parse_length,
}


def parse_literal(text: str, kind: FieldType, choices: Iterable[str] = ()) -> Value:
    """The value of a text for a type; raises ValueError with a message in the user's language."""
    if kind is FieldType.CHOICE:
        allowed = list(choices)
        if text in allowed:
            return text
        message = _("'%(found)s' is no choice; allowed: %(allowed)s")
        raise ValueError(message % {"found": text, "allowed": listing(allowed, text)})
    return _PARSERS[kind](text)


def _days(half_days: int) -> str:
    return f"{half_days // 2}.5" if half_days % 2 else str(half_days // 2)


# Whole numbers that are written as parts of something larger.
_FRACTIONS: Mapping[FieldType, Callable[[int], str]] = {
    FieldType.AMOUNT: format_amount,
    FieldType.LENGTH: _days,
}


def raw_text(value: Value, kind: FieldType) -> str:
    """A value as the exchange format writes it; blank is the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, int) and kind in _FRACTIONS:
        return _FRACTIONS[kind](value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
