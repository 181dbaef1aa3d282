"""What tells rows, and what would become of them, from all others: digests."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement

from tiesan.people.models import Cadre
from tiesan.records.exchange.files import ExchangeFile
from tiesan.records.exchange.planning import Plan, Planned
from tiesan.records.exchange.service_planning import Postings

# What a person's own row says of the postings, which are kept by themselves.
SERVICE = ("organization_id", "joined_on", "left_on")
_LENGTH = 16


def marked_columns(file: ExchangeFile) -> list[ColumnElement[Any]]:
    """The columns of a kind that a mark speaks of, the id before them."""
    own: list[ColumnElement[Any]] = [
        each for each in file.columns if file.model is not Cadre or each.name not in SERVICE
    ]
    voided = [file.table.c.voided_at] if file.can_be_voided else []
    return [file.table.c.id, *own, *voided]


def mark_of(values: Sequence[Any]) -> str:
    """What tells the values of a row from any others."""
    return hashlib.sha256(orjson.dumps(values)).hexdigest()[:_LENGTH]


def digest_of(plans: Iterable[Plan], postings: Postings) -> str:
    """What tells what storing would do from anything else that it could."""
    digest = hashlib.sha256()
    for plan in plans:
        digest.update(plan.file.stem.encode())
        for each in (*plan.added, *plan.changed):
            digest.update(orjson.dumps(_said(each)))
    for cadre_id, (before, after) in postings.by_rows().items():
        digest.update(orjson.dumps([cadre_id, [*before], [*after]]))
    return digest.hexdigest()


def _said(planned: Planned) -> list[Any]:
    before = None if planned.before is None else planned.before.values
    return [planned.id, planned.district_id, planned.values, before]
