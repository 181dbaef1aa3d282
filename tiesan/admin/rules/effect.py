"""What the page shows of the effect of a parameter's value: numbers by rule, and each flag."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tiesan.admin.rules.lines import FlagLine, flag_lines
from tiesan.extensions import db
from tiesan.flags.catalog import Catalog
from tiesan.i18n import _, _l
from tiesan.scheduler.jobs import FIND_EFFECT
from tiesan.scheduler.models import JobRun, State
from tiesan.words.flags import rule_title

_WORDS: Mapping[str, str] = {
    "raised": _l("Newly flagged"),
    "cleared": _l("Cleared"),
    "changed": _l("Another day or severity"),
}


@dataclass(frozen=True, slots=True)
class EffectGroup:
    """The flags that would come, go or change: how many there are, and the newest of them."""

    name: str
    word: str
    number: int
    lines: Sequence[FlagLine]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a value would change; ``rules`` are titles, each with its numbers in words."""

    groups: Sequence[EffectGroup]
    rules: Sequence[tuple[str, str]]
    hidden: Sequence[str]
    not_evaluated: Sequence[str]


def effect_run(run_id: int, rule_id: str) -> JobRun | None:
    """Return the run that looks for the effect of a value of a rule; None if that is none."""
    run = db.session.get(JobRun, run_id)
    known = run is not None and run.job == FIND_EFFECT.name and run.given["rule"] == rule_id
    return run if known else None


def effect_of(run: JobRun, catalog: Catalog) -> Effect | None:
    """Return what a run has found, None if nothing yet."""
    if run.state != State.DONE:
        return None
    found = run.outcome["effect"]
    return Effect(
        [
            EffectGroup(
                name, str(word), found["numbers"][name], flag_lines(found["flags"][name], catalog)
            )
            for name, word in _WORDS.items()
        ],
        [(rule_title(catalog, rule), _in_words(each)) for rule, each in found["rules"].items()],
        [rule_title(catalog, rule) for rule in found["hidden"]],
        found["not_evaluated"],
    )


def _in_words(numbers: Mapping[str, int]) -> str:
    return " · ".join(f"{word} {numbers[name]}" for name, word in _WORDS.items() if numbers[name])


def effect_failed(run: JobRun) -> str:
    """Return what is said of a run that has come to nothing; an empty text for any other."""
    return _("It could not be found out; try once more.") if run.state == State.FAILED else ""
