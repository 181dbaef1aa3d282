"""Demo records of discipline, first part: leaves, attendance, work logs, post checks, conduct.

Most people come in time and write their logs; whoever is away has a leave. ``demo_money`` has what
concerns money and assets.
"""

from collections.abc import Mapping
from datetime import date, time, timedelta

from plugins.discipline.demo_money import write_money
from plugins.discipline.models import Attendance, ConductReport, Leave, PostCheck, WorkLog
from tiesan.calendar.deadlines import add_days
from tiesan.calendar.periods import Every, Period, month_period
from tiesan.demo.world import Absence, DemoCadre, DemoWorld

_LATE, _EARLY, _FORGOTTEN, _ABSENT = "late", "early", "forgotten", "absent"
_LOG_MISSING, _LOG_LATE = "log missing", "log late"
# What may go wrong on a day, and how often.
_SLIPS = ((_LATE, 0.008), (_EARLY, 0.005), (_FORGOTTEN, 0.004), (_ABSENT, 0.0008))
_LOG_SLIPS = ((_LOG_MISSING, 0.003), (_LOG_LATE, 0.006))
_NEXT_DAY = 0.12
_UNAPPROVED, _NOT_CLOSED = 0.02, 0.025
_CHECKED, _OFF_POST = 0.9, 0.006
_REPORTED, _REPORT_LATE = 0.015, 0.1
# What the worst troublemaker does in any case: in which month, what, on how many days.
_STAGED = (
    (3, _ABSENT, 1),
    (4, _LATE, 3),
    (5, _EARLY, 1),
    (6, _FORGOTTEN, 1),
    (7, _LOG_MISSING, 1),
    (8, _LOG_LATE, 1),
)
_STAGED_CHECK = 9

_MORNINGS = tuple(time(8, minute) for minute in range(2, 30))
_LATE_MORNINGS = tuple(time(8, minute) for minute in range(32, 59))
_NOONS = tuple(time(12, minute) for minute in range(20))
_AFTERNOONS = tuple(time(13, minute) for minute in range(15, 30))
_EVENINGS = tuple(time(17, minute) for minute in range(30, 58))
_EARLY_EVENINGS = tuple(time(16, minute) for minute in range(20, 60, 3))


def write_demo(world: DemoWorld) -> None:
    """Write all records of discipline."""
    _leaves(world)
    for cadre in world.cast.cadres:
        if cadre.clocks:
            staged = _staged_days(world, cadre)
            _attendance(world, cadre, staged)
            if cadre.professional:
                _logs(world, cadre, staged)
    _checks(world)
    _conduct(world)
    write_money(world)


def _leaves(world: DemoWorld) -> None:
    """The first leave of one troublemaker is approved late, of the other one closed late."""
    first, second = world.cast.troublemakers[:2]
    seen: set[DemoCadre] = set()
    for absence in world.absences:
        cadre, begins = absence.cadre, absence.cadre not in seen
        seen.add(cadre)
        unapproved = (begins and cadre is first) or world.slips(cadre, _UNAPPROVED)
        not_closed = (begins and cadre is second) or world.slips(cadre, _NOT_CLOSED)
        _leave(world, absence, in_time=not unapproved, closes=not not_closed)


def _leave(world: DemoWorld, absence: Absence, *, in_time: bool, closes: bool) -> None:
    random, first_day = world.random, absence.first_day
    requested_on = first_day - timedelta(0 if absence.kind == "sick" else random.randint(1, 8))
    approved_on = requested_on + timedelta(
        random.randint(0, min(2, (first_day - requested_on).days))
    )
    if not in_time:
        approved_on = world.calendar.after(first_day, random.randint(1, 3))
    closed_on = world.calendar.after(absence.last_day, 1 if closes else random.randint(3, 6))
    if requested_on <= world.today:
        world.add(
            Leave,
            code=world.code("QJ", first_day),
            cadre=absence.cadre,
            kind=absence.kind,
            first_day=first_day,
            first_half=absence.first_half,
            last_day=absence.last_day,
            last_half=absence.last_half,
            requested_on=requested_on,
            approved_on=world.known(approved_on),
            closed_on=world.known(closed_on),
        )


