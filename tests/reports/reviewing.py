"""Flags reviewed at random, and counted once more from every flag and event in the database."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.oracle.working_days import Calendar
from tiesan.flags.catalog import Catalog
from tiesan.flags.models import Flag, FlagEvent
from tiesan.reports.spans import Span

STEPS = {
    "open": ("acknowledged", "explained", "confirmed", "dismissed", "waived"),
    "acknowledged": ("confirmed", "dismissed", "waived"),
    "explained": ("confirmed", "dismissed"),
    "confirmed": ("remedied", "appealed", "closed"),
    "remedied": ("closed", "acknowledged"),
    "appealed": ("confirmed", "dismissed"),
    "dismissed": ("acknowledged",),
    "waived": ("open",),
    "closed": ("acknowledged",),
}
DECIDED = ("confirmed", "dismissed", "waived")


def review_at_random(session: Session, seed: int, last: date) -> None:
    """Take some flags through some steps of their review, up to a day."""
    die = random.Random(seed)
    for flag in session.scalars(select(Flag).order_by(Flag.id)).all():
        on, state = flag.raised_as_of, "open"
        while die.random() < 0.6:
            on += timedelta(days=die.randint(0, 12))
            if on > last:
                break
            after = die.choice(STEPS[state])
            until = on + timedelta(days=die.randint(0, 20)) if after == "waived" else None
            session.add(_step(flag, on, (state, after), until))
            state = after
            flag.review, flag.waived_until = after, until
    session.commit()


def _step(flag: Flag, on: date, states: tuple[str, str], until: date | None) -> FlagEvent:
    return FlagEvent(
        flag_id=flag.id,
        at=datetime.combine(on, time(4), UTC),
        on=on,
        verb="step",
        actor_name="督查",
        from_state=states[0],
        to_state=states[1],
        waived_until=until,
        attachments=[],
    )


def flags_counted(
    session: Session,
    catalog: Catalog,
    span: Span,
    as_of: date,
    told_under: Callable[[str], str],
    calendar: Calendar,
) -> Counter[tuple[str, str]]:
    """What flags count as, by organization and column; of shares how many, and of how many."""
    found: Counter[tuple[str, str]] = Counter()
    last = min(span.last_day, as_of)
    for flag in session.scalars(select(Flag)):
        if flag.confidential or flag.rule not in catalog.rules:
            continue
        place = flag.organization or (flag.cadre and flag.cadre.organization)
        assert place is not None
        under, plugin = told_under(place.code), flag.rule.split(".")[0]
        known = sorted((e for e in flag.events if e.on <= as_of), key=lambda e: (e.on, e.id))
        lived = [e.verb for e in known if e.verb in ("raised", "raised_again", "cleared")]
        is_there = bool(lived) and lived[-1] != "cleared"
        steps = [e for e in known if e.to_state is not None]
        if span.first_day <= flag.occurred_on <= last and is_there:
            for outcome in _outcomes(steps, as_of):
                found[under, f"{outcome}:{plugin}"] += 1
        if span.first_day <= flag.raised_as_of <= last:
            _add_review(found, under, flag, steps, as_of, calendar, is_there=is_there)
    return found


def _outcomes(steps: list[FlagEvent], as_of: date) -> list[str]:
    state = steps[-1].to_state if steps else "open"
    if state == "waived" and steps[-1].waived_until and steps[-1].waived_until < as_of:
        state = "open"
    came = steps[-1].from_state if steps else None
    found = ["raised"]
    found += ["confirmed"] if state in ("confirmed", "remedied", "closed") else []
    found += ["remedied"] if (state, came) == ("closed", "remedied") or state == "remedied" else []
    return found + ([state] if state in ("dismissed", "waived") else [])


def _add_review(
    found: Counter[tuple[str, str]],
    under: str,
    flag: Flag,
    steps: list[FlagEvent],
    as_of: date,
    calendar: Calendar,
    *,
    is_there: bool,
) -> None:
    end = calendar.nth_after(flag.raised_as_of, 10)
    decided = [each.on for each in steps if each.to_state in DECIDED]
    if decided:
        found[under, "reviews:in_time"] += min(decided) <= end
        found[under, "reviews:due"] += 1
    elif is_there and end < as_of:
        found[under, "reviews:due"] += 1
