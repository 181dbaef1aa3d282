"""What an official document says, before anything is written: plain values.

An official document is Chinese, whoever asks for it; its texts are worked out in that language.
"""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the first (一、) or second level (（一）), with its number."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the body."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its title, its head and its rows, of which the first cell names the row."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block: TypeAlias = Heading | Paragraph | Table


@dataclass(frozen=True, slots=True)
class OfficialDocument:
    """A document in the official form.

    ``issuer`` stands in the head and at the end; ``number`` is blank in a draft, and so is
    ``dated``. ``copies`` (抄送) may be blank. ``marked`` is what stands above a document that is
    not for everybody.
    """

    issuer: str
    number: str
    title: str
    addressee: str
    blocks: tuple[Block, ...]
    dated: date | None
    attachments: tuple[str, ...] = ()
    copies: str = ""
    marked: str = ""


_DIGITS = "〇一二三四五六七八九十"
_TEN = 10


def ordinal(number: int) -> str:
    """Return a number from 1 to 99 as headings count: 一, 十二, 二十.

    Raises ValueError for any other.
    """
    if not 1 <= number < _TEN * _TEN:
        message = f"no heading counts to {number}"
        raise ValueError(message)
    tens, ones = divmod(number, _TEN)
    begun = "" if tens == 0 else f"{_DIGITS[tens] if tens > 1 else ''}十"
    return begun + (_DIGITS[ones] if ones else "")


def written_day(day: date) -> str:
    """Return a day as documents write it: Arabic numerals without leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def width_in_characters(text: str) -> float:
    """Return how many full characters wide a text is; letters and numerals are half of one."""
    return sum(0.5 if character.isascii() else 1.0 for character in text)
