"""*My flags*, on the first page: what is unfinished, and the one next thing to do about each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import bindparam, select

from tiesan.access.installation import installed
from tiesan.access.viewer import Viewer
from tiesan.admin.courses.offers import Offer
from tiesan.admin.flags.own import OwnFlag, own_flags, own_to_do
from tiesan.admin.flags.what_to_enter import form_that_clears
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.flags.follow_up import Notice, NoticeFinding, NoticeState, reference_of
from tiesan.i18n import _
from tiesan.records.kinds import table_of
from tiesan.reviews.own import Step, first_to_do
from tiesan.rules import Review

MOST_AT_HOME = 5
# As long as it stands so, doing late what was not done clears or eases it.
_EASED = frozenset(
    {Review.OPEN.value, Review.ACKNOWLEDGED.value, Review.EXPLAINED.value, Review.CONFIRMED.value}
)
# The verbs of each step that are the next thing; others of the step are rare.
_NEXT: Mapping[Step, tuple[str, ...]] = {
    Step.EXPLAIN: ("explain",),
    Step.ANSWER: ("accept", "appeal"),
    Step.REMEDY: ("report_remedy",),
}


@dataclass(frozen=True, slots=True)
class NextThing:
    """A button: its word, and where it leads."""

    word: str
    url: str


@dataclass(frozen=True, slots=True)
class FlagAtHome:
    """An unfinished flag, and the one next thing: a button that leads on, or verbs of its course.

    With neither, others are to act first.
    """

    own: OwnFlag
    button: NextThing | None
    offers: Sequence[Offer]

    @property
    def says_next(self) -> bool:
        """Whether what comes next is said in words too: it waits, or there is an end to it."""
        return self.button is None and (not self.offers or self.own.step.until is not None)


@dataclass(frozen=True, slots=True)
class FlagsAtHome:
    """The first unfinished flags, and about how many the viewer has something to do next.

    The number is that of the menu; what waits for others is listed and not counted.
    """

    lines: Sequence[FlagAtHome]
    to_do: int


def flags_at_home(viewer: Viewer) -> FlagsAtHome | None:
    """Return the flags of the viewer, and of what they chair; None for who stands for no cadre.

    What they have something to do about comes first.
    """
    if viewer.cadre_id is None:
        return None
    session, account_id, day = db.session(), viewer.account_id or 0, today()
    first = first_to_do(session, account_id, day, MOST_AT_HOME)
    notices = _notices_to_sign(first)
    lines = [FlagAtHome(own, _button(own, notices), _offers(own)) for own in own_flags(first)]
    return FlagsAtHome(lines, own_to_do(account_id))


def _button(own: OwnFlag, notices: Mapping[int, tuple[int, str]]) -> NextThing | None:
    """What leads on: signing for a notice first, then doing what was not done."""
    notice = notices.get(own.flag.id)
    if notice is not None:
        notice_id, reference = notice
        word = _("Sign for %(notice)s", notice=reference)
        return NextThing(word, url_for("notice.details_view", id=notice_id))
    rule = installed().version(own.flag.rule, own.flag.rule_digest)
    if rule is None or not own.flag.active or own.state not in _EASED:
        return None
    found = form_that_clears(rule, own.flag)
    return None if found is None else NextThing(*found)


def _offers(own: OwnFlag) -> list[Offer]:
    """The verbs of the one next step; all others are on the flag's page."""
    return [offer for offer in own.offers if offer.name in _NEXT.get(own.step.step, ())]


def _notices_to_sign(flag_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """The notices that nobody has signed for yet, by the flags that they name: id and number.

    The flags are the viewer's own, and whoever a flag concerns is whom its notice addresses; of a
    confidential one nobody is.
    """
    if not flag_ids:
        return {}
    found = db.session.connection().execute(_TO_SIGN, {"flags": flag_ids})
    return {flag_id: (notice_id, reference) for flag_id, notice_id, reference in found}


_NOTICE, _FINDING = table_of(Notice), table_of(NoticeFinding)
_TO_SIGN = (
    select(_FINDING.c.flag_id, _NOTICE.c.id, reference_of(_NOTICE.c))
    .join(_NOTICE, _NOTICE.c.id == _FINDING.c.notice_id)
    .where(
        _FINDING.c.flag_id.in_(bindparam("flags", expanding=True)),
        _FINDING.c.left_on.is_(None),
        _NOTICE.c.state == NoticeState.ISSUED.value,
        ~_NOTICE.c.confidential,
    )
)
