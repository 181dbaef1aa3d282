"""Words about flags: badges, and labels of review states and of what happened."""

from collections.abc import Collection, Mapping
from functools import cache

from markupsafe import Markup

from tiesan.facts.kinds import FactKinds
from tiesan.flags.catalog import Catalog
from tiesan.flags.models import Flag, FlagRevision
from tiesan.flags.waiving import COVERED, UNCOVERED
from tiesan.i18n import _, _l, current_language
from tiesan.reviews.flag_course import FLAG_COURSE
from tiesan.rules import (
    FLAG,
    REVIEW_LABELS,
    SEVERITY_LABELS,
    Dated,
    Deadline,
    Duty,
    Missing,
    Path,
    Review,
    Rule,
    Severity,
    Tally,
)

# Until it is confirmed, every text calls a flag suspected (疑似).
ESTABLISHED = frozenset({Review.CONFIRMED, Review.REMEDIED, Review.CLOSED})
SETTLED = frozenset({Review.DISMISSED, Review.WAIVED})
GRAVITY: Mapping[str, int] = {severity.value: rank for rank, severity in enumerate(Severity)}

EVENTS: Mapping[str, str] = {
    "raised": _l("Raised"),
    "revised": _l("Evidence changed"),
    "cleared": _l("Cleared"),
    "raised_again": _l("Raised again"),
    "moved": _l("Moved along with the cadre"),
}
CLEARED: Mapping[str, str] = {
    "condition": _l("its condition no longer holds"),
    "rule": _l("its rule is no longer there or switched off"),
    "ahead": _l("it spoke of a day that had not come yet"),
    "rule_edited": _l("its rule was edited"),
    "merged": _l("two entries of the person were merged, and both had it"),
}


# What standing waivers do.
_COVERING = {
    COVERED: _l("Covered by a standing waiver"),
    UNCOVERED: _l("No longer covered"),
}


def verb_done(verb: str) -> str:
    """Return the word for what somebody did in a review, once it is done."""
    done = {each.name: each.done for each in FLAG_COURSE.verbs}
    done |= {each.verb: each.word for each in FLAG_COURSE.lapses} | _COVERING
    return str(done.get(verb, verb))


# The way of a flag from its raising to its end, with the states in which it stands at each stage.
_STAGES = (
    (_l("Raised"), {Review.OPEN}),
    (_l("Taken up"), {Review.ACKNOWLEDGED}),
    (_l("Heard"), {Review.EXPLAINED}),
    (_l("Decided"), {Review.CONFIRMED, Review.DISMISSED, Review.WAIVED, Review.APPEALED}),
    (_l("Put right"), {Review.REMEDIED}),
    (_l("Done with"), {Review.CLOSED}),
)


def stages_of(review: str, been: Collection[str]) -> list[tuple[str, str]]:
    """Return the stages of a flag's way, each with ``past``, ``present`` or ``to_come``.

    ``been`` are the states in which the flag has been: a stage that its way has left out is not
    among the past ones.
    """
    [now] = [number for number, (_word, states) in enumerate(_STAGES) if review in states]
    places = ("past", "present", "to_come")
    return [
        (str(word), places[(number > now) - (number < now) + 1])
        for number, (word, states) in enumerate(_STAGES)
        if number >= now or number == 0 or not states.isdisjoint(been)
    ]


# There are some thirty of them, each drawn on every page of flags.
@cache
def _badge(kind: str, name: str, word: str) -> Markup:
    """A word of a closed list, with the colour of its name."""
    return Markup('<span class="{0} {0}-{1}">{2}</span>').format(kind, name, word)


def severity_badge(severity: str) -> Markup:
    """Return a severity by colour and word."""
    return _badge("severity", severity, str(SEVERITY_LABELS[severity]))


