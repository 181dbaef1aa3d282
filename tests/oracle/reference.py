"""The 41 rules once more: plain, slow, and written from the description of the institutions alone.

It shares no code with the application.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from tests.oracle import institutions, property_and_conduct, working_hours
from tests.oracle.flags import Flag, Found, Rule, not_in_time, organization_of
from tests.oracle.tables import Tables, day, sure_day
from tests.oracle.working_days import Period, plus_days
from tests.oracle.world import Reviews, World

CONFIRMED = {"confirmed", "appealed", "remedied", "closed"}

# --- accountability ------------------------------------------------------------------------------


def letter_missing(world: World) -> Iterator[Found]:
    """“A responsibility letter for the year, signed by January 31”, late stays late.

    "The period that must be stood for whole is January 1 to 31"; "a letter for year Y may be
    signed in Y-1".
    """
    for cadre in world.professional():
        tracked_from = world.assessed_from(cadre["code"])
        for year in range(tracked_from.year, world.judged_until.year + 1):
            january = Period(str(year), date(year, 1, 1), date(year, 1, 31))
            if january.first < tracked_from or january.last > world.judged_until:
                continue
            signed = any(
                row["cadre"] == cadre["code"]
                and int(row["year"]) == year
                and sure_day(row, "signed_on") <= january.last
                for row in world.rows("responsibility_letters")
            )
            if not signed and world.owes(cadre, january):
                yield Found(cadre["code"], january.label, january.last)


def mistake_unpursued(world: World) -> Iterator[Found]:
    """“A `major` mistake with no accountability case opened within N working days of its report”.

    ”Any case that names the mistake pursues it, whoever it is against and whenever it was opened
    up to the deadline."
    """
    for row in world.rows("mistakes"):
        if row["level"] != "major":
            continue
        reported_on = sure_day(row, "reported_on")
        number = world.number("accountability.mistake_unpursued", "working_days", reported_on)
        deadline = world.calendar.nth_after(reported_on, number)
        opened = [
            sure_day(case, "opened_on")
            for case in world.rows("accountability_cases")
            if case.get("mistake") == row["code"]
        ]
        if not_in_time(min(opened, default=None), deadline, world.judged_until):
            yield Found(organization_of(world, row), row["code"], deadline)


def case_overdue(world: World) -> Iterator[Found]:
    """“An accountability case not decided within N days of being opened”."""
    for row in world.rows("accountability_cases"):
        opened_on = sure_day(row, "opened_on")
        number = world.number("accountability.case_overdue", "days", opened_on)
        deadline = plus_days(opened_on, number)
        if not_in_time(day(row, "decided_on"), deadline, world.judged_until):
            yield Found(organization_of(world, row), row["code"], deadline)


# --- rules that read the flags of other rules ----------------------------------------------------


def grave_flags(world: World) -> dict[str, list[Flag]]:
    """The “other flags of severity serious or above” of each cadre, as they occurred."""
    found: dict[str, list[Flag]] = defaultdict(list)
    for rule in RULES:
        if rule.subject_kind == "cadre" and rule.severity in {"serious", "major"}:
            for flag in rule.flags(world):
                found[flag.subject].append(flag)
    return {cadre: sorted(of, key=lambda flag: flag.occurred_on) for cadre, of in found.items()}


def counted(world: World, flags: list[Flag], rule: str, when: date) -> list[Flag]:
    """The flags that count, by the rule's parameter `counted` as in force on a day.

    “With `counted` = `not_dismissed` all but flags dismissed or waived, with `confirmed_only` only
    confirmed ones” – those that were confirmed and went on from there are.
    """
    if world.parameter(rule, "counted", when) == "not_dismissed":
        return [
            flag
            for flag in flags
            if world.review(flag.rule, flag.subject, flag.key) not in {"dismissed", "waived"}
        ]
    return [flag for flag in flags if world.review(flag.rule, flag.subject, flag.key) in CONFIRMED]


def repeat_violations(world: World) -> Iterator[Found]:
    """“>= N other flags of severity serious or above on one cadre, in one calendar year”.

    `times` and `counted` as in force on the year's last day, or D if that is earlier.
    """
    rule = "accountability.repeat_violations"
    for cadre, flags in grave_flags(world).items():
        for year in sorted({flag.occurred_on.year for flag in flags}):
            when = min(date(year, 12, 31), world.as_of)
            within = [flag for flag in flags if flag.occurred_on.year == year]
            within = counted(world, within, rule, when)
            times = world.number(rule, "times", when)
            if len(within) >= times:
                yield Found(cadre, str(year), within[times - 1].occurred_on)


def award_ineligible(world: World) -> Iterator[Found]:
    """“A cadre who has a flag of severity serious or above that occurred in the same year”.

    It must have occurred “on or before the nomination”.
    """
    grave = grave_flags(world)
    for row in world.rows("awards"):
        if not row.get("cadre"):
            continue
        nominated_on = sure_day(row, "nominated_on")
        before = [
            flag
            for flag in grave.get(row["cadre"], [])
            if flag.occurred_on.year == nominated_on.year and flag.occurred_on <= nominated_on
        ]
        if counted(world, before, "innovation.award_ineligible", nominated_on):
            yield Found(row["cadre"], row["code"], nominated_on)


RULES = [
    *institutions.RULES,
    *working_hours.RULES,
    *property_and_conduct.RULES,
    Rule("accountability.letter_missing", "minor", "cadre", letter_missing),
    Rule("accountability.mistake_unpursued", "serious", "organization", mistake_unpursued),
    Rule("accountability.case_overdue", "minor", "organization", case_overdue),
]
ON_FLAGS = [
    Rule("accountability.repeat_violations", "major", "cadre", repeat_violations),
    Rule("innovation.award_ineligible", "serious", "cadre", award_ineligible),
]


def evaluate(
    tables: Tables,
    as_of: date,
    judged_until: date | None = None,
    reviews: Reviews | None = None,
    *,
    off: frozenset[str] = frozenset(),
) -> list[Flag]:
    """Every flag that is active as of the end of a day, sorted by rule, subject and key.

    ``judged_until`` is the day before where ``as_of`` is a day that is still running; ``reviews``
    are the states of review as of the day, of flags that are not open any more. Rules that are
    ``off`` flag nothing.
    """
    world = World(tables, as_of, judged_until or as_of, reviews)
    found = [flag for rule in (*RULES, *ON_FLAGS) for flag in rule.flags(world)]
    found = [flag for flag in found if flag.rule not in off]
    return sorted(found, key=lambda flag: (flag.rule, flag.subject, flag.key))
