"""Codes that a spreadsheet has mangled, so that nobody becomes two persons by saving a list.

Spreadsheets drop leading zeros, write long numbers with an exponent, and show `#` where a column is
too narrow. Source: exchange.md, "CSV conventions".
"""

import re
from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.columns import CODE
from tiesan.i18n import _
from tiesan.records.exchange.parsing import ParsedFile, Row
from tiesan.records.exchange.problems import Remark, shown
from tiesan.records.exchange.targets import Registry
from tiesan.records.text import alike

_EXPONENT = re.compile(r"[0-9](?:\.([0-9]+))?E[+-][0-9]+")
_TOO_NARROW = re.compile("#+")


def check_codes(session: Session, parsed: ParsedFile, registry: Registry) -> list[Remark]:
    """Refuse new codes that a spreadsheet mangled; give remarks on two such in one file."""
    ids, place = registry[parsed.file.kind.name].ids, parsed.file.position[CODE]
    new = [
        (row, code)
        for row in parsed.rows
        if isinstance(code := row.values[place], str) and ids.get(code, 0) < 0
    ]
    if not new:
        return []
    columns = parsed.file.table.c
    stored = _Stored(session.scalars(select(columns.code)))
    remaining = []
    for row, code in new:
        text = _wrong(code, stored)
        if text is None:
            remaining.append((row, code))
        else:
            parsed.blame(row, CODE, text)
    return list(_doubles(parsed, remaining))


class _Stored:
    """The stored codes of a kind, by what is left of them."""

    def __init__(self, codes: Iterable[str]) -> None:
        self._by_rest = {alike(code): code for code in codes}

    def like(self, code: str) -> str | None:
        """A stored code that differs in zeros and case alone."""
        return self._by_rest.get(alike(code))

    def number(self, written: str, decimals: int) -> str | None:
        """A stored code of digits that a spreadsheet writes so."""
        for code in self._by_rest.values():
            if code.isdecimal() and f"{int(code):.{decimals}E}" == written:
                return code
        return None


def _wrong(code: str, stored: _Stored) -> str | None:
    exponent = _EXPONENT.fullmatch(code)
    if exponent is not None:
        meant = stored.number(code, len(exponent[1] or ""))
        text = _("a code that a spreadsheet wrote as a number with an exponent")
    elif _TOO_NARROW.fullmatch(code):
        meant, text = None, _("a code that a spreadsheet had no room to show")
    else:
        meant = stored.like(code)
        if meant is None:
            return None
        text = _("a new code that looks like a stored one, mangled by a spreadsheet")
    if meant is not None:
        text = _("%(wrong)s; stored is: %(code)s", wrong=text, code=shown(meant))
    return _("%(wrong)s; found: %(found)s", wrong=text, found=shown(code))


def _doubles(parsed: ParsedFile, rows: Iterable[tuple[Row, str]]) -> Iterator[Remark]:
    """Remarks on new codes of one file that differ in zeros and case alone."""
    first: dict[str, str] = {}
    for row, code in rows:
        other = first.setdefault(alike(code), code)
        if other != code:
            text = _("two new codes that differ in leading zeros or case alone")
            yield parsed.remark(row, CODE, text, f"{code}, {other}")