def review_badge(flag: Flag, state: str = "") -> Markup:
    """Return the review state, after the word that the flag is suspected until it is confirmed.

    ``state`` is how it stands today, where that is known; the stored one may have ended.
    """
    return Markup(" ").join(filter(None, (suspected(flag), review_word(state or flag.review))))


def review_word(review: str) -> Markup:
    """Return a review state by colour and word."""
    return _badge("review", review, str(REVIEW_LABELS[review]))


def is_suspected(flag: Flag) -> bool:
    """Whether nobody has established yet what the flag says, nor put it aside."""
    return flag.review not in ESTABLISHED | SETTLED


def suspected(flag: Flag) -> Markup:
    """Return the word 疑似 for a flag that is not established."""
    if not is_suspected(flag):
        return Markup()
    return Markup('<span class="suspected">{}</span>').format(_("Suspected"))


def state_badge(flag: Flag) -> Markup:
    """Return whether the condition holds."""
    if flag.active:
        return _badge("state", "active", _("Active"))
    return _badge("state", "cleared", _("Cleared"))


def standing_badges(flag: Flag) -> Markup:
    """Return the review state, and that the condition holds no more if so."""
    review = review_badge(flag)
    return review if flag.active else Markup("{} {}").format(review, state_badge(flag))


def message_of(flag: Flag | FlagRevision) -> str:
    """Return what a flag says, in the current language."""
    return flag.message_en if current_language() == "en" else flag.message_zh


def rule_title(catalog: Catalog, rule_id: str) -> str:
    """Return the title of a rule; its id when it is gone."""
    rule = catalog.rules.get(rule_id)
    return rule_id if rule is None else rule.title.in_language(current_language())


def subject_name(flag: Flag) -> str:
    """Return the name of whom a flag speaks of."""
    return "" if flag.subject is None else flag.subject.name


def organization_name(flag: Flag) -> str:
    """Return the organization of a flag: the subject, or the one the cadre is posted to."""
    if flag.organization is not None:
        return flag.organization.name
    return "" if flag.cadre is None else flag.cadre.organization.name


def what_clears(rule: Rule, kinds: FactKinds) -> str:
    """Return what would make a flag of this rule inactive, naming the records of its kind."""
    form = rule.form
    match form:
        case Duty():
            what = kinds[form.counts.kind].title
            return _("It is cleared when the record “%(what)s” of that period is entered, or when "
                     "the records are corrected so that none was owed.", what=what)  # fmt: skip
        case Deadline():
            return _clears_deadline(form, kinds)
        case Tally() if form.of.kind == FLAG.name:
            return _("It is cleared when so many of the flags that it counts are cleared that "
                     "fewer are left than it takes.")  # fmt: skip
        case Tally(settled=True):
            what = kinds[form.of.kind].title
            return _("It is cleared when records “%(what)s” of that period are entered, corrected "
                     "or voided so that they lie within the bounds again.", what=what)  # fmt: skip
        case Tally():
            what = kinds[form.of.kind].title
            return _("It is cleared when records “%(what)s” are corrected or voided so that fewer "
                     "meet the conditions.", what=what)  # fmt: skip
    what = kinds[form.anchor.kind].title
    return _("It is cleared when the record “%(what)s” is corrected so that the conditions above "
             "no longer hold, or when it is voided.", what=what)  # fmt: skip


def _clears_deadline(form: Deadline, kinds: FactKinds) -> str:
    """What clears a flag of a deadline: doing it, or where late stays late a correction alone."""
    if form.flags is Missing.MISSING and isinstance(form.done, Path):
        return _("It is cleared when “%(what)s” is put on record.", what=form.done.field.label)
    if form.flags is Missing.MISSING and isinstance(form.done, Dated):
        title = kinds[form.done.kind].title
        return _("It is cleared when a record “%(what)s” is entered.", what=title)
    what = kinds[form.anchor.kind].title
    return _("Late stays late: it is cleared only when the record “%(what)s” is corrected "
             "so that it was done by the deadline, or was not to be done.", what=what)  # fmt: skip
