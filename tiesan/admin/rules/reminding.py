"""How many working days before the due date it is told what a rule asks for, on the rule's page."""

from flask import request

from tiesan.access.installation import installed
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.flags.duties import answer_in
from tiesan.i18n import _
from tiesan.notifications.rule_days import MOST_DAYS, days_before
from tiesan.rules import Deadline, Duty, Rule


def asks_for_something(rule: Rule) -> bool:
    """Whether a rule says what is to be done, and a plugin by which form or verb it is done."""
    return isinstance(rule.form, Duty | Deadline) and answer_in(installed(), rule) is not None


def told_before(rule: Rule) -> int | None:
    """Return how many working days before it is told what a rule asks; None: it asks nothing."""
    return days_before(db.session(), rule) if asks_for_something(rule) else None


def days_sent() -> int:
    """Return the working days that a form says; raises UserError for what is no such number."""
    sent = request.form.get("days", "").strip()
    if not (sent.isascii() and sent.isdecimal() and len(sent) <= len(str(MOST_DAYS))):
        raise UserError(_("0 to %(most)d working days.", most=MOST_DAYS))
    return int(sent)