def _staged_days(world: DemoWorld, cadre: DemoCadre) -> Mapping[date, str]:
    """What is to go wrong on which day for the worst troublemaker."""
    staged: dict[date, str] = {}
    for month, what, number in _STAGED if cadre is world.cast.troublemakers[0] else ():
        first_day = world.staged(month, 1)
        if first_day is not None:
            days = _free_days(world, cadre, month_period(first_day))
            staged |= dict.fromkeys(days[:number], what)
    return staged


def _free_days(world: DemoWorld, cadre: DemoCadre, period: Period) -> list[date]:
    """The working days of a period, up to yesterday, on which a cadre is in post and not away."""
    last_day = min(period.last_day, world.today - timedelta(days=1))
    days = world.calendar.between(period.first_day, last_day)
    return [day for day in days if cadre.in_post(day) and not world.away(cadre, day)]


def _slip(world: DemoWorld, cadre: DemoCadre, slips: tuple[tuple[str, float], ...]) -> str | None:
    """What goes wrong today, if anything does."""
    chance = world.random.random() / cadre.slack
    for what, share in slips:
        if chance < share:
            return what
        chance -= share
    return None


def _attendance(world: DemoWorld, cadre: DemoCadre, staged: Mapping[date, str]) -> None:
    choice, code, leave = world.random.choice, cadre.code, world.leave
    for day in world.working_days(cadre):
        morning = leave.morning(code, day, outings=True)
        afternoon = leave.afternoon(code, day, outings=True)
        slip = staged.get(day) or _slip(world, cadre, _SLIPS)
        if slip == _ABSENT or (morning and afternoon):
            continue
        ins = _AFTERNOONS if morning else _LATE_MORNINGS if slip == _LATE else _MORNINGS
        outs = _NOONS if afternoon else _EARLY_EVENINGS if slip == _EARLY else _EVENINGS
        clock_out = None if slip == _FORGOTTEN else choice(outs)
        world.add(Attendance, cadre=cadre, day=day, clock_in=choice(ins), clock_out=clock_out)


def _logs(world: DemoWorld, cadre: DemoCadre, staged: Mapping[date, str]) -> None:
    random, words = world.random, world.words(__file__)
    mornings, afternoons = words["mornings"], words["afternoons"]
    for day in world.working_days(cadre):
        slip = staged.get(day) or _slip(world, cadre, _LOG_SLIPS)
        away = world.leave.whole_day(cadre.code, day, outings=False)
        if away or slip in {_LOG_MISSING, _ABSENT}:
            continue
        written_on = day
        if slip == _LOG_LATE:
            written_on = world.calendar.after(day, random.randint(2, 5))
        elif random.random() < _NEXT_DAY:
            written_on = world.calendar.after(day, 1)
        if written_on <= world.today:
            content = f"{random.choice(mornings)}；{random.choice(afternoons)}"
            world.add(WorkLog, cadre=cadre, day=day, written_on=written_on, content=content)


def _checks(world: DemoWorld) -> None:
    """Most cadres are looked for once a month; in September the worst troublemaker is away."""
    worst, staged = world.cast.troublemakers[0], world.staged(_STAGED_CHECK, 1)
    for month in world.periods(Every.MONTH):
        for cadre in world.cast.cadres:
            days = _free_days(world, cadre, month) if cadre.clocks else []
            caught = cadre is worst and month.first_day == staged
            if days and (caught or world.random.random() < _CHECKED):
                day = world.random.choice(days)
                on_post = not caught and not world.slips(cadre, _OFF_POST)
                code = world.code("CG", day)
                world.add(PostCheck, code=code, cadre=cadre, checked_on=day, on_post=on_post)


def _conduct(world: DemoWorld) -> None:
    """Now and then somebody is reported; one report is handled too late in any case."""
    staged = world.staged(3, 19)
    if staged is not None:
        _report(world, world.cast.troublemakers[1], staged, 45)
    for month in world.periods(Every.MONTH):
        for cadre in world.professionals:
            day = world.working_day(month.first_day, month.last_day)
            if day is not None and cadre.in_post(day) and world.slips(cadre, _REPORTED):
                late = world.slips(world.district, _REPORT_LATE)
                _report(world, cadre, day, 40 if late else world.random.randint(8, 26))


def _report(world: DemoWorld, cadre: DemoCadre, reported_on: date, days: int) -> None:
    world.add(
        ConductReport,
        code=world.code("JB", reported_on),
        cadre=cadre,
        reported_on=reported_on,
        closed_on=world.known(add_days(reported_on, days)),
        **world.fresh(__file__, "reports", cadre, reported_on),
    )
