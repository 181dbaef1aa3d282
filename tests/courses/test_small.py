"""Tasks, conflicts, minutes and results: who may say that they are done, in which state, by what.

The whole table of verb, state, person and place is ``small.csv``; with ``WRITE_ACCESS=1`` it is
written, to be read line by line before it is committed.
"""

import csv
import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from plugins.efficiency.courses import TASK
from plugins.efficiency.models import Task
from plugins.harmony.courses import CONFLICT
from plugins.meetings.courses import MEETING
from tests.attachments.files import photo
from tests.courses.small import PLACES, SMALL, Small
from tests.courses.world import ACCOUNTS, AT, MONDAY, World
from tiesan.audit import AuditEntry
from tiesan.courses.carrying import carry_out, look, verbs_open_to
from tiesan.courses.errors import CourseError, NotThere, Refused, Wrong
from tiesan.courses.timeline import timeline
from tiesan.courses.values import Verb
from tiesan.records.attachments.content import fit_to_keep
from tiesan.records.attachments.services import keep_file
from tiesan.records.attachments.store import FileStore

TABLE = Path(__file__).with_name("small.csv")
PEOPLE = tuple(name for name, _cadre, _roles in ACCOUNTS if not name.endswith("_off"))
TUESDAY = MONDAY + timedelta(days=1)
OF = {each.course.name: each for each in SMALL}


# --- the table ------------------------------------------------------------------------------------


def found(world: World) -> Iterator[dict[str, str]]:
    """One line for each verb, state and place: what it is for each person."""
    for small in SMALL:
        for state in small.states:
            for place in PLACES:
                row = small.row(world, state, place, f"{state}-{place}")
                world.session.commit()
                for verb in small.course.verbs:
                    head = {"course": small.course.name, "verb": verb.name, "state": state,
                            "place": place}  # fmt: skip
                    yield head | {who: _answer(world, small, verb, row.id, who) for who in PEOPLE}


def _answer(world: World, small: Small, verb: Verb, row_id: int, who: str) -> str:
    """What comes of a verb with everything given; nothing of it stays."""
    actor, session = world.actor(who), world.session
    try:
        standing = look(session, small.course, row_id, actor, TUESDAY)
        offered = {each.name for each, _case in verbs_open_to(
            session, small.course, standing, actor, TUESDAY)}  # fmt: skip
        seen = standing.seen(small.course)
        form: dict[str, object] = {
            "seen_state": seen.state, "seen_version": seen.version, "seen_events": str(seen.events),
            "text": "已办",
        }  # fmt: skip
        session.rollback()
        attempt = world.attempt(who, form, day=TUESDAY)
        done = carry_out(session, small.course, verb.name, row_id, attempt)
    except NotThere:
        return "404"
    except Refused:
        assert verb.name not in offered
        return "409"
    else:
        assert verb.name in offered
        return done.state
    finally:
        session.rollback()


def test_the_table_of_verb_state_person_and_place(world: World) -> None:
    lines = list(found(world))
    if os.environ.get("WRITE_ACCESS") == "1":
        with TABLE.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)
    with TABLE.open(encoding="utf-8", newline="") as file:
        assert lines == list(csv.DictReader(file))


# --- what they set --------------------------------------------------------------------------------


def test_a_task_is_started_and_completed_by_one_tap_each(world: World) -> None:
    row = OF["task"].row(world, "assigned")
    world.session.commit()
    started = world.does("cadre", TASK, "start", row.id, TUESDAY)
    assert (started.state, started.row.started_on) == ("started", TUESDAY)
    wednesday = TUESDAY + timedelta(days=1)
    done = world.does("chair", TASK, "complete", row.id, wednesday)
    assert (done.state, done.row.completed_on) == ("completed", wednesday)
    assert done.row.started_on == TUESDAY
    assert done.concerned.organizations == {"F1"}
    trail = world.session.scalars(
        select(AuditEntry.verb).where(AuditEntry.object_kind == "task").order_by(AuditEntry.id)
    )
    assert list(trail) == ["create", "start", "complete"]


def test_who_completes_what_nobody_started_has_started_it(lite: World) -> None:
    row = OF["task"].row(lite, "assigned")
    lite.session.commit()
    done = lite.does("cadre", TASK, "complete", row.id, TUESDAY)
    assert isinstance(done.row, Task)
    assert (done.row.started_on, done.row.completed_on) == (TUESDAY, TUESDAY)


