"""What a person was told, in words: the lines on their home and on their page of notifications."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeAlias

from tiesan.access.entering import NAMED_AS_DECIDER
from tiesan.access.installation import installed
from tiesan.courses.installed import running_courses
from tiesan.courses.reminding import NOBODY_DECIDES, REMINDED_OF_REQUEST
from tiesan.courses.telling import REQUEST_DECIDED, REQUEST_SOON, REQUEST_WAITS, SECRET
from tiesan.courses.values import Course
from tiesan.flags.telling import FLAG_CLEARED, FLAG_RAISED, MAJOR_RAISED
from tiesan.i18n import _
from tiesan.imports.reminding import ASK_FOR_LEAVE
from tiesan.people.codes import CODES_TAKEN_OFF
from tiesan.people.deputies import DEPUTY_ENDED, DEPUTY_NAMED
from tiesan.people.invitations import LINK_MADE
from tiesan.people.models import ROLE_TITLES
from tiesan.people.reminders import REMINDED
from tiesan.people.services import NEW_DEVICE, PASSWORD_SET, ROLE_GRANTED, ROLE_REVOKED
from tiesan.records.kinds import record_kind
from tiesan.reviews.correction_course import CORRECTION_GRANTED, CORRECTION_REFUSED
from tiesan.reviews.flag_course import FLAG_DECIDED
from tiesan.reviews.notice_course import NOTICE_ANSWERED, NOTICE_DECIDED, NOTICE_ISSUED
from tiesan.reviews.waiting import ANSWER_WAITS, APPEAL_WAITS
from tiesan.reviews.waiver_course import WAIVER_CHANGED, WAIVER_COURSE
from tiesan.rulebook.course import RULE_COURSE, RULE_DECIDED, RULE_WAITS
from tiesan.rules import FLAG
from tiesan.words.due_notifications import DUE_WORDS
from tiesan.words.flags import rule_title
from tiesan.words.rows import who
from tiesan.words.values import day

Details: TypeAlias = Mapping[str, Any]
_OF_RULES = frozenset({WAIVER_COURSE.name, RULE_COURSE.name})


def sentence_of(kind: str, details: Details) -> str:
    """Return the sentence of a notification in the reader's language.

    Of a kind that has no words any more it is the kind as it is kept.
    """
    say = _WORDS.get(kind)
    return kind if say is None else say(details)


# --- what verbs bring about -----------------------------------------------------------------------


def _waits(details: Details) -> str:
    if details.get(SECRET):
        return _("There is something confidential for you to look at.")
    return _("%(what)s: %(done)s. It waits for you.") % _step(details)


def _decided(details: Details) -> str:
    if details.get(SECRET):
        return _("There is something confidential for you to look at.")
    return _("%(what)s: %(done)s.") % _step(details)


def _soon(details: Details) -> str:
    return _("%(what)s is for today or tomorrow, and waits for you.") % _step(details)


def _step(details: Details) -> dict[str, str]:
    course = running_courses().get(details["course"])
    if course is None:
        return {"what": f"{details['course']} {details['code']}", "done": str(details.get("verb"))}
    done = {verb.name: str(verb.done) for verb in course.verbs}
    what = _row(course, details["code"])
    return {"what": what, "done": done.get(details.get("verb", ""), "")}


def _row(course: Course, code: str) -> str:
    """What a row is called; of flags, waivers and versions of rules the rule by its title."""
    # A version is named by its rule and its number: rule@3.
    name, _space, further = code.replace("@", " ").partition(" ")
    if course.name == FLAG.name:
        return _("Flag “%(rule)s”", rule=rule_title(installed(), name))
    if course.name in _OF_RULES and name in installed().rules:
        further = further if course.name == RULE_COURSE.name else ""
        return f"{course.title} · {rule_title(installed(), name)} {further}".strip()
    return f"{course.title} {code}".strip()


# --- flags ----------------------------------------------------------------------------------------


def _raised(details: Details) -> str:
    return _("New flag, suspected: %(rule)s") % _flag(details)


def _major_raised(details: Details) -> str:
    return _("New flag of the gravest kind, suspected: %(rule)s") % _flag(details)


def _cleared(details: Details) -> str:
    return _("Flag cleared: %(rule)s") % _flag(details)


def _flag(details: Details) -> dict[str, str]:
    """The rule with the day that the flag is of."""
    named = {"rule": _rule(details), "day": day(date.fromisoformat(details["day"]))}
    return {"rule": _("%(rule)s, %(day)s") % named}


def _rule(details: Details) -> str:
    return rule_title(installed(), details["rule"])


# --- roles and accounts ---------------------------------------------------------------------------


def _granted(details: Details) -> str:
    return _("%(by)s gave %(who)s the role “%(role)s” (%(where)s).") % _role(details)


def _revoked(details: Details) -> str:
    return _("%(by)s took the role “%(role)s” (%(where)s) from %(who)s.") % _role(details)


def _role(details: Details) -> dict[str, str]:
    role = details["role"]
    return {
        "by": who(details["by"]),
        "who": details["who"],
        "role": str(ROLE_TITLES.get(role, role)),
        "where": details["organization"] or _("everywhere"),
    }


def _password_set(details: Details) -> str:
    return _("%(by)s has given your account another password.", by=who(details["by"]))


def _link_made(details: Details) -> str:
    text = _("%(by)s has made a link by which a new password can be set for your account. If "
             "you did not ask for it, change your password: then it does not hold any more."
    )  # fmt: skip
    return text % {"by": who(details["by"])}


def _codes_taken_off(details: Details) -> str:
    text = _("%(by)s has taken the one-time codes off the account of %(who)s: a password alone "
             "is enough to sign in there, until they are set up anew.")  # fmt: skip
    return text % {"by": who(details["by"]), "who": details["who"] or ""}


def _new_device(_details: Details) -> str:
    return _("Your account was used to sign in with a device from which you had not signed in "
             "before. If that was not you, change your password.")  # fmt: skip


# --- requests and reminders -----------------------------------------------------------------------


def _named(details: Details) -> str:
    return _("%(by)s entered late that you decided: %(kind)s %(code)s.") % _of(details)


def _corrected(details: Details) -> str:
    return _("%(by)s has corrected what you said was wrong: %(kind)s %(code)s.") % _of(details)


def _not_corrected(details: Details) -> str:
    text = _("%(by)s has not corrected what you said was wrong: %(kind)s %(code)s. %(text)s")
    return text % {**_of(details), "text": details["text"] or ""}


def _of(details: Details) -> dict[str, str]:
    model = installed().records.get(details["kind"])
    kind = details["kind"] if model is None else str(record_kind(model).title)
    return {"by": who(details["by"]), "kind": kind, "code": details["code"]}


def _reminded(details: Details) -> str:
    text = _("%(by)s reminds you of “%(what)s”, due by %(day)s.")
    if details["organization"] is not None:
        text = _("%(by)s reminds you of “%(what)s” of %(organization)s, due by %(day)s.")
    due_on = date.fromisoformat(details["due_on"])
    said = {"by": who(details["by"]), "what": _rule(details)}
    return text % {**said, "organization": details["organization"], "day": day(due_on)}


def _ask_for_leave(details: Details) -> str:
    text = _("%(by)s reminds you: the clock has you on leave or out on %(days)s, and there is no "
             "approved leave here. Please ask for it.")  # fmt: skip
    days = _(", ").join(day(date.fromisoformat(each)) for each in details["days"])
    return text % {"by": who(details["by"]), "days": days}


def _reminded_of_request(details: Details) -> str:
    return _("%(by)s reminds you: %(what)s %(code)s waits for you.") % _request(details)


def _undecided(details: Details) -> str:
    text = _(
        "Nobody can decide what %(by)s asked for: %(what)s %(code)s. Name a chair or a supervisor."
    )
    return text % _request(details)


def _request(details: Details) -> dict[str, str]:
    course = running_courses().get(details["course"])
    what = details["course"] if course is None else str(course.title)
    return {"by": details["by"] or "", "what": what, "code": details["code"] or ""}


def _deputy_named(details: Details) -> str:
    text = _("%(by)s has named you deputy from %(first)s to %(last)s: you decide requests too.")
    return text % _deputy(details)


def _deputy_ended(details: Details) -> str:
    return _("You are no longer deputy of %(by)s.") % _deputy(details)


def _deputy(details: Details) -> dict[str, str]:
    first, last = (day(date.fromisoformat(details[name])) for name in ("first_day", "last_day"))
    return {"by": details["by"] or "", "first": first, "last": last}


_WORDS: Mapping[str, Callable[[Details], str]] = {
    **DUE_WORDS,
    **dict.fromkeys((ANSWER_WAITS, APPEAL_WAITS, REQUEST_WAITS, RULE_WAITS), _waits),
    **dict.fromkeys((NOTICE_ISSUED, NOTICE_ANSWERED), _waits),
    **dict.fromkeys((FLAG_DECIDED, REQUEST_DECIDED, RULE_DECIDED), _decided),
    **dict.fromkeys((NOTICE_DECIDED, WAIVER_CHANGED), _decided),
    REQUEST_SOON: _soon,
    FLAG_RAISED: _raised,
    MAJOR_RAISED: _major_raised,
    FLAG_CLEARED: _cleared,
    ROLE_GRANTED: _granted,
    ROLE_REVOKED: _revoked,
    PASSWORD_SET: _password_set,
    LINK_MADE: _link_made,
    CODES_TAKEN_OFF: _codes_taken_off,
    NEW_DEVICE: _new_device,
    NAMED_AS_DECIDER: _named,
    REMINDED: _reminded,
    REMINDED_OF_REQUEST: _reminded_of_request,
    NOBODY_DECIDES: _undecided,
    DEPUTY_NAMED: _deputy_named,
    DEPUTY_ENDED: _deputy_ended,
    CORRECTION_GRANTED: _corrected,
    CORRECTION_REFUSED: _not_corrected,
    ASK_FOR_LEAVE: _ask_for_leave,
}
