"""Random leaves, attendance and work logs."""

from datetime import date, timedelta

from tests.oracle.random_rows import SHORT_OF, Maker
from tests.oracle.working_days import days, end_of_month

KINDS = ("annual", "sick", "personal", "parental", "official", "official", "other")
LENGTHS = (0, 0, 0, 1, 2, 3, 6, 10, 30, 90)
ARRIVALS = ("08:30", "08:30", "08:20", "08:31", "08:31", "09:00", "09:01", "", "00:00", "23:59")
NIGHTS = (("24:00", ""), ("24:40", ""), ("次日00:40", ""), ("00:40", "true"), ("08:31", "true"))
DEPARTURES = ("17:30", "17:30", "18:00", "17:29", "12:00", "", "17:00", "00:00", "23:59")
# Words of logs, two of which look alike.
WORDS = ("Ａ走访", "a 走 访", "整理档案", "a走访", "a走访。")


# --- leaves --------------------------------------------------------------------------------------


def leaves(maker: Maker) -> None:
    """Leaves of every cadre: short, long, by halves, over whole months and years."""
    for cadre in maker.codes("cadres"):
        for _each in range(maker.random.choice((0, 1, 3, 6))):
            first = maker.day()
            last = first + timedelta(days=maker.random.choice(LENGTHS))
            if maker.chance(0.3):
                _two_halves(maker, cadre, first)
            else:
                _leave(maker, cadre, first, last)
        if maker.chance(0.3):
            _whole_period(maker, cadre)


def _two_halves(maker: Maker, cadre: str, each: date) -> None:
    """The two halves of one day, by two leaves that may reach further on either side."""
    first = each - timedelta(days=maker.random.choice((0, 0, 3)))
    last = each + timedelta(days=maker.random.choice((0, 0, 3)))
    _leave(maker, cadre, first, each, halves=("", "am"))
    _leave(maker, cadre, each, last, halves=("pm", ""))


def _whole_period(maker: Maker, cadre: str) -> None:
    """A leave over all working days of a month or a year, or of all but half a day of it."""
    first = maker.day().replace(day=1)
    last = end_of_month(first)
    if maker.chance(0.3):
        first, last = date(first.year, 1, 1), date(first.year, 12, 31)
    if maker.chance(0.5):
        while first < last and not maker.calendar.works(first):
            first += timedelta(days=1)
        while first < last and not maker.calendar.works(last):
            last -= timedelta(days=1)
    middle = first + (last - first) // 2
    if maker.chance(0.4):
        _leave(maker, cadre, first, middle, halves=("", "am"))
        _leave(maker, cadre, middle, last, halves=("pm", ""))
    else:
        halves = maker.random.choice((("", ""), ("", ""), ("pm", ""), ("", "am")))
        _leave(maker, cadre, first, last, halves=halves)


def _leave(
    maker: Maker, cadre: str, first: date, last: date, halves: tuple[str, str] | None = None
) -> None:
    if halves is None:
        halves = (maker.random.choice(("", "", "pm")), maker.random.choice(("", "", "am")))
    if first == last and halves == ("pm", "am"):
        halves = ("pm", "")
    approved = maker.near(first, 1) if maker.chance(0.7) else maker.done_after(first, 0.5)
    requested = None if maker.chance(0.3) else maker.near(first, 2)
    if maker.chance(0.1):
        requested = maker.day()
    maker.coded(
        "leaves",
        "L",
        cadre=cadre,
        kind=maker.random.choice(KINDS),
        first_day=first,
        first_half=halves[0],
        last_day=last,
        last_half=halves[1],
        requested_on=requested,
        approved_on=approved,
        closed_on=maker.done_after(last) if maker.chance(0.8) else maker.near(first),
        rejected_on=maker.near(first, 1) if maker.chance(0.2) else None,
        withdrawn_on=maker.near(first, 1) if maker.chance(0.2) else None,
    )


# --- attendance and logs -------------------------------------------------------------------------


def _some_days(maker: Maker) -> list[date]:
    """Days of a cadre's rows: none, few, or nearly all, on holidays too."""
    share = maker.random.choice((0.0, 0.1, 0.6, 0.95))
    reach = timedelta(days=12)
    return [each for each in days(maker.first - reach, maker.last + reach) if maker.chance(share)]


def attendance(maker: Maker) -> None:
    """Attendance rows of every cadre, some of them habitually late."""
    for cadre in maker.codes("cadres"):
        punctual = maker.random.choice((0.0, 0.7, 0.95))
        for each in _some_days(maker):
            if not maker.calendar.works(each) and maker.chance(0.6):
                continue
            came, went, next_day = "08:20", "17:40", ""
            if not maker.chance(punctual):
                came, went = maker.random.choice(ARRIVALS), maker.random.choice(DEPARTURES)
            # Whoever goes no later than having come has gone on the next day.
            if came and went and went <= came:
                next_day = "true"
            if maker.chance(0.05):
                went, next_day = maker.random.choice(NIGHTS)
            maker.add(
                "attendance",
                cadre=cadre,
                day=each,
                clock_in=came,
                clock_out=went,
                clock_out_next_day=next_day,
            )


def logs(maker: Maker) -> None:
    """Work logs of every cadre, most of them on the day, others around their deadline."""
    for cadre in maker.codes("cadres"):
        prompt = maker.random.choice((0.3, 0.9))
        for each in _some_days(maker):
            written, words = each, WORDS[each.toordinal() % len(WORDS)]
            if not maker.chance(prompt):
                number = maker.random.choice((1, 1, 1, 2, 3, 5))
                deadline = maker.calendar.nth_after(each, number)
                written = deadline + timedelta(days=maker.random.choice((*SHORT_OF, -9, 30)))
            maker.add("work_logs", cadre=cadre, day=each, written_on=written, content=words)
