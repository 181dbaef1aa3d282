"""What is remembered for the first page is dropped by every write, in whatever order it commits."""

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from tiesan.access.viewer import Viewer, current_viewer
from tiesan.admin.shell.remembered import remembered
from tiesan.audit import COMMAND_LINE, Subject, record_entry
from tiesan.clock import now
from tiesan.extensions import db
from tiesan.testing.world import World


def write(session: sa.orm.Session) -> None:
    """Write an entry of the trail, and leave it to others to commit it."""
    record_entry(session, COMMAND_LINE, "create", Subject("cadre", 1, "C1", None), at=now())
    session.flush()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_what_commits_after_a_later_number_is_not_overlooked(app: Flask, world: World) -> None:
    assert world.records
    found: list[date] = []

    def find(_viewer: Viewer, day: date) -> int:
        found.append(day)
        return len(found)

    def look() -> int:
        with app.test_request_context("/"):
            return remembered("tried", find, current_viewer(), date(2026, 3, 2))

    with app.app_context():
        engine = db.engine
    # Each look is a request of its own, so that nothing is left of what another one asked.
    with sa.orm.Session(engine) as early, sa.orm.Session(engine) as late:
        write(early)
        write(late)
        late.commit()
        before = look()
        early.commit()
        assert look() > before
