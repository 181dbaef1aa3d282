"""What is kept of the trial of a rule: numbers in all, by month, organization and rule; samples.

Source: the page on the rule book, "Try it": raised, gone, same.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.flags.evaluation import Backtest
from tiesan.people.models import Cadre, Organization, Posting
from tiesan.records.kinds import table_of
from tiesan.rulebook.listing import listed
from tiesan.rules import Hit

# Of the rule itself, and of those that read its flags.
MOST_SAMPLES, MOST_OF_OTHERS = 30, 10
MOST_ORGANIZATIONS = 40
SIDES = ("raised", "gone", "same")
# Hits by what becomes of them: the sides above.
_Hits: TypeAlias = Mapping[str, list[Hit]]
_Numbers: TypeAlias = dict[str, int]


@dataclass(frozen=True, slots=True)
class Telling:
    """What may be told of a trial.

    ``kinds`` are those of facts that have a page. Of rules that are ``hidden``, because they read
    what is confidential, neither flags nor organizations are told.
    """

    kinds: Collection[str]
    hidden: Collection[str]


def summary(
    session: Session, found: Backtest, rule: str, span: tuple[date, date], telling: Telling
) -> dict[str, Any]:
    """What is kept of a trial of a rule, as plain JSON.

    All numbers are those of the rule itself but for ``rules``: those of the rules that read its
    flags. So are the samples, with those of the others behind them.
    """
    hits = dict(zip(SIDES, (found.added, found.gone, found.same), strict=True))
    own = {side: [hit for hit in each if hit.rule == rule] for side, each in hits.items()}
    hidden = rule in telling.hidden
    return {
        "first": span[0].isoformat(),
        "last": span[1].isoformat(),
        **{side: len(each) for side, each in own.items()},
        "months": {
            side: dict(sorted(_counted(each, _month).items())) for side, each in own.items()
        },
        **({} if hidden else _by_organization(session, own)),
        "rules": _by_rule(hits, rule),
        "hidden": sorted({hit.rule for hit in chain(*hits.values())} & set(telling.hidden)),
        "subjects": {side: len({h.identity[1:3] for h in each}) for side, each in own.items()},
        "samples": {side: _samples(hits[side], rule, telling) for side in ("raised", "gone")},
        "not_evaluated": sorted(
            {_why(each.rule, each.error, rule) for each in found.not_evaluated}
        ),
    }


def _why(of_rule: str, error: str, rule: str) -> str:
    return error if of_rule == rule else f"{of_rule}: {error}"


def _month(hit: Hit) -> str:
    return hit.occurred_on.isoformat()[:7]


def _counted(hits: Iterable[Hit], place: Callable[[Hit], str]) -> Counter[str]:
    return Counter(place(hit) for hit in hits)


def _by(hits: _Hits, place: Callable[[Hit], str]) -> dict[str, _Numbers]:
    """What becomes of hits by place."""
    counted = {side: _counted(each, place) for side, each in hits.items()}
    return {
        name: {side: each[name] for side, each in counted.items()}
        for name in sorted(set().union(*counted.values()))
    }


def _by_rule(hits: _Hits, rule: str) -> dict[str, _Numbers]:
    numbers = _by(hits, lambda hit: hit.rule)
    return {name: each for name, each in numbers.items() if name != rule}


def _by_organization(session: Session, hits: _Hits) -> dict[str, Any]:
    """Where the subjects belong: the organizations with the most changes, and all others as one."""
    place = organization_of(session)
    ranked = sorted(_by(hits, place).items(), key=lambda each: _rank(each[1]))
    rest = [numbers for _code, numbers in ranked[MOST_ORGANIZATIONS:]]
    return {
        "organizations": [
            {"code": code, **numbers} for code, numbers in ranked[:MOST_ORGANIZATIONS]
        ],
        "others": {
            "number": len(rest),
            **{side: sum(each[side] for each in rest) for side in SIDES},
        },
    }


def _rank(numbers: _Numbers) -> tuple[int, int]:
    return -numbers["raised"] - numbers["gone"], -numbers["same"]


def organization_of(session: Session) -> Callable[[Hit], str]:
    """What gives the code of the organization to which the subject of a hit belongs.

    It is the organization itself; or where the cadre was posted on the day of the hit, and was
    posted last if they were nowhere.
    """
    cadre, place, posting = table_of(Cadre), table_of(Organization), table_of(Posting)
    latest = select(cadre.c.code, place.c.code).join(place, place.c.id == cadre.c.organization_id)
    now_at: dict[str, str] = {row[0]: row[1] for row in session.execute(latest)}
    dated = (
        select(cadre.c.code, posting.c.from_on, posting.c.until_on, place.c.code)
        .join(cadre, cadre.c.id == posting.c.cadre_id)
        .join(place, place.c.id == posting.c.organization_id)
    )
    stays: dict[str, list[tuple[date, date | None, str]]] = {}
    for code, first, last, at in session.execute(dated):
        stays.setdefault(code, []).append((first, last, at))

    def found(hit: Hit) -> str:
        if hit.subject_kind != "cadre":
            return hit.subject
        for first, last, at in stays.get(hit.subject, ()):
            if first <= hit.occurred_on and (last is None or hit.occurred_on <= last):
                return at
        return now_at.get(hit.subject, hit.subject)

    return found


def _samples(hits: Iterable[Hit], rule: str, telling: Telling) -> list[dict[str, Any]]:
    """The newest of the rule and the newest of the others."""
    told = [hit for hit in hits if hit.rule not in telling.hidden]
    own = [hit for hit in told if hit.rule == rule]
    others = [hit for hit in told if hit.rule != rule]
    kinds = telling.kinds
    return [*listed(own, kinds, MOST_SAMPLES), *listed(others, kinds, MOST_OF_OTHERS)]
