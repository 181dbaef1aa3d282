"""What falls due with the days, in words; nobody has done anything when it is told.

The kinds are named here, because nothing below this room makes notifications of them.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeAlias

from tiesan.access.installation import installed
from tiesan.courses.installed import running_courses
from tiesan.courses.telling import SECRET
from tiesan.flags.duties import answer_in
from tiesan.i18n import _
from tiesan.records.kinds import fact_kind, record_kind
from tiesan.words.flags import rule_title
from tiesan.words.runs import job_titles
from tiesan.words.values import day

DUTY_AHEAD, DUTY_TODAY = "duty ahead", "duty today"
NOTICE_YELLOW, NOTICE_OVERDUE = "notice due soon", "notice overdue"
WAIVER_ENDING, WAIVER_ENDED = "waiver ending", "waiver ended"
BULLETIN_ISSUED, BULLETIN_UNSIGNED = "bulletin issued", "bulletin not signed for"
RULES_UNKNOWN, RULES_HELD = "rules not evaluated", "rules held"
RUN_FAILED, SENDING_FAILED, BACKUP_OLD = "run failed", "sending failed", "backup old"
Details: TypeAlias = Mapping[str, Any]


def _duty_ahead(details: Details) -> str:
    text = _("“%(what)s” is due by %(day)s.")
    if details["organization"] is not None:
        text = _("“%(what)s” of %(organization)s is due by %(day)s.")
    return text % _duty(details)


def _duty_today(details: Details) -> str:
    text = _("“%(what)s” is due today, %(day)s.")
    if details["organization"] is not None:
        text = _("“%(what)s” of %(organization)s is due today, %(day)s.")
    return text % _duty(details)


def _duty(details: Details) -> dict[str, Any]:
    what = _to_be_done(details["rule"])
    return {"what": what, "organization": details["organization"], "day": _day(details)}


def _to_be_done(rule_id: str) -> str:
    """What a rule asks for: the word of a verb, or what the record is called that is to be entered.

    Of a rule that asks for nothing any more it is the title.
    """
    catalog = installed()
    rule = catalog.rules.get(rule_id)
    answer = None if rule is None else answer_in(catalog, rule)
    if answer is None:
        return rule_title(catalog, rule_id)
    model = catalog.records[answer.kind]
    title = str(record_kind(model).title)
    course = running_courses().of(model)
    if answer.verb is not None and course is not None:
        return f"{title} · {course.verb(answer.verb).word}"
    if answer.field is not None:
        return f"{title} · {fact_kind(model).by_name[answer.field].label}"
    return title


def _day(details: Details) -> str:
    return day(date.fromisoformat(details["day"]))


def _notice_yellow(details: Details) -> str:
    if details.get(SECRET):
        return _("There is something confidential for you to look at.")
    text = _("Rectification notice %(code)s is to be answered soon: by %(day)s.")
    return text % {"code": details["code"], "day": _day(details)}


def _notice_overdue(details: Details) -> str:
    if details.get(SECRET):
        return _("There is something confidential for you to look at.")
    text = _("Rectification notice %(code)s is overdue: it was to be answered by %(day)s.")
    return text % {"code": details["code"], "day": _day(details)}


def _waiver_ending(details: Details) -> str:
    return _("A waiver ends on %(day)s: %(what)s.") % _waiver(details)


def _waiver_ended(details: Details) -> str:
    return _("A waiver has ended on %(day)s: %(what)s.") % _waiver(details)


def _waiver(details: Details) -> dict[str, str]:
    rule: str | None = details.get("rule")
    if rule is not None:
        return {"what": rule_title(installed(), rule), "day": _day(details)}
    plugin: str = details["plugin"]
    titles = {each.name: str(each.title) for each in installed().plugins}
    return {"what": titles.get(plugin, plugin), "day": _day(details)}


def _bulletin_issued(details: Details) -> str:
    text = _("Bulletin %(code)s was issued. Please read it and sign for it.")
    return text % {"code": details["code"]}


def _bulletin_unsigned(details: Details) -> str:
    text = _("Bulletin %(code)s has not been signed for by everybody after 3 working days.")
    return text % {"code": details["code"]}


def _rules_unknown(details: Details) -> str:
    return _("Rules that could not be evaluated: %(rules)s.", rules=_rules(details))


def _rules_held(details: Details) -> str:
    return _("Rules that are held until somebody confirms them: %(rules)s.", rules=_rules(details))


def _rules(details: Details) -> str:
    return _(", ").join(rule_title(installed(), rule) for rule in details["rules"])


def _run_failed(details: Details) -> str:
    text = _("“%(job)s” of %(day)s has failed three times and waits for a person.")
    job = job_titles().get(details["job"], details["job"])
    return text % {"job": job, "day": _day(details)}


def _sending_failed(_details: Details) -> str:
    return _("Notifications could not be sent.")


def _backup_old(_details: Details) -> str:
    return _("The latest backup is older than 3 days.")


DUE_WORDS: Mapping[str, Callable[[Details], str]] = {
    DUTY_AHEAD: _duty_ahead,
    DUTY_TODAY: _duty_today,
    NOTICE_YELLOW: _notice_yellow,
    NOTICE_OVERDUE: _notice_overdue,
    WAIVER_ENDING: _waiver_ending,
    WAIVER_ENDED: _waiver_ended,
    BULLETIN_ISSUED: _bulletin_issued,
    BULLETIN_UNSIGNED: _bulletin_unsigned,
    RULES_UNKNOWN: _rules_unknown,
    RULES_HELD: _rules_held,
    RUN_FAILED: _run_failed,
    SENDING_FAILED: _sending_failed,
    BACKUP_OLD: _backup_old,
}
