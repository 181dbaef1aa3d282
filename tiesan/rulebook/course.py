"""The course of a version of a rule: draft, checked, published; or withdrawn on the way.

Source: the page on the rule book. What is checked (its text, its tests, what it would have done to
stored records) another administrator publishes from a day on; where there is no other, the author
confirms that they know what it does. What is in force is never changed: it is taken back by
publishing an earlier version from today on.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement

from tiesan.access.of_rules import writes_rules
from tiesan.access.policies import Day, Id
from tiesan.audit import Subject
from tiesan.courses.given import text
from tiesan.courses.history import COURSE_EVENTS
from tiesan.courses.values import (
    NEW,
    SAME,
    Case,
    Course,
    Gate,
    State,
    Verb,
    Waits,
    Who,
)
from tiesan.flags.versions import CHECKED, DRAFT, PUBLISHED, WITHDRAWN, RuleVersion, next_number
from tiesan.i18n import _, _l
from tiesan.rulebook import asking
from tiesan.rulebook.asking import (
    ALONE,
    APPROVER,
    EARLIER,
    RULE,
    SINCE,
    WRITER,
    YAML,
    rules_of,
)
from tiesan.rulebook.checking import Checked, read
from tiesan.rulebook.checking import check as check_version
from tiesan.rulebook.publishing import again, tell_everybody
from tiesan.rules import decide_plainly

RULE_WAITS, RULE_DECIDED = "rule waits", "rule decided"

# --- persons --------------------------------------------------------------------------------------


def is_author(row: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """Who wrote the version."""
    found: ColumnElement[bool] = row.author_id == who
    return found


AUTHOR = Who("author", _l("author"), is_author, _l("Only who wrote it may do this."))

# --- gates ----------------------------------------------------------------------------------------


def _read(case: Case) -> Checked:
    """The text as it reads beside the rules of now, with its tests run."""
    return check_version(case.session, rules_of(case), case.row.rule, case.row.text, decide_plainly)


def is_sound(case: Case) -> bool:
    """Its text stands beside all other rules, and its tests pass, on both sides."""
    return _read(case).is_sound


def was_tried(case: Case) -> bool:
    """What it would have done to stored records was looked at, in the words that it has now."""
    row: RuleVersion = case.row
    return bool(row.digest) and row.tried_digest == row.digest


def is_still_to_come(case: Case) -> bool:
    """It is not in force yet, if it was published."""
    row: RuleVersion = case.row
    return row.state != PUBLISHED or row.since is None or row.since > case.day


def is_in_force(case: Case) -> bool:
    """It is the version in force on the day."""
    found = rules_of(case).on(case.row.rule, case.day)
    return found is not None and found.number == case.row.number


def what_is_wrong(case: Case) -> str:
    """Why it cannot be published as it is."""
    found = _read(case)
    return " ".join([*found.problems, *found.lacking])


SOUND = Gate(is_sound, what_is_wrong)
TRIED = Gate(
    was_tried, _l("What it would have done to the records of a year has not been looked at yet.")
)
TO_COME = Gate(
    is_still_to_come,
    _l("It is in force already. Take it back: an earlier version then holds from today on."),
    told=False,
)
IN_FORCE = Gate(is_in_force, _l("It is not in force now."), told=False)

# --- what verbs set -------------------------------------------------------------------------------


def rule_given(case: Case) -> str:
    """The rule that was given."""
    return str(case.given[RULE])


def plugin_of_rule(case: Case) -> str:
    """The institution of the rule."""
    return rule_given(case).partition(".")[0]


def new_number(case: Case) -> int:
    """The next number of the rule."""
    return next_number(case.session, rule_given(case))


def text_of_rule(case: Case) -> str:
    """The text that was given."""
    return str(case.given[YAML])


def digest_of_text(case: Case) -> str:
    """The hash of what the text says; blank while it cannot be read."""
    rule_id = case.given.get(RULE) or case.row.rule
    found = read(rules_of(case), rule_id, case.given[YAML])
    return "" if found.file is None or not found.file.rules else found.file.rules[0].digest


def digest_of_base(case: Case) -> str | None:
    """The hash of the shipped rule; none for a rule of the house."""
    shipped = rules_of(case).shipped.get(case.given.get(RULE) or case.row.rule)
    return None if shipped is None else shipped.digest


def actor(case: Case) -> int | None:
    """The account that does it."""
    return case.actor.account_id


def name_of_actor(case: Case) -> str:
    """The name of who does it."""
    return case.actor.name


def this_moment(case: Case) -> datetime:
    """The time of doing it."""
    return case.at


def one_edit_more(case: Case) -> int:
    """How often the text was written, now included."""
    return int(case.row.edits) + 1


def since_given(case: Case) -> date:
    """The day that was given."""
    found: date = case.given[SINCE]
    return found


def reason_given(case: Case) -> str | None:
    """The reason that was given."""
    found: str | None = case.given.get("text")
    return found


def publish(case: Case) -> None:
    """Tell every process, and have all districts evaluated anew."""
    tell_everybody(case.session, case.actor, case.at)


def withdraw(case: Case) -> None:
    """Tell every process, if it was published."""
    if case.state == PUBLISHED:
        tell_everybody(case.session, case.actor, case.at)


def take_back(case: Case) -> None:
    """Publish from today on what held before, as a version of its own."""
    again(case.session, case.actor, case.row, case.given[EARLIER], case.day, case.at,
          reason=str(case.given["text"]), catalog=rules_of(case))  # fmt: skip


def effect_of_publishing(case: Case) -> str | None:
    """What publishing means, said beside the button."""
    if case.capacity_is(ALONE):
        return _("There is no other administrator of the whole installation, so nobody looks at it "
                 "after you. Look at what it changes before you confirm.")  # fmt: skip
    return _(
        "From its first day on it judges what counts from then; all districts are evaluated anew."
    )


def version_of(row: Any) -> str:
    """How often it was written, and what it says."""
    return f"{row.edits}-{row.digest or '0'}"


def subject_of(row: Any) -> Subject:
    """What an audit entry says it is about."""
    return Subject("rule_version", row.id, str(row))


_WRITTEN: dict[str, Callable[[Case], Any]] = {
    "text": text_of_rule,
    "digest": digest_of_text,
    "base_digest": digest_of_base,
    "author_id": actor,
    "author_name": name_of_actor,
    "written_at": this_moment,
}
_OPEN = frozenset({DRAFT, CHECKED})


def was_changed_beneath(case: Case) -> bool:
    """What is shipped says something else than when this version was written."""
    return any(
        rule.id == case.row.rule and rule.number == case.row.number
        for rule in rules_of(case).changed_beneath
    )


CHANGED = Gate(was_changed_beneath, _l("What is shipped has not changed since then."), told=False)

VERBS = (
    Verb(
        "write",
        _l("Write a rule"),
        _l("Written"),
        NEW,
        DRAFT,
        (WRITER,),
        (asking.rule(), asking.yaml()),
        {
            "rule": rule_given,
            "plugin": plugin_of_rule,
            "number": new_number,
            "edits": 1,
            "alone": False,
            "state": DRAFT,
            **_WRITTEN,
        },
    ),
    Verb(
        "edit",
        _l("Change the text"),
        _l("Text changed"),
        _OPEN,
        DRAFT,
        (WRITER,),
        (asking.yaml(),),
        {**_WRITTEN, "edits": one_edit_more},
    ),
    Verb(
        "check",
        _l("Submit for publishing"),
        _l("Checked and submitted"),
        frozenset({DRAFT}),
        CHECKED,
        (WRITER,),
        (text(required=False),),
        {"reason": reason_given},
        (SOUND, TRIED),
    ),
    Verb(
        "give_back",
        _l("Give back"),
        _l("Given back"),
        frozenset({CHECKED}),
        DRAFT,
        (WRITER,),
        (text(),),
        tells=True,
    ),
    Verb(
        "publish",
        _l("Publish"),
        _l("Published"),
        frozenset({CHECKED}),
        PUBLISHED,
        (APPROVER, ALONE),
        (asking.since(), text(asking.where_it_reaches_back, _l("Reason")), asking.confirmed()),
        {
            "since": since_given,
            "approver_id": actor,
            "approver_name": name_of_actor,
            "published_at": this_moment,
            "alone": asking.where_alone,
        },
        (SOUND,),
        publish,
        effect_of_publishing,
        tells=True,
    ),
    Verb(
        "withdraw",
        _l("Withdraw"),
        _l("Withdrawn"),
        frozenset({DRAFT, CHECKED, PUBLISHED}),
        WITHDRAWN,
        (WRITER,),
        (text(),),
        {},
        (TO_COME,),
        withdraw,
    ),
    Verb(
        "take_back",
        _l("Take back"),
        _l("Taken back"),
        frozenset({PUBLISHED}),
        SAME,
        (WRITER,),
        (asking.earlier(), text(label=_l("Reason"))),
        {},
        (IN_FORCE,),
        take_back,
    ),
    Verb(
        "keep",
        _l("Keep our own text"),
        _l("Own text kept"),
        frozenset({PUBLISHED}),
        SAME,
        (WRITER,),
        (text(required=False, label=_l("Reason")),),
        {"base_digest": digest_of_base},
        (CHANGED,),
        publish,
    ),
)

RULE_COURSE = Course(
    "rule_version",
    _l("Version of a rule"),
    of=RuleVersion,
    states=(
        State(DRAFT, _l("Draft")),
        State(CHECKED, _l("Checked, to be published")),
        State(PUBLISHED, _l("Published")),
        State(WITHDRAWN, _l("Withdrawn")),
    ),
    verbs=VERBS,
    visible=writes_rules,
    version=version_of,
    history=COURSE_EVENTS,
    subject=subject_of,
    column="state",
    waits=(
        Waits("publish", _l("to be published"), "publish", states=(CHECKED,), tells=RULE_WAITS),
    ),
    affects=(AUTHOR,),
    decided=RULE_DECIDED,
)
