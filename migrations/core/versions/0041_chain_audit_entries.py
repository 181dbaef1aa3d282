"""Chain the entries of the audit trail, those that are there as well, and let contents go.

What is hashed is written out here: a revision does not change with the code that writes entries.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_ENTRY = sa.table(
    "audit_entry",
    sa.column("id", sa.Integer()),
    sa.column("at", sa.DateTime()),
    sa.column("actor_id", sa.Integer()),
    sa.column("verb", sa.String()),
    sa.column("object_kind", sa.String()),
    sa.column("object_id", sa.Integer()),
    sa.column("district_id", sa.Integer()),
    sa.column("actor_name", sa.String()),
    sa.column("object_code", sa.String()),
    sa.column("details", sa.JSON()),
)
_LINK = sa.table(
    "audit_link",
    sa.column("chain", sa.Integer()),
    sa.column("number", sa.Integer()),
    sa.column("entry_id", sa.Integer()),
    sa.column("digest", sa.LargeBinary()),
    sa.column("hash", sa.LargeBinary()),
)
_HEAD = sa.table(
    "audit_head",
    sa.column("chain", sa.Integer()),
    sa.column("number", sa.Integer()),
    sa.column("hash", sa.LargeBinary()),
)
_AT_ONCE = 5000
_CONTENTS = ("actor_name", "object_code", "details")
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False).encode


def upgrade() -> None:
    with op.batch_alter_table("audit_entry") as batch:
        batch.add_column(sa.Column("removed_at", sa.DateTime(), nullable=True))
        batch.add_column(sa.Column("removed_by", sa.String(length=100), nullable=True))
        batch.add_column(sa.Column("contents_digest", sa.LargeBinary(length=32), nullable=True))
        batch.create_check_constraint(
            op.f("ck_audit_entry_removed_wholly"),
            "(removed_at IS NULL) = (removed_by IS NULL)"
            " AND (removed_at IS NULL) = (contents_digest IS NULL)",
        )
        batch.create_check_constraint(
            op.f("ck_audit_entry_removed_is_empty"),
            "removed_at IS NULL OR (actor_name = '' AND object_code IS NULL)",
        )
    _create_link()
    _create_head()
    _chain_entries()


def _create_link() -> None:
    op.create_table(
        "audit_link",
        sa.Column("chain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_audit_link_number")),
        sa.CheckConstraint(
            "length(digest) = 32 AND length(hash) = 32", name=op.f("ck_audit_link_length")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_link_entry_id")
        ),
        sa.PrimaryKeyConstraint("chain", "number", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_link_entry_id")),
    )


def _create_head() -> None:
    op.create_table(
        "audit_head",
        sa.Column("chain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("number >= 0", name=op.f("ck_audit_head_number")),
        sa.CheckConstraint("length(hash) = 32", name=op.f("ck_audit_head_length")),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_head")),
    )


def _chain_entries() -> None:
    connection = op.get_bind()
    heads: dict[int, tuple[int, bytes]] = {}
    for rows in _entries(connection):
        links = []
        for row in rows:
            chain = row["district_id"] or 0
            number, before = heads.get(chain, (0, bytes(32)))
            digest = _digest(row)
            heads[chain] = number + 1, sha256(digest + before).digest()
            links.append({
                "chain": chain, "number": number + 1, "entry_id": row["id"],
                "digest": digest, "hash": heads[chain][1],
            })  # fmt: skip
        connection.execute(sa.insert(_LINK), links)
    for chain, (number, last) in heads.items():
        connection.execute(sa.insert(_HEAD).values(chain=chain, number=number, hash=last))


def _entries(connection: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    """All entries in the order in which they were added, some thousand at a time."""
    last = 0
    while True:
        statement = sa.select(_ENTRY).where(_ENTRY.c.id > last).order_by(_ENTRY.c.id)
        rows = [dict(row) for row in connection.execute(statement.limit(_AT_ONCE)).mappings()]
        if not rows:
            return
        yield rows
        last = rows[-1]["id"]


def _digest(row: dict[str, Any]) -> bytes:
    contents = {name: row.pop(name) for name in _CONTENTS}
    entry = {
        **row,
        "at": row["at"].isoformat(timespec="microseconds"),
        "contents": sha256(_encode(contents).encode()).hexdigest(),
    }
    return sha256(_encode(entry).encode()).digest()


def downgrade() -> None:
    op.drop_table("audit_head")
    op.drop_table("audit_link")
    with op.batch_alter_table("audit_entry") as batch:
        batch.drop_constraint(op.f("ck_audit_entry_removed_is_empty"), type_="check")
        batch.drop_constraint(op.f("ck_audit_entry_removed_wholly"), type_="check")
        batch.drop_column("contents_digest")
        batch.drop_column("removed_by")
        batch.drop_column("removed_at")
