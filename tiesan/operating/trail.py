"""The proof of the audit trail goes with a backup: where its chains ended; whether they hold."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from tiesan.audit import AuditHead
from tiesan.audit.heads import NO_CODE, KnownHead, chain_codes, current_heads
from tiesan.audit.verifying import chains, verify_chain
from tiesan.i18n import _


def heads_of(session: Session) -> Mapping[str, Sequence[Any]]:
    """Return number and hash of the head of each chain, as plain JSON.

    There are none where the database is older than the chain.
    """
    connection = session.connection()
    if not inspect(connection).has_table(AuditHead.__tablename__):
        return {}
    return {str(each.chain): [each.number, each.hash.hex()] for each in current_heads(connection)}


def faults_of_trail(session: Session, heads: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    """Yield in words which chains are broken, verified also against the heads of a backup."""
    connection = session.connection()
    known = [
        KnownHead(int(chain), int(number), bytes.fromhex(digest))
        for chain, (number, digest) in heads.items()
    ]
    codes = chain_codes(connection)
    for chain in sorted({*chains(connection), *(each.chain for each in known)}):
        own = [each for each in known if each.chain == chain]
        if next(verify_chain(connection, chain, own), None) is not None:
            text = _("The chain %(code)s of the audit trail is broken: run “tiesan audit verify”")
            yield text % {"code": codes.get(chain, NO_CODE)}
