"""What robots say to the groups of organizations: counts and days, never whose they are."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.courses.world import AT, World
from tests.notifications.test_due import DUE, THURSDAY, noon
from tiesan.audit import Actor
from tiesan.flags.catalog import installed_catalog
from tiesan.notifications.daily import place_on, send_digests
from tiesan.notifications.groups import group_texts
from tiesan.notifications.sending.models import Sending, Way
from tiesan.notifications.sending.schemes import SCHEMES
from tiesan.notifications.sending.sealing import Seal
from tiesan.notifications.sending.ways import Entered, Keeping, create_way, switch_way
from tiesan.scheduler.work import Work

LEFT = "还有 3 个工作日"


def add_robot(world: World, code: str) -> int:
    """Set up a robot of the group of an organization."""
    place = world.organizations[code]
    entered = Entered(f"群 {code}", {"key": "0e1d2c3b4a5968778695"}, place.id)
    keep = Keeping(Seal("the secret key of the tests, long enough"), None)
    admin = world.actor("admin")
    way = create_way(admin, world.session, SCHEMES["wecombot"], entered, keep, at=AT)
    world.session.commit()
    return way.id


def texts(world: World, day: date) -> dict[str, str]:
    """What is said in the first district on a day, by the code of the organization."""
    session, district = world.session, world.organizations["D1"]
    codes = {place.id: code for code, place in world.organizations.items()}
    found = group_texts(session, place_on(session, installed_catalog(), district.id, day))
    session.commit()
    return {codes[place]: text for place, text in found.items()}


def test_a_group_is_told_how_many_still_owe_what_and_how_long_there_is(world: World) -> None:
    assert texts(world, THURSDAY) == {}
    for code in ("D1", "F1"):
        add_robot(world, code)
    found = texts(world, THURSDAY)
    assert set(found) == {"D1", "F1"}
    [of_two] = [line for line in found["D1"].splitlines() if "2家工会尚未办理" in line]
    assert LEFT in of_two
    assert any("1家工会尚未办理" in line for line in found["F1"].splitlines())
    assert "2家" not in found["F1"]
    assert "今天是最后一天" in texts(world, DUE)["D1"]


def test_it_names_nobody(world: World) -> None:
    add_robot(world, "D1")
    said = texts(world, THURSDAY)["D1"]
    named = [place.name for place in world.organizations.values()]
    named += [each.name for each in world.cadres.values()]
    named += [*world.organizations, *world.cadres, *world.accounts]
    assert [each for each in named if each in said] == []


def test_a_robot_is_sent_one_text_a_working_day_and_none_once_it_is_switched_off(
    world: World,
) -> None:
    way = add_robot(world, "F1")
    district = world.organizations["D1"].id
    world.session.commit()

    def morning(day: date) -> int:
        work = Work(
            world.session.get_bind().engine,
            district,
            day,
            {},
            Actor(None, "daily run"),
            noon(day),
            lambda *_: None,
        )
        said: int = send_digests(work)["groups"]
        return said

    assert morning(THURSDAY) == 1
    with Session(world.session.get_bind().engine) as session:
        [row] = session.scalars(select(Sending).where(Sending.way_id == way)).all()
        assert (row.account_id, row.due_at, row.state) == (None, noon(THURSDAY), "waiting")
        assert "家工会尚未办理" in row.details["text"]
    found = world.session.get_one(Way, way)
    switch_way(world.actor("admin"), world.session, found, active=False, at=AT)
    world.session.commit()
    assert morning(DUE) == 0
