"""What a page shows of a row in its course: the state, what the viewer can do, what happened."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from markupsafe import Markup
from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # older stubs

from tiesan.access.viewer import current_viewer
from tiesan.admin.forms.inputs import FilesField, RecordForm, field_input, made_form
from tiesan.clock import today
from tiesan.courses.carrying import Attempt, case_of, held_back, verbs_open_to
from tiesan.courses.errors import Refused
from tiesan.courses.models import LONGEST_TEXT
from tiesan.courses.standing import Asking, Standing, standings_of_persons
from tiesan.courses.timeline import Step, timeline
from tiesan.courses.values import NEW, Case, Course, Event, Given, Input, Seen, Verb
from tiesan.extensions import db
from tiesan.i18n import _
from tiesan.records.base import Record
from tiesan.words.attachments import FileLine, file_lines
from tiesan.words.history import history_of

# What a button on the page of a row can ask for; all else has a page of its own.
_INLINE = frozenset({Input.TEXT, Input.CHECK, Input.DAY, Input.FILES})


@dataclass(frozen=True, slots=True)
class Ask:
    """One input beside a button: a text, a day, or something to tick."""

    name: str
    label: str
    required: bool
    input: Input


@dataclass(frozen=True, slots=True)
class Offer:
    """A verb that is open to the viewer: its word, what it asks for, what to know before.

    ``asks`` are None for a verb whose form has a page of its own; with ``one_tap`` the button does
    it at once, and what may be given is folded beside it.
    """

    name: str
    word: str
    asks: list[Ask] | None
    remark: str | None
    one_tap: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """A row in its course as its page shows it; ``files`` are the attachments of its steps."""

    badge: str
    seen: Seen
    offers: list[Offer]
    held_back: list[tuple[str, Refused]]
    steps: list[Step]
    files: Mapping[int, FileLine]


def offered(course: Course, standing: Standing) -> list[Offer]:
    """Return what the viewer of this request can do with a row, and nothing else of its page."""
    actor = current_viewer().actor
    open_to = verbs_open_to(db.session(), course, standing, actor, today())
    return [_offer(verb, case) for verb, case in open_to]


def drawn(course: Course, standing: Standing) -> Drawn:
    """Return what the page of a row shows the viewer of this request."""
    actor, day = current_viewer().actor, today()
    session = db.session()
    offers = verbs_open_to(session, course, standing, actor, day)
    files = {each for event in standing.events for each in event.attachments}
    return Drawn(
        badge=badge(course, standing.state),
        seen=standing.seen(course),
        offers=[_offer(verb, case) for verb, case in offers],
        held_back=[
            (str(verb.word), error)
            for verb, error in held_back(session, course, standing, actor, day)
        ],
        steps=timeline(course, standing.row, _shown(standing)),
        files=file_lines(files),
    )


def _shown(standing: Standing) -> tuple[Event, ...]:
    """The events, without the names of those whom the row was about by mistake."""
    if not isinstance(standing.row, Record):
        return standing.events
    hidden = history_of(standing.row).hidden
    # Without the account too, which a page would call by the person's name.
    return tuple(
        replace(event, actor_name=_("not shown"), account_id=None)
        if event.account_id in hidden
        else event
        for event in standing.events
    )


def badge(course: Course, state: str) -> Markup:
    """Return a state by its word."""
    return Markup('<span class="review course-{}">{}</span>').format(
        state, course.state(state).word
    )


def _offer(verb: Verb, case: Case) -> Offer:
    inline = all(each.input in _INLINE for each in verb.given)
    asks = [
        Ask(each.name, str(each.label), each.is_required(case), each.input) for each in verb.given
    ]
    remark = None if verb.remark is None else verb.remark(case)
    return Offer(verb.name, str(verb.word), asks if inline else None, remark, verb.one_tap)


# --- forms ----------------------------------------------------------------------------------------


def verb_form(verb: Verb, case: Case) -> RecordForm:
    """Return the form of a verb, filled with what was sent and what the row says already."""
    inputs = {each.name: _input(each, case) for each in verb.given}
    return made_form(inputs)(data=dict(_first_values(verb, case)))


def _input(given: Given, case: Case) -> Any:
    render = {"required": True} if given.is_required(case) else {}
    match given.input:
        case Input.FIELD if given.field is not None:
            return field_input(given.field, required=given.field.required)
        case Input.TEXT:
            limits = {"rows": "3", "maxlength": str(LONGEST_TEXT)}
            return TextAreaField(given.label, render_kw=limits | render)
        case Input.DAY:
            return DateField(given.label, render_kw=render)
        case Input.CHECK | Input.FILES:
            kind = BooleanField if given.input is Input.CHECK else FilesField
            return kind(given.label, render_kw=render)
        case Input.ACCOUNT | Input.CHOICE if given.choices is not None:
            left = [("", "—")] if given.input is Input.CHOICE else []
            choices = [SelectChoice(*each) for each in (*left, *given.choices(case))]
            return SelectField(given.label, choices=choices, render_kw=render)
    return StringField(given.label, render_kw=render)


def _first_values(verb: Verb, case: Case) -> Iterator[tuple[str, Any]]:
    """What an empty form says: what the row says, and today for the day of doing."""
    for given in verb.given:
        if given.input is Input.FIELD and case.row is not None:
            yield given.name, getattr(case.row, given.name)
        elif given.input is Input.DAY and not given.to_come:
            yield given.name, case.day


def takes_files(verb: Verb) -> bool:
    """Whether files can be given to a verb."""
    return any(given.input is Input.FILES for given in verb.given)


def empty_case(course: Course, verb: Verb, standing: Standing | None, attempt: Attempt) -> Case:
    """Return the case of a verb for its form."""
    return case_of(db.session(), course, verb, standing, attempt)


def verbs_for_many(course: Course, standings: Iterable[Standing]) -> list[Verb]:
    """Return the verbs that fit the viewer and the state of one of these rows, and need no form.

    Gates are not asked of a whole page: what they refuse is named with its row in the result.
    """
    fitting = {
        verb.name
        for standing in standings
        if standing.visible and standing.live
        for verb in _for_many(course)
        if standing.state in verb.from_ and any(who.name in standing.holds for who in verb.who)
    }
    return [verb for verb in _for_many(course) if verb.name in fitting]


def standings_for_many(course: Course, states: Mapping[int, str]) -> Mapping[int, Standing]:
    """Return how those rows stand with which somebody can do something that needs no form.

    Policies are not asked about the others: it takes longer than the list.
    """
    there = set(states.values())
    verbs = [verb for verb in _for_many(course) if not there.isdisjoint(verb.from_)]
    ids = [of for of, state in states.items() if any(state in verb.from_ for verb in verbs)]
    names = tuple(sorted({who.name for verb in verbs for who in verb.who}))
    asking = Asking(current_viewer().account_id, today())
    return standings_of_persons(db.session(), course, ids, asking, names, anew=False)


@cache
def _for_many(course: Course) -> tuple[Verb, ...]:
    """The verbs of a course that can be carried out on several rows without a form."""
    return tuple(
        verb
        for verb in course.verbs
        if verb.from_ is not NEW and all(_suits_many(each) for each in verb.given)
    )


def _suits_many(given: Given) -> bool:
    """Whether one input can serve many rows: a text does, files are left."""
    return given.input is Input.TEXT or (given.input is Input.FILES and given.required is False)
