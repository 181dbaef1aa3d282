"""Where chains end is written down elsewhere: against that a cut end is found.

A line of the file is a day, a chain, the district's code (``-`` for the installation), a number and
a hash, with tabs between them. Lines are only ever added.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, select

from tiesan.audit.models import INSTALLATION, AuditEntry, AuditHead
from tiesan.errors import UserError
from tiesan.i18n import _

NO_CODE = "-"
_tables = AuditEntry.metadata.tables
_HEAD = _tables[AuditHead.__tablename__]
_FIELDS = 5


@dataclass(frozen=True, slots=True)
class KnownHead:
    """What a chain once ended with, as it was written down elsewhere."""

    chain: int
    number: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head(KnownHead):
    """What a chain ends with now; ``code`` is that of its district."""

    code: str


def current_heads(connection: Connection, chains: Iterable[int] | None = None) -> list[Head]:
    """Return the heads of these chains, or of all, that of the installation first."""
    statement = select(_HEAD.c.chain, _HEAD.c.number, _HEAD.c.hash).order_by(_HEAD.c.chain)
    if chains is not None:
        statement = statement.where(_HEAD.c.chain.in_(sorted(chains)))
    codes = chain_codes(connection)
    return [Head(*row, codes.get(row.chain, NO_CODE)) for row in connection.execute(statement)]


def chain_codes(connection: Connection) -> Mapping[int, str]:
    """Return the codes of the districts whose chains there are, by chain."""
    place = _tables["organization"]
    rows = connection.execute(
        select(place.c.id, place.c.code).join(_HEAD, _HEAD.c.chain == place.c.id)
    )
    return {INSTALLATION: NO_CODE, **{row.id: row.code for row in rows}}


def head_line(head: Head, day: date) -> str:
    """Return the line that says where a chain ended on a day."""
    fields = day.isoformat(), str(head.chain), head.code, str(head.number), head.hash.hex()
    return "\t".join(fields)


def add_heads(file: Path, heads: Iterable[Head], day: date) -> int:
    """Add a line for each head to a file, which is made if there is none; returns how many.

    They are on the disk when this returns. Raises OSError where the file cannot be written.
    """
    lines = [f"{head_line(each, day)}\n" for each in heads]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    with file.open("a", encoding="utf-8", newline="\n") as written:
        written.writelines(lines)
        written.flush()
        os.fsync(written.fileno())
    return len(lines)


def read_heads(file: Path) -> list[KnownHead]:
    """Return the heads that a file holds.

    Raises OSError where it cannot be read, and UserError, naming the line, where one is none.
    """
    return list(_heads(file))


def _heads(file: Path) -> Iterator[KnownHead]:
    with file.open(encoding="utf-8", errors="replace") as lines:
        for position, line in enumerate(lines, 1):
            if not line.strip():
                continue
            head = _head(line)
            if head is None:
                raise UserError(_(
                    "%(file)s, line %(line)d is no head of a chain: a day, a chain, a code, a"
                    " number and a hash, with tabs between them.", file=file.name, line=position,
                ))  # fmt: skip
            yield head


def _head(line: str) -> KnownHead | None:
    fields = line.rstrip("\r\n").split("\t")
    if len(fields) != _FIELDS:
        return None
    _day, chain, _code, number, hash_ = fields
    try:
        return KnownHead(int(chain), int(number), bytes.fromhex(hash_))
    except ValueError:
        return None
