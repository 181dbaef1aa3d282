"""Let postings say when cadres were in post, and cadres from when they are judged.

So far a cadre's days of joining and leaving stood beside the postings, which were not corrected
with them; from now on both say the same.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CADRE = sa.table(
    "cadre",
    sa.column("id", sa.Integer()),
    sa.column("organization_id", sa.Integer()),
    sa.column("joined_on", sa.Date()),
    sa.column("left_on", sa.Date()),
)
_POSTING = sa.table(
    "posting",
    sa.column("id", sa.Integer()),
    sa.column("cadre_id", sa.Integer()),
    sa.column("organization_id", sa.Integer()),
    sa.column("from_on", sa.Date()),
    sa.column("until_on", sa.Date()),
)


def upgrade() -> None:
    op.add_column("cadre", sa.Column("assessed_from", sa.Date(), nullable=True))
    _agree(op.get_bind())
    without_end = sa.text("until_on IS NULL")
    op.create_index(
        "uq_posting_without_end",
        "posting",
        ["cadre_id"],
        unique=True,
        sqlite_where=without_end,
        postgresql_where=without_end,
    )


def downgrade() -> None:
    op.drop_index("uq_posting_without_end", table_name="posting")
    op.drop_column("cadre", "assessed_from")


def _agree(connection: sa.Connection) -> None:
    """Bring every cadre's postings in line with the days of joining and leaving."""
    postings = defaultdict(list)
    in_order = sa.select(_POSTING).order_by(_POSTING.c.from_on)
    for row in connection.execute(in_order).mappings():
        postings[row["cadre_id"]].append(dict(row))
    for cadre in connection.execute(sa.select(_CADRE)).all():
        before = postings[cadre.id]
        after = list(_agreeing(cadre, before))
        kept = {row["id"] for row in after}
        gone = [row["id"] for row in before if row["id"] not in kept]
        if gone:
            connection.execute(sa.delete(_POSTING).where(_POSTING.c.id.in_(gone)))
        for row in after:
            _write(connection, row)


def _agreeing(cadre: Any, before: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The postings inside the cadre's time, the first and the last one as long as it."""
    if cadre.left_on is not None and cadre.left_on <= cadre.joined_on:
        return
    last_day = None if cadre.left_on is None else cadre.left_on - timedelta(days=1)
    inside = [
        row for row in before if row["until_on"] is None or row["until_on"] >= cadre.joined_on
    ]
    if last_day is not None:
        inside = [row for row in inside if row["from_on"] <= last_day]
    if not inside:
        inside = [{"id": None, "cadre_id": cadre.id}]
    for place, row in enumerate(inside):
        changed = dict(row)
        if place == 0:
            changed["from_on"] = cadre.joined_on
        if place == len(inside) - 1:
            changed |= {"until_on": last_day, "organization_id": cadre.organization_id}
        yield changed


def _write(connection: sa.Connection, row: dict[str, Any]) -> None:
    values = {name: value for name, value in row.items() if name != "id"}
    if row["id"] is None:
        connection.execute(sa.insert(_POSTING).values(values))
    else:
        connection.execute(sa.update(_POSTING).where(_POSTING.c.id == row["id"]).values(values))
