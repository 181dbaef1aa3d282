"""Who opens the files of a record: whoever sees the record; of a certificate fewer people."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.attachments.files import picture
from tests.web.entering import rows
from tests.web.test_attachments import store
from tiesan.audit import Actor, AuditEntry
from tiesan.clock import now
from tiesan.errors import UserError
from tiesan.extensions import Base, db
from tiesan.people.models import Cadre, Organization
from tiesan.records.attachments.content import fit_to_keep
from tiesan.records.attachments.services import hang_on, keep_file
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind
from tiesan.records.services import void_record
from tiesan.testing.browsing import person
from tiesan.testing.world import ACTOR, AT, PEOPLE, PLACES, World

# The cadre of O, their chair, and the supervisors who reach O or B; never who only reads the row.
CERTIFICATES = {
    "cadre": {"O"},
    "chair": {"O"},
    "supervisor": {"O", "B"},
    "district": {"O", "B", "S", "P"},
}


def taking(app: Flask) -> list[type[Record]]:
    """The classes whose rows take files."""
    return [each for each in app.extensions["catalog"].plugins.records if each.takes_files]


def hung(app: Flask, session: Session, world: World, kind: str, row_id: int) -> int:
    """Hang a picture on a row, sent by the cadre of O; returns its id."""
    actor = Actor(world.accounts["cadre"], "cadre")
    row = keep_file(actor, session, store(app), fit_to_keep(picture()), "a.jpg", at=now())
    hang_on(actor, session, [row.id], kind, row_id, at=now())
    return row.id


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    # Outside of an application's context, which all requests would share.
    with app.app_context():
        engine = db.engine
    with Session(engine) as session:
        yield session


def _as_it_is(_session: Session, _world: World) -> None:
    """Every record counts, where it was entered."""


def _voided(session: Session, world: World) -> None:
    for mapper in Base.registry.mappers:
        model = mapper.class_
        if issubclass(model, Record) and model.takes_files:
            for row_id in world.records[record_kind(model).name].values():
                row = session.get_one(model, row_id)
                if row.voided_at is None:
                    _void(session, row)


def _void(session: Session, row: Record) -> None:
    nested = session.begin_nested()
    try:
        void_record(ACTOR, session, row, reason="录错", at=AT)
    except UserError:
        # What others refer to stays.
        nested.rollback()


def _moved(session: Session, world: World) -> None:
    """The cadre of O belongs to another district, with all that is theirs."""
    elsewhere = world.organizations["D2"]
    session.execute(
        update(Cadre).where(Cadre.id == world.cadres["CO"]).values(organization_id=elsewhere)
    )
    session.execute(update(Organization).where(Organization.code == "F1").values(chair_id=None))


@pytest.mark.parametrize("happened", [_as_it_is, _voided, _moved])
def test_a_file_is_never_served_to_who_may_not_see_its_record(
    app: Flask, world: World, session: Session, happened: Callable[[Session, World], None]
) -> None:
    """Over every kind that takes files, every place, every role."""
    files = {
        (record_kind(model).name, place): hung(app, session, world, record_kind(model).name, row_id)
        for model in taking(app)
        for place, row_id in world.records[record_kind(model).name].items()
    }
    happened(session, world)
    session.commit()
    private = {record_kind(each).name for each in taking(app) if each.files_are_private}
    opened = 0
    for name in PEOPLE:
        somebody = person(app, name)
        for (kind, place), file_id in files.items():
            details = f"/records/{kind}/details/?id={world.records[kind][place]}"
            seen = somebody.get(details).status_code == 200
            for address in (f"/attachments/{file_id}", f"/attachments/{file_id}/thumbnail"):
                status = somebody.get(address).status_code
                if name == "stranger":
                    assert status == 302
                elif kind not in private:
                    assert status == (200 if seen else 404), (name, kind, place)
                else:
                    assert status == 404 or seen, (name, kind, place)
            opened += seen
    assert opened > 20


def test_a_certificate_is_opened_by_the_cadre_and_who_may_decide(
    app: Flask, world: World, session: Session
) -> None:
    leaves = world.records["leave"]
    files = {place: hung(app, session, world, "leave", leaves[place]) for place in PLACES}
    session.commit()
    opened: dict[str, set[str]] = {}
    for name in PEOPLE[1:]:
        somebody = person(app, name)
        for place, file_id in files.items():
            if somebody.get(f"/attachments/{file_id}").status_code == 200:
                opened.setdefault(name, set()).add(place)
    assert opened == CERTIFICATES
    # An administrator sees the leave, and that is all.
    assert person(app, "keeper").get(f"/records/leave/details/?id={leaves['O']}").status_code == 200
    looks = [each for each in rows(app, AuditEntry) if each.verb == "look"]
    found = sorted(
        (each.actor_name, each.object_id, *each.details["attachments"]) for each in looks
    )
    assert found == sorted(
        (name, leaves[place], files[place]) for name in opened for place in opened[name]
    )


def test_a_look_at_the_leave_is_none_at_its_certificate(
    app: Flask, world: World, session: Session
) -> None:
    file_id = hung(app, session, world, "leave", world.records["leave"]["O"])
    session.commit()
    supervisor = person(app, "supervisor")
    page = supervisor.get(f"/records/leave/details/?id={world.records['leave']['O']}")
    assert page.status_code == 200
    assert f"/attachments/{file_id}/thumbnail" not in page.text
    assert [each for each in rows(app, AuditEntry) if each.verb == "look"] == []


def test_who_was_superior_opens_it_no_more(app: Flask, world: World, session: Session) -> None:
    file_id = hung(app, session, world, "leave", world.records["leave"]["O"])
    session.commit()
    assert person(app, "chair").get(f"/attachments/{file_id}").status_code == 200
    _moved(session, world)
    session.commit()
    for name in ("chair", "supervisor", "district"):
        assert person(app, name).get(f"/attachments/{file_id}").status_code == 404, name
    assert person(app, "cadre").get(f"/attachments/{file_id}").status_code == 200
    cadre = select(Cadre.left_on).where(Cadre.id == world.cadres["CO"])
    assert session.scalar(cadre) in (None, date.max)
