"""Entries from before there was a chain are chained by the migration, as they would be today."""

from sqlalchemy import Engine, text

from tests.audit.test_verifying import found, links
from tiesan.discovery import load_plugins
from tiesan.migrate import downgrade, upgrade
from tiesan.schema import parts


def test_entries_that_were_there_are_chained(engine: Engine, districts: list[int]) -> None:
    core = next(part for part in parts(load_plugins()) if part.name == "core")
    before = links(engine)
    with engine.connect() as connection:
        hashes = list(
            connection.scalars(text("SELECT hash FROM audit_link ORDER BY chain, number"))
        )
    downgrade(engine, core, "0041")
    downgrade(engine, core, "-1")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_entry (at, actor_name, verb, object_kind, district_id, details) "
                f"VALUES ('2026-03-03 00:00:00', '名', 'x', 'y', {districts[0]}, '{{\"é\": 1.5}}')"
            )
        )
    upgrade(engine, core)
    with engine.connect() as connection:
        assert found(connection) == []
        anew = list(connection.scalars(text("SELECT hash FROM audit_link ORDER BY chain, number")))
    assert len(links(engine)) == len(before) + 1
    assert set(hashes) < set(anew)
