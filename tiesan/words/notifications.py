"""What a person was told, in words: the lines on their home."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tiesan.access.entering import NAMED_AS_DECIDER
from tiesan.access.installation import installed
from tiesan.courses.installed import running_courses
from tiesan.courses.reminding import NOBODY_DECIDES, REMINDED_OF_REQUEST
from tiesan.i18n import _
from tiesan.imports.reminding import ASK_FOR_LEAVE
from tiesan.people.deputies import DEPUTY_ENDED, DEPUTY_NAMED
from tiesan.people.models import ROLE_TITLES
from tiesan.people.notifications import Notification
from tiesan.people.reminders import REMINDED
from tiesan.people.services import ROLE_GRANTED, ROLE_REVOKED
from tiesan.records.kinds import record_kind
from tiesan.reviews.correction_course import CORRECTION_GRANTED, CORRECTION_REFUSED
from tiesan.words.flags import rule_title
from tiesan.words.rows import who
from tiesan.words.values import day


@dataclass(frozen=True, slots=True)
class Told:
    """A line as it is shown: the sentence, when, and the record that it is about, if it is."""

    text: str
    at: datetime
    kind: str | None = None
    row_id: int | None = None


def told(line: Notification) -> Told:
    """Return a line in the reader's language; one that has no words any more as it is kept."""
    details = line.details
    say = _WORDS.get(line.kind)
    text = line.kind if say is None else say(details)
    return Told(text, line.at, line.row_kind, line.row_id)


def _granted(details: Mapping[str, Any]) -> str:
    return _("%(by)s gave %(who)s the role “%(role)s” (%(where)s).") % _role(details)


def _revoked(details: Mapping[str, Any]) -> str:
    return _("%(by)s took the role “%(role)s” (%(where)s) from %(who)s.") % _role(details)


def _role(details: Mapping[str, Any]) -> dict[str, str]:
    role = details["role"]
    return {
        "by": who(details["by"]),
        "who": details["who"],
        "role": str(ROLE_TITLES.get(role, role)),
        "where": details["organization"] or _("everywhere"),
    }


def _named(details: Mapping[str, Any]) -> str:
    return _("%(by)s entered late that you decided: %(kind)s %(code)s.") % _of(details)


def _corrected(details: Mapping[str, Any]) -> str:
    return _("%(by)s has corrected what you said was wrong: %(kind)s %(code)s.") % _of(details)


def _not_corrected(details: Mapping[str, Any]) -> str:
    text = _("%(by)s has not corrected what you said was wrong: %(kind)s %(code)s. %(text)s")
    return text % {**_of(details), "text": details["text"] or ""}


def _of(details: Mapping[str, Any]) -> dict[str, str]:
    model = installed().records.get(details["kind"])
    kind = details["kind"] if model is None else str(record_kind(model).title)
    return {"by": who(details["by"]), "kind": kind, "code": details["code"]}


def _reminded(details: Mapping[str, Any]) -> str:
    text = _("%(by)s reminds you of “%(what)s”, due by %(day)s.")
    if details["organization"] is not None:
        text = _("%(by)s reminds you of “%(what)s” of %(organization)s, due by %(day)s.")
    due_on = date.fromisoformat(details["due_on"])
    said = {"by": who(details["by"]), "what": rule_title(installed(), details["rule"])}
    return text % {**said, "organization": details["organization"], "day": day(due_on)}


def _ask_for_leave(details: Mapping[str, Any]) -> str:
    text = _("%(by)s reminds you: the clock has you on leave or out on %(days)s, and there is no "
             "approved leave here. Please ask for it.")  # fmt: skip
    days = _(", ").join(day(date.fromisoformat(each)) for each in details["days"])
    return text % {"by": who(details["by"]), "days": days}


def _reminded_of_request(details: Mapping[str, Any]) -> str:
    return _("%(by)s reminds you: %(what)s %(code)s waits for you.") % _request(details)


def _undecided(details: Mapping[str, Any]) -> str:
    text = _(
        "Nobody can decide what %(by)s asked for: %(what)s %(code)s. Name a chair or a supervisor."
    )
    return text % _request(details)


def _request(details: Mapping[str, Any]) -> dict[str, str]:
    course = running_courses().get(details["course"])
    what = details["course"] if course is None else str(course.title)
    return {"by": details["by"] or "", "what": what, "code": details["code"] or ""}


def _deputy_named(details: Mapping[str, Any]) -> str:
    text = _("%(by)s has named you deputy from %(first)s to %(last)s: you decide requests too.")
    return text % _deputy(details)


def _deputy_ended(details: Mapping[str, Any]) -> str:
    return _("You are no longer deputy of %(by)s.") % _deputy(details)


def _deputy(details: Mapping[str, Any]) -> dict[str, str]:
    first, last = (day(date.fromisoformat(details[name])) for name in ("first_day", "last_day"))
    return {"by": details["by"] or "", "first": first, "last": last}


_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    ROLE_GRANTED: _granted,
    ROLE_REVOKED: _revoked,
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