@pytest.mark.parametrize("name", [small.course.name for small in SMALL])
def test_nothing_is_done_before_there_is_anything_to_do(name: str, lite: World) -> None:
    small = OF[name]
    state = next(iter(small.states))
    row = small.row(lite, state)
    lite.session.commit()
    verb = small.course.verbs[-1].name
    with pytest.raises(Refused) as refused:
        lite.does("chair", small.course, verb, row.id, MONDAY - timedelta(days=1), text="已办")
    assert refused.value.clause


def test_how_a_conflict_was_mediated_is_its_summary_where_there_is_none(lite: World) -> None:
    blank = OF["conflict"].row(lite, "opened", code="N1")
    said = OF["conflict"].row(lite, "opened", code="N2")
    said.summary = "加班费争议"  # type: ignore[attr-defined] # a conflict has one
    lite.session.commit()
    done = lite.does("chair", CONFLICT, "mediated", blank.id, text="双方已签和解书")
    assert (done.row.summary, done.row.mediated_on) == ("双方已签和解书", MONDAY)
    done = lite.does("chair", CONFLICT, "mediated", said.id, text="双方已签和解书")
    assert (done.row.summary, done.event.text) == ("加班费争议", "双方已签和解书")
    other = OF["conflict"].row(lite, "opened", code="N3")
    lite.session.commit()
    assert lite.does("chair", CONFLICT, "mediated", other.id).row.summary is None


def test_minutes_are_a_file_or_a_text(world: World, tmp_path: Path) -> None:
    row = OF["meeting"].row(world, "held")
    world.session.commit()
    with pytest.raises(Wrong) as wrong:
        world.does("chair", MEETING, "minutes", row.id)
    assert wrong.value.field == "files"
    assert row.minutes_on is None  # type: ignore[attr-defined] # a meeting has it
    file = keep_file(
        world.actor("chair"), world.session, FileStore(tmp_path), fit_to_keep(photo()), "纪要.jpg",
        at=AT,
    )  # fmt: skip
    world.session.commit()
    done = world.does("chair", MEETING, "minutes", row.id, files=[str(file.id)])
    assert (done.state, done.row.minutes_on) == ("filed", MONDAY)
    assert done.event.attachments == (file.id,)
    other = OF["meeting"].row(world, "held", code="N2")
    world.session.commit()
    assert world.does("chair", MEETING, "minutes", other.id, text="布置三项工作").state == "filed"


def test_a_result_is_told_by_the_proposer_with_a_text(lite: World) -> None:
    small = OF["innovation"]
    row = small.row(lite, "proposed")
    lite.session.commit()
    done = lite.does("cadre", small.course, "result", row.id, TUESDAY, text="服务职工120人次")
    assert (done.row.result, done.row.result_on) == ("服务职工120人次", TUESDAY)


@pytest.mark.parametrize("name", [small.course.name for small in SMALL])
def test_rows_from_files_have_a_state_and_their_dates(name: str, lite: World) -> None:
    small = OF[name]
    for number, (state, dates) in enumerate(small.states.items()):
        row = small.row(lite, state, code=f"N{number}")
        lite.session.commit()
        assert look(lite.session, small.course, row.id, lite.actor("admin"), MONDAY).state == state
        assert len(timeline(small.course, row, ())) == len(dates)
        lite.session.rollback()


@pytest.mark.parametrize("name", [small.course.name for small in SMALL])
def test_sent_twice_it_is_done_once(name: str, lite: World) -> None:
    small = OF[name]
    row = small.row(lite, next(iter(small.states)))
    lite.session.commit()
    verb = small.course.verbs[0].name
    form: dict[str, Any] = {"once": "abc", "text": "已办"}
    first = lite.does("chair", small.course, verb, row.id, TUESDAY, **form)
    again = lite.does("chair", small.course, verb, row.id, date(2026, 3, 4), **form)
    assert (first.repeated, again.repeated) == (False, True)


def test_whoever_sees_nothing_is_told_nothing(lite: World) -> None:
    row = OF["task"].row(lite, "assigned", "other")
    lite.session.commit()
    for who in ("cadre", "chair", "elsewhere", "nobody"):
        with pytest.raises(CourseError) as error:
            lite.does(who, TASK, "start", row.id)
        assert isinstance(error.value, NotThere)
