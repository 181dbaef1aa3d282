"""The course of a standing waiver: granted for some days, of which only the last may be changed.

Source: the page on reviews, "Waivers". From at most 366 days back, at most 366 days in all, by who
reviews the open flags of whom it is about. What it does to flags is ``tiesan.reviews.granting``.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, true

from tiesan.access.installation import installed
from tiesan.access.policies import Day, Id
from tiesan.access.waivers import grants, is_covered, may_grant, reviews_anybody, sees_waiver
from tiesan.audit import Subject, record_entry
from tiesan.courses.errors import Refused, Wrong
from tiesan.courses.given import UNTIL, check, text
from tiesan.courses.history import COURSE_EVENTS
from tiesan.courses.values import DAY, NEW, Case, Course, Gate, Given, Input, State, Verb, Who
from tiesan.flags.waivers import Waiver
from tiesan.i18n import _, _l
from tiesan.people.models import Cadre, Organization
from tiesan.reviews import granting

WAIVER_CHANGED = "waiver changed"
FARTHEST_BACK = timedelta(days=366)
LONGEST = timedelta(days=366)
_ONE_DAY = timedelta(days=1)
_STATES = frozenset({"coming", "running", "ended"})

# --- what is given --------------------------------------------------------------------------------


def _of_rules(name: str, label: str, other: str, known: Callable[[str], bool]) -> Given:
    """A rule or an institution by its name, whichever of the two is given."""

    def reads(value: str, case: Case) -> str:
        if case.given.get(other) is not None:
            raise Wrong(name, _("Name one rule or one institution, not both."))
        if not known(value):
            raise Wrong(name, _("There is nothing of this name: %(name)s", name=value))
        return value

    def required(case: Case) -> bool:
        """When the other one is not given."""
        return name == "rule" and case.given.get(other) is None

    return Given(name, label, Input.CHOICE, reads, required)


def _cadre() -> Given:
    """A cadre by code, where no organization is given."""

    def reads(value: str, case: Case) -> Cadre:
        if case.given.get("organization") is not None:
            raise Wrong("cadre", _("Name one cadre or one organization, not both."))
        if case.given["below"]:
            raise Wrong("below", _("Only an organization has something below it."))
        found = case.session.scalars(select(Cadre).where(Cadre.code == value)).one_or_none()
        if found is None:
            raise Wrong("cadre", _("There is nothing of this name: %(name)s", name=value))
        _refuse_others(case, found)
        return found

    def required(case: Case) -> bool:
        """When no organization is given."""
        return case.given.get("organization") is None

    return Given("cadre", _l("Cadre"), Input.CHOICE, reads, required)


def _organization() -> Given:
    """An organization by code."""

    def reads(value: str, case: Case) -> Organization:
        statement = select(Organization).where(Organization.code == value)
        found = case.session.scalars(statement).one_or_none()
        if found is None:
            raise Wrong("organization", _("There is nothing of this name: %(name)s", name=value))
        _refuse_others(case, found)
        return found

    return Given("organization", _l("Organization"), Input.CHOICE, reads, required=False)


def _refuse_others(case: Case, whom: Cadre | Organization) -> None:
    """Tell who may not grant it so, before anything else that was given is looked at."""
    whole = bool(case.given["below"])
    if not grants(case.session, case.actor.account_id, whom, case.day, below=whole):
        raise Refused(str(GRANTER.refusal))


def _is_rule(name: str) -> bool:
    return name in installed().rules


def _is_plugin(name: str) -> bool:
    return any(plugin.name == name for plugin in installed().plugins)


def _day_of(name: str, value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Wrong(name, _("No day: %(found)s", found=value)) from None


def _first_day() -> Given:
    def reads(value: Any, case: Case) -> date:
        found = _day_of("from", value)
        if found < case.day - FARTHEST_BACK:
            raise Wrong("from", _("A waiver begins at most 366 days back."))
        return found

    return Given("from", _l("From"), Input.DAY, reads)


def _last_day() -> Given:
    def reads(value: Any, case: Case) -> date:
        found, first = _day_of(UNTIL, value), case.given["from"]
        if found < first:
            raise Wrong(UNTIL, _("The end lies before the beginning."))
        _refuse_too_long(first, found)
        return found

    return Given(UNTIL, _l("Until"), Input.DAY, reads)


def _new_end() -> Given:
    def reads(value: Any, case: Case) -> date:
        found, waiver = _day_of(UNTIL, value), case.row
        if found < case.day - _ONE_DAY:
            raise Wrong(UNTIL, _("The end can be set to yesterday or later."))
        if found == waiver.until:
            raise Wrong(UNTIL, _("This is the end already."))
        _refuse_too_long(waiver.first_day, found)
        return found

    return Given(UNTIL, _l("Until"), Input.DAY, reads)


def _refuse_too_long(first: date, last: date) -> None:
    if last - first >= LONGEST:
        raise Wrong(UNTIL, _("A waiver has at most 366 days in all."))


# --- persons and gates ----------------------------------------------------------------------------

GRANTER = Who(
    "granter",
    _l("reviewer"),
    may_grant,
    _l("Only who reviews the flags of whom it is about may do this, and nobody about themself."),
)


def is_of_the_covered(waiver: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001
    """Whom the waiver is about: the cadre, the chair, or who is posted somewhere below."""
    return is_covered(waiver, who)


COVERED = Who("covered", _l("concerned"), is_of_the_covered, _l("Only whom it is about."))


def reviews_somebody(case: Case) -> bool:
    """The actor has a role by which flags are reviewed."""
    return reviews_anybody(case.session, case.actor.account_id, case.day)


REVIEWS = Gate(reviews_somebody, _l("Only who reviews flags grants waivers."))

# --- what verbs set -------------------------------------------------------------------------------


def rule_given(case: Case) -> str | None:
    """The rule that was given, if one was."""
    found: str | None = case.given["rule"]
    return found


def plugin_given(case: Case) -> str | None:
    """The institution that was given, if one was."""
    found: str | None = case.given["plugin"]
    return found


def cadre_given(case: Case) -> int | None:
    """The cadre that was given, if one was."""
    found: Cadre | None = case.given["cadre"]
    return None if found is None else found.id


def organization_given(case: Case) -> int | None:
    """The organization that was given, if one was."""
    found: Organization | None = case.given["organization"]
    return None if found is None else found.id


def district_of_subject(case: Case) -> int | None:
    """The district of whom it is about."""
    cadre: Cadre | None = case.given["cadre"]
    place = case.given["organization"] if cadre is None else cadre.organization
    found: int | None = place.district_id
    return found


def below_given(case: Case) -> bool:
    """Whether everything below is meant."""
    return bool(case.given["below"])


def first_day_given(case: Case) -> date:
    """The first day that was given."""
    found: date = case.given["from"]
    return found


def end_given(case: Case) -> date:
    """The end that was given."""
    found: date = case.given[UNTIL]
    return found


def text_given(case: Case) -> str:
    """The text that was given."""
    return str(case.given["text"])


def actor(case: Case) -> int | None:
    """The account that grants it."""
    return case.actor.account_id


def this_day(case: Case) -> date:
    """The day of the grant."""
    return case.day


def this_moment(case: Case) -> Any:
    """The time of the grant."""
    return case.at


def begin(case: Case) -> None:
    """Cover the flags that wait for a decision, and write the one audit entry."""
    granting.begin(case)
    waiver: Waiver = case.row
    details = {"from": waiver.first_day.isoformat(), UNTIL: waiver.until.isoformat()}
    subject = subject_of_waiver(waiver)
    record_entry(case.session, case.actor, "grant", subject, at=case.at, details=details)


def version_of_waiver(waiver: Any) -> str:
    """Its end."""
    found: date = waiver.until
    return found.isoformat()


def subject_of_waiver(waiver: Any) -> Subject:
    """What an audit entry says it is about."""
    whom = waiver.subject
    name = f"{waiver.rule or waiver.plugin} {'' if whom is None else whom.code}".strip()
    return Subject("waiver", waiver.id, name, waiver.district_id)


VERBS = (
    Verb(
        "grant",
        _l("Grant a waiver"),
        _l("Standing waiver granted"),
        NEW,
        _STATES,
        (GRANTER,),
        (
            check("below", _l("And everything below it, cadres included")),
            _organization(),
            _cadre(),
            _of_rules("plugin", _l("Institution"), "rule", _is_plugin),
            _of_rules("rule", _l("Rule"), "plugin", _is_rule),
            _first_day(),
            _last_day(),
            text(),
        ),
        {
            "rule": rule_given,
            "plugin": plugin_given,
            "cadre_id": cadre_given,
            "organization_id": organization_given,
            "district_id": district_of_subject,
            "below": below_given,
            "first_day": first_day_given,
            "until": end_given,
            "text": text_given,
            "giver_id": actor,
            "granted_on": this_day,
            "granted_at": this_moment,
        },
        (REVIEWS,),
        begin,
        tells=True,
    ),
    Verb(
        "end",
        _l("Change the end"),
        _l("End changed"),
        _STATES,
        _STATES,
        (GRANTER,),
        (_new_end(), text()),
        {"until": end_given},
        then=granting.change_end,
        tells=True,
    ),
)

WAIVER_COURSE = Course(
    "waiver",
    _l("Standing waiver"),
    of=Waiver,
    states=(
        State(
            "coming", _l("Not begun"), (Waiver.first_day > DAY) & (Waiver.until >= Waiver.first_day)
        ),
        State("running", _l("In force"), Waiver.until >= DAY),
        State("ended", _l("Run out"), true()),
    ),
    verbs=VERBS,
    visible=sees_waiver,
    version=version_of_waiver,
    history=COURSE_EVENTS,
    subject=subject_of_waiver,
    must_be_seen=False,
    affects=(COVERED,),
    decided=WAIVER_CHANGED,
)
