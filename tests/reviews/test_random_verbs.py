"""Whatever anybody tries with a flag, it is allowed and ends where the document says."""

from datetime import timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, select

from tests.reviews.model import Model
from tests.reviews.world import ACCOUNTS, DAY_0, World, at
from tiesan.audit import Actor
from tiesan.courses.carrying import Attempt, carry_out
from tiesan.courses.errors import CourseError
from tiesan.courses.queue import Narrowing, queue
from tiesan.courses.standing import Standing, read_standings
from tiesan.flags.models import Flag
from tiesan.people.models import Account
from tiesan.reviews.flag_course import FLAG_COURSE

PEOPLE = [name for name, _cadre, _roles in ACCOUNTS if not name.endswith("_off")]
# What leads to no other state and needs more than a text.
BESIDE = {"assign", "escalate"}
VERBS = [verb.name for verb in FLAG_COURSE.verbs if verb.name not in BESIDE]
FLAGS = (
    {"cadre": "A1"},
    {"cadre": "A2"},
    {"cadre": "CP"},
    {"cadre": "CX"},
    {"cadre": "CY"},
    {"org": "F2"},
    {"org": "F4"},
    {"org": "D1"},
    {"org": "F1", "confidential": True, "named": ("A1",)},
    {"org": "D1", "confidential": True, "named": ("CP",)},
)
# Who, what, and how many days later; or new evidence, or the condition gone.
STEPS = st.tuples(
    st.one_of(st.sampled_from(PEOPLE), st.sampled_from(["sup1", "sup1b", "supd", "cadre1"])),
    st.one_of(
        st.sampled_from(VERBS),
        st.sampled_from(["confirm", "appeal"]),
        st.sampled_from(["(evidence)", "(inactive)"]),
    ),
    st.sampled_from([0, 0, 0, 1, 6, 30, 31]),
)


def standing(world: World, flag_id: int, model: Model) -> Standing:
    """How the flag stands, for nobody in particular."""
    return read_standings(world.session, FLAG_COURSE, [flag_id], None, model.day)[flag_id]


def attempted(world: World, flag_id: int, model: Model, who: str, verb: str) -> int:
    """Try a verb as somebody who has just looked; gives the status."""
    account = world.session.query(Account).filter_by(username=who).one()
    seen = standing(world, flag_id, model).seen(FLAG_COURSE)
    form = {
        "text": "理由",
        "until": (model.day + timedelta(days=5)).isoformat(),
        "seen_state": seen.state,
        "seen_revision": seen.version,
        "seen_events": str(seen.events),
    }
    attempt = Attempt(Actor(account.id, who), model.day, lambda: at(model.day), form)
    world.session.rollback()
    try:
        carry_out(world.session, FLAG_COURSE, verb, flag_id, attempt)
    except CourseError as error:
        world.session.rollback()
        return error.status
    world.session.commit()
    return 200


THIS_FLAG = Flag.id == bindparam("this_flag")


def waiting(world: World, flag_id: int, model: Model) -> set[tuple[str, str]]:
    """For whom the flag waits, and why, by the queue of each person."""
    narrowing = Narrowing((THIS_FLAG,), {"this_flag": flag_id})
    accounts = world.session.execute(select(Account.username, Account.id)).all()
    found = [
        (name, each.why.why)
        for name, account_id in accounts
        for each in queue(world.session, FLAG_COURSE, account_id, model.day, 9, narrowing)
    ]
    # A row comes once, whatever the reasons.
    assert len(found) == len(set(found)) == len(dict(found))
    return set(found)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.integers(0, len(FLAGS) - 1), st.lists(STEPS, min_size=4, max_size=24))
@example(0, [("sup1", "confirm", 0), ("cadre1", "appeal", 0), ("aud1", "uphold", 0)])
def test_random_verbs(world: World, which: int, steps: list[tuple[str, str, int]]) -> None:
    given_flag = FLAGS[which]
    flag_id = world.flag(**given_flag)
    model = Model(**{"cadre": None, **given_flag})  # type: ignore[arg-type] # as they are named
    with world.app.app_context():
        for who, verb, later in steps:
            model.move_to(model.day + timedelta(days=later))
            if verb == "(evidence)":
                world.new_evidence(flag_id, model.day)
                model.new_evidence()
            elif verb == "(inactive)":
                world.no_longer_active(flag_id, model.day)
                model.active = False
            else:
                status = attempted(world, flag_id, model, who, verb)
                assert (verb, status) == (verb, model.does(who, verb))
            stands = standing(world, flag_id, model)
            assert stands.state == model.state
            world.session.rollback()
        why, persons = model.waits
        assert waiting(world, flag_id, model) == {(name, why) for name in persons}
        world.session.rollback()
    assert model.day >= DAY_0
