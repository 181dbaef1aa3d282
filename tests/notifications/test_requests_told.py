"""Leave and expense: who may decide is told that it waits, whoever asked what was decided."""

from datetime import date

from plugins.discipline.courses import EXPENSE, LEAVE
from tests.courses.world import MONDAY, World
from tests.notifications.conftest import notes, told
from tiesan.access.of_notifications import Seeing
from tiesan.courses.telling import REQUEST_DECIDED, REQUEST_SOON, REQUEST_WAITS

ASKED = {"kind": "annual", "first_day": "2026-03-10", "last_day": "2026-03-12"}
SUPERIORS = {"chair", "both", "super", "district"}


def visible(world: World, seeing: Seeing, day: date = MONDAY) -> set[tuple[str, str]]:
    """Whose notifications of which kind may be seen by them now."""
    names = {account.id: name for name, account in world.accounts.items()}
    found = notes(world)
    seen = seeing.visible(world.session, ((each.id, each.row_kind) for each in found), day)
    return {(names[each.account_id], each.kind) for each in found if each.id in seen}


def test_superiors_are_told_that_a_leave_waits_and_the_cadre_what_became_of_it(
    world: World, seeing: Seeing
) -> None:
    row = world.does("cadre", LEAVE, "request", None, **ASKED).row
    assert told(world, REQUEST_WAITS) == SUPERIORS
    [one] = {(each.row_kind, each.row_id, each.details["code"]) for each in notes(world)}
    assert one == ("leave", row.id, row.code)
    assert visible(world, seeing) == {(each, REQUEST_WAITS) for each in SUPERIORS}
    world.does("chair", LEAVE, "approve", row.id)
    assert told(world, REQUEST_DECIDED) == {"cadre"}
    # Of that nobody else hears anything.
    assert len(notes(world)) == len(SUPERIORS) + 1
    assert ("cadre", REQUEST_DECIDED) in visible(world, seeing)


def test_nobody_is_told_of_what_they_did_themselves(lite: World) -> None:
    lite.does("both", LEAVE, "request", None, **ASKED)
    assert told(lite, REQUEST_WAITS) == SUPERIORS - {"both"}


def test_a_leave_for_tomorrow_is_told_as_one_for_soon(lite: World) -> None:
    soon = {"kind": "annual", "first_day": "2026-03-03", "last_day": "2026-03-03"}
    lite.does("cadre", LEAVE, "request", None, **soon)
    assert told(lite, REQUEST_SOON) == SUPERIORS
    assert told(lite, REQUEST_WAITS) == set()


def test_an_expense_goes_to_whoever_has_to_approve_it(lite: World) -> None:
    row = lite.does("cadre", EXPENSE, "request", None, payee="甲店", amount="500.00").row
    assert told(lite, REQUEST_WAITS) == {"committee"}
    lite.does("committee", EXPENSE, "approve", row.id)
    assert told(lite, REQUEST_DECIDED) == {"cadre"}


def test_what_somebody_may_no_longer_see_is_not_seen(world: World, seeing: Seeing) -> None:
    world.does("cadre", LEAVE, "request", None, **ASKED)
    world.organizations["F1"].chair = None
    world.accounts["district"].active = False
    world.session.commit()
    left = SUPERIORS - {"chair", "district"}
    assert visible(world, seeing) == {(each, REQUEST_WAITS) for each in left}


def test_a_form_that_is_sent_twice_tells_once(lite: World) -> None:
    for _time in range(2):
        lite.does("cadre", LEAVE, "request", None, **ASKED, once="same")
    assert len(notes(lite)) == len(SUPERIORS)
