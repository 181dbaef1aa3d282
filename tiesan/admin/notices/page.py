"""What the page of a notice shows, and the notice as JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.clock import today
from tiesan.courses.carrying import verbs_open_to
from tiesan.courses.standing import Standing
from tiesan.extensions import db
from tiesan.flags.follow_up import Notice, NoticeFinding
from tiesan.reviews.notice_course import NOTICE_COURSE
from tiesan.words.attachments import files_as_json
from tiesan.words.flags import rule_title
from tiesan.words.notices import (
    became_of,
    clause_of,
    colour_badge,
    colour_on,
    found_in,
    state_badge,
)
from tiesan.words.rows import link_to, who


@dataclass(frozen=True, slots=True)
class Line:
    """A flag in a notice: what was found, by which rule and clause, and what became of it."""

    finding: NoticeFinding
    found: str
    rule: str
    clause: str
    became: str


def notice_page(notice: Notice) -> Mapping[str, Any]:
    """Return what the template of a notice's page is given, and that of the printed one."""
    subject = notice.subject
    issuer = notice.issued_by
    return {
        "notice": notice,
        "lines": list(_lines(notice.findings)),
        "state": state_badge(notice),
        "colour": colour_badge(notice, today()),
        "subject": "" if subject is None else link_to(subject),
        "organization": "" if notice.cadre is None else link_to(notice.cadre.organization),
        "issuer": "" if issuer is None else who(issuer.username, issuer.id),
    }


def _lines(findings: Iterable[NoticeFinding]) -> Iterable[Line]:
    for finding in findings:
        title = rule_title(installed(), finding.flag.rule)
        yield Line(finding, found_in(finding), title, clause_of(finding), became_of(finding))


def notice_as_json(notice: Notice, standing: Standing) -> dict[str, Any]:
    """Return a notice as the interface shows it to the viewer of this request."""
    viewer, day = current_viewer(), today()
    offers = verbs_open_to(db.session(), NOTICE_COURSE, standing, viewer.actor, day)
    colour = colour_on(notice, day)
    files = files_as_json({each for event in standing.events for each in event.attachments})
    return {
        "notice": notice.id,
        "number": notice.reference,
        "subject": None if notice.subject is None else notice.subject.code,
        "state": standing.state,
        "version": standing.seen(NOTICE_COURSE).version,
        "colour": None if colour is None else str(colour),
        "text": notice.text,
        "issued_on": notice.issued_on.isoformat(),
        "due_on": notice.due_on.isoformat(),
        "flags": [each.flag_id for each in notice.present],
        "left": {str(each.flag_id): each.left_as for each in notice.findings if each.left_as},
        "verbs": [verb.name for verb, _case in offers],
        "events": [
            {
                "verb": event.verb,
                "from": event.from_,
                "to": event.to,
                "day": event.day.isoformat(),
                "actor": event.actor_name,
                "capacity": event.capacity,
                "text": event.text,
                "attachments": [files[each] for each in event.attachments if each in files],
            }
            for event in standing.events
        ],
    }
