"""My flags: what concerns me or what I chair, and the one thing to do next about each."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import request
from flask.typing import ResponseReturnValue

from tiesan.access.viewer import current_viewer
from tiesan.admin.courses.offers import Offer, offered
from tiesan.admin.courses.pages import DrawsVerbs
from tiesan.admin.flags.lines import WITH_SUBJECTS
from tiesan.admin.shell.asked_once import asked_once
from tiesan.admin.shell.pages import Page, page, page_asked
from tiesan.clock import today
from tiesan.courses.standing import Asking, Standing, standings_of_persons
from tiesan.courses.values import Seen
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.i18n import _, _l, ngettext
from tiesan.records.policy import EVERYBODY
from tiesan.reviews.flag_course import CONCERNED, FLAG_COURSE
from tiesan.reviews.own import (
    NextStep,
    Step,
    finished_flags,
    first_to_do,
    next_step,
    number_to_do,
)
from tiesan.words.flags import message_of, organization_name, review_badge, severity_badge

_MOST, _MOST_FINISHED, _PAGE_SIZE = 500, 10, 25
# In what a form sends as ``own``: that whoever sent it goes on at their first page.
AT_HOME = "home"


@dataclass(frozen=True, slots=True)
class OwnFlag:
    """A flag in words; ``of`` is the organization that I answer for, where it is not on me."""

    flag: Flag
    badges: str
    message: str
    of: str
    state: str
    next: str
    step: NextStep
    offers: list[Offer]
    seen: Seen


class OwnFlagsView(DrawsVerbs, Page):
    """The flags that concern the viewer, whatever their roles."""

    roles = EVERYBODY
    place = "flags"
    course = FLAG_COURSE
    verb_page = "flag.verb_view"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("My flags"), endpoint="own_flags", url="/my/flags")

    def is_accessible(self) -> bool:
        """Whoever stands for a cadre has flags of their own, also after leaving."""
        return current_viewer().cadre_id is not None

    def to_do(self) -> int:
        """Return about how many flags the viewer has something to do next."""
        return own_to_do(current_viewer().account_id or 0)

    @page("/")
    @page("")
    def index_view(self) -> ResponseReturnValue:
        """Show what is to be done, what waits for others, and what is done with."""
        account_id, session = current_viewer().account_id or 0, db.session()
        ids = first_to_do(session, account_id, today(), _MOST)
        number = max(math.ceil(len(ids) / _PAGE_SIZE), 1)
        at = min(page_asked(request.args.get("page", "")), number - 1)
        done = [] if at else finished_flags(session, account_id, today(), _MOST_FINISHED)
        found = own_flags(ids[at * _PAGE_SIZE : (at + 1) * _PAGE_SIZE])
        to_do = [each for each in found if each.step.step is not Step.WAIT]
        return self.render(
            "flags/own.html",
            to_do=sorted(to_do, key=_by_end),
            waiting=[each for each in found if each.step.step is Step.WAIT],
            done=own_flags(done),
            at=at,
            pages=number,
            number_to_do=self.to_do(),
            number_waiting=max(len(ids) - self.to_do(), 0),
            of_own_flags=1,
        )


@asked_once
def own_to_do(account_id: int) -> int:
    """Return about how many flags an account has something to do next, for menu and first page."""
    return number_to_do(db.session(), account_id, today())


def _by_end(own: OwnFlag) -> date:
    """What has an end comes first."""
    return own.step.until or date.max


def own_flags(ids: Sequence[int]) -> list[OwnFlag]:
    """Return flags in words, in the order of these ids, with what comes next for the viewer."""
    account_id = current_viewer().account_id
    asking, concerned = Asking(account_id, today()), (CONCERNED.name,)
    standings = standings_of_persons(db.session(), FLAG_COURSE, ids, asking, concerned)
    # Kept until the lines are made, so that no line asks for its subject by itself.
    loaded = db.session.scalars(WITH_SUBJECTS, {"flags": ids}).all()
    visible = {flag.id for flag in loaded}
    return [_own_flag(standings[flag_id]) for flag_id in ids if flag_id in visible]


def _own_flag(standing: Standing) -> OwnFlag:
    flag, seen = standing.row, standing.seen(FLAG_COURSE)
    by_name = {offer.name: offer for offer in offered(FLAG_COURSE, standing)}
    step = next_step(standing, by_name)
    offers = [by_name[name] for name in step.verbs if name in by_name]
    badges = severity_badge(flag.severity) + " " + review_badge(flag, standing.state)
    of = "" if flag.cadre_id is not None else organization_name(flag)
    words, message = _words(step, flag), message_of(flag)
    return OwnFlag(flag, badges, message, of, standing.state, words, step, offers, seen)


def _words(step: NextStep, flag: Flag) -> str:
    match step.step:
        case Step.EXPLAIN:
            return _("Say what happened, or ask for a waiver.")
        case Step.ANSWER if step.until is not None:
            return ngettext(
                "Accept it or appeal: %(num)d day left, today included.",
                "Accept it or appeal: %(num)d days left, today included.",
                (step.until - today()).days + 1,
            )
        case Step.REMEDY:
            return _("Report what was done about it.")
    return _("Wait for a reviewer.") if flag.active else _("Its condition no longer holds.")
