"""What was sent and used for nothing goes, and nothing else does."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.attachments.files import photo
from tests.web.test_attachments import contents, sent, store
from tiesan.audit import Actor
from tiesan.clock import now
from tiesan.extensions import db
from tiesan.records.attachments.content import fit_to_keep
from tiesan.records.attachments.fit import Fit
from tiesan.records.attachments.models import PDF, Attachment
from tiesan.records.attachments.services import hang_on, keep_file, remove_unused
from tiesan.testing.browsing import person
from tiesan.testing.world import World


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    with app.app_context(), Session(db.engine) as session:
        yield session


def keep(app: Flask, session: Session, world: World, content: bytes, at: datetime) -> int:
    """Keep a file that the cadre sent at a moment, its content written then."""
    row = keep_file(
        Actor(world.accounts["cadre"], "cadre"), session, store(app),
        Fit(content, PDF), "a.pdf", at=at,
    )  # fmt: skip
    session.commit()
    return row.id


def test_what_was_used_for_nothing_goes_after_a_day(
    app: Flask, world: World, session: Session
) -> None:
    sent_at, actor = now(), Actor(world.accounts["cadre"], "cadre")
    used = keep(app, session, world, b"%PDF-shared", sent_at)
    hang_on(actor, session, [used], "flag", world.flags["cO"], at=sent_at)
    keep(app, session, world, b"%PDF-shared", sent_at)
    keep(app, session, world, b"%PDF-alone", sent_at)
    later = keep(app, session, world, b"%PDF-later", sent_at + timedelta(hours=2))
    assert remove_unused(session, store(app), now=sent_at + timedelta(hours=23, minutes=59)) == 0
    assert len(contents(app)) == 3
    assert remove_unused(session, store(app), now=sent_at + timedelta(hours=25)) == 2
    assert set(session.scalars(select(Attachment.id))) == {used, later}
    left = {path.name for path in contents(app)}
    assert left == set(session.scalars(select(Attachment.sha256)))


def test_a_content_that_is_just_being_stored_again_stays(
    app: Flask, world: World, session: Session
) -> None:
    sent_at = now() - timedelta(hours=30)
    keep(app, session, world, b"%PDF-again", sent_at)
    # Somebody has written the content and not yet committed the row.
    assert store(app).keep(b"%PDF-again")
    assert remove_unused(session, store(app), now=now()) == 1
    assert len(contents(app)) == 1


def test_the_next_who_sends_a_file_tidies_up(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.flags
    cadre = person(lite_app, "cadre")
    sent(cadre)
    with lite_app.app_context():
        long_ago = {"sent_at": now() - timedelta(hours=24)}
        db.session.execute(update(Attachment).values(long_ago))
        db.session.commit()
    sent(person(lite_app, "chair"))
    with lite_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Attachment.__table__)) == 1


def test_a_picture_is_kept_as_it_was_written_anew(lite_app: Flask, lite_world: World) -> None:
    assert lite_world.flags
    content = photo()
    sent(person(lite_app, "cadre"), content)
    written = {path.read_bytes() for path in contents(lite_app)}
    fit = fit_to_keep(content)
    assert written == {fit.content, fit.thumbnail}
    assert content not in written
