"""What the page shows of the effect of a parameter's value: numbers by rule, and each flag."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from flask import url_for
from sqlalchemy import select

from tiesan.access.criterion import readable_rows
from tiesan.extensions import db
from tiesan.flags.catalog import Catalog
from tiesan.flags.models import Flag
from tiesan.i18n import _, _l, current_language
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import table_of
from tiesan.scheduler.jobs import FIND_EFFECT
from tiesan.scheduler.models import JobRun, State
from tiesan.words.evidence import EvidenceReader, Exhibit
from tiesan.words.flags import rule_title

_WORDS: Mapping[str, str] = {
    "raised": _l("Newly flagged"),
    "cleared": _l("Cleared"),
    "changed": _l("Another day or severity"),
}
# Rule, kind of subject, code of the subject, key.
_Identity: TypeAlias = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a flag is about, and their page if the viewer may open it."""

    name: str
    url: str | None


@dataclass(frozen=True, slots=True)
class EffectLine:
    """A flag that would come, go or change.

    ``url`` is its page, if it is there and the viewer may see it; ``exhibit`` is what it is about.
    """

    message: str
    rule: str
    subject: Subject
    occurred_on: date
    url: str | None
    exhibit: Exhibit | None


@dataclass(frozen=True, slots=True)
class EffectGroup:
    """The flags that would come, go or change: how many there are, and the newest of them."""

    name: str
    word: str
    number: int
    lines: Sequence[EffectLine]


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
            EffectGroup(name, str(word), found["numbers"][name], _lines(found, name, catalog))
            for name, word in _WORDS.items()
        ],
        [(rule_title(catalog, rule), _in_words(each)) for rule, each in found["rules"].items()],
        [rule_title(catalog, rule) for rule in found["hidden"]],
        found["not_evaluated"],
    )


def _in_words(numbers: Mapping[str, int]) -> str:
    return " · ".join(f"{word} {numbers[name]}" for name, word in _WORDS.items() if numbers[name])


def _lines(found: Mapping[str, Any], name: str, catalog: Catalog) -> list[EffectLine]:
    flags = found["flags"][name]
    subjects, pages = _subjects(flags), _pages_of_flags(flags)
    language = "en" if current_language().startswith("en") else "zh"
    return [
        EffectLine(
            flag[language],
            rule_title(catalog, flag["rule"]),
            subjects.get((flag["subject_kind"], flag["subject"]), Subject(flag["subject"], None)),
            date.fromisoformat(flag["occurred_on"]),
            pages.get(_identity(flag)),
            _exhibit(flag, catalog),
        )
        for flag in flags
    ]


def _identity(flag: Mapping[str, Any]) -> _Identity:
    return flag["rule"], flag["subject_kind"], flag["subject"], flag["key"]


def _subjects(flags: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Subject]:
    """Whom flags are about, by kind and code."""
    found: dict[tuple[str, str], Subject] = {}
    for kind, model in (("cadre", Cadre), ("organization", Organization)):
        codes = {flag["subject"] for flag in flags if flag["subject_kind"] == kind}
        rows = select(model.id, model.code, model.name)
        for row_id, code, name in db.session.execute(
            rows.where(model.code.in_(codes), readable_rows(model))
        ):
            url = url_for(f"{kind}.details_view", id=row_id)
            found[kind, code] = Subject(f"{name} · {code}", url)
    return found


def _pages_of_flags(flags: Sequence[Mapping[str, Any]]) -> dict[_Identity, str]:
    """The pages of those active flags of these identities that the viewer may see."""
    cadre, place = table_of(Cadre), table_of(Organization)
    statement = (
        select(Flag.id, Flag.rule, Flag.key, cadre.c.code, place.c.code)
        .outerjoin(cadre, cadre.c.id == Flag.cadre_id)
        .outerjoin(place, place.c.id == Flag.organization_id)
        .where(Flag.active, Flag.rule.in_({flag["rule"] for flag in flags}))
        .where(Flag.key.in_({flag["key"] for flag in flags}))
    )
    found: dict[_Identity, str] = {}
    for flag_id, rule, key, of_cadre, of_place in db.session.execute(statement):
        subject = ("cadre", of_cadre) if of_cadre else ("organization", of_place)
        found[rule, *subject, key] = url_for("flag.details_view", id=flag_id)
    return found


def _exhibit(flag: Mapping[str, Any], catalog: Catalog) -> Exhibit | None:
    """What a flag is about, with its page if it is a record that the viewer may open."""
    if flag["fact"] is None:
        return None
    reader = EvidenceReader(catalog, catalog.rules.get(flag["rule"]))
    return reader.exhibits([flag["fact"]])[0]


def effect_failed(run: JobRun) -> str:
    """Return what is said of a run that has come to nothing; an empty text for any other."""
    return _("It could not be found out; try once more.") if run.state == State.FAILED else ""
