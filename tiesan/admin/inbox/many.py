"""Many flags of the inbox at once: which verbs fit, which flags were chosen, what is asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.datastructures import MultiDict

from tiesan.access.viewer import current_viewer
from tiesan.admin.courses.offers import Ask
from tiesan.admin.inbox.address import Address
from tiesan.admin.inbox.lines import Line, standings_of
from tiesan.clock import today
from tiesan.courses.many import MOST, named_all
from tiesan.courses.values import Input, Verb
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.people.models import Cadre
from tiesan.reviews.flag_course import CONCERNED, FLAG_COURSE
from tiesan.reviews.inbox import waiting_for
from tiesan.words.flags import message_of, organization_name, subject_name

_ASKED = frozenset({Input.TEXT, Input.DAY})
# Whom it concerns answers flag by flag, and one is assigned to whom fits it.
_FOR_MANY = tuple(
    verb
    for verb in FLAG_COURSE.verbs
    if CONCERNED not in verb.who and all(each.input in _ASKED for each in verb.given)
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A flag that was chosen: named as it was seen, and in words."""

    token: str
    message: str
    under: str


def verb_for_many(name: str) -> Verb | None:
    """Return the verb of a name, if it can be carried out on many."""
    return next((verb for verb in _FOR_MANY if verb.name == name), None)


def verbs_for_lines(lines: Iterable[Line]) -> list[Verb]:
    """Return the verbs that fit why the flags of these lines wait; one may still refuse it."""
    states = {state for line in lines for state in line.states}
    changed = any(line.item.why.verb == "keep" for line in lines)
    return [
        verb
        for verb in _FOR_MANY
        if not states.isdisjoint(verb.from_) and (changed or verb.name not in {"keep", "reopen"})
    ]


def asked_for_many(verb: Verb) -> list[Ask]:
    """Return what a form for many flags asks; a text that only some need may be left."""
    return [
        Ask(each.name, str(each.label), each.required is True, each.input) for each in verb.given
    ]


def chosen_for_many(form: MultiDict[str, str], address: Address) -> list[Chosen]:
    """Return the flags that a form of the inbox names, or all that its filter finds."""
    if form.get("all") == "1":
        account_id = current_viewer().account_id or 0
        found = waiting_for(db.session(), account_id, today(), address.wanted)
        return _in_words([each.id for each in found], {})
    named = named_all(form.getlist("ids"))[:MOST]
    tokens = {each.id: f"{each.id}:{each.state}:{each.version}:{each.events}" for each in named}
    return _in_words([each.id for each in named], tokens)


def _in_words(ids: Sequence[int], tokens: dict[int, str]) -> list[Chosen]:
    standings = standings_of(ids)
    of_cadre = selectinload(Flag.cadre).selectinload(Cadre.organization)
    flags = select(Flag).where(Flag.id.in_(ids))
    loaded = db.session.scalars(flags.options(of_cadre, selectinload(Flag.organization))).all()
    rows = {flag.id: flag for flag in loaded if standings[flag.id].visible}
    return [
        Chosen(
            tokens.get(flag_id) or f"{flag_id}:{standings[flag_id].seen(FLAG_COURSE).token}",
            message_of(rows[flag_id]),
            f"{subject_name(rows[flag_id])} · {organization_name(rows[flag_id])}",
        )
        for flag_id in ids
        if flag_id in rows
    ]
