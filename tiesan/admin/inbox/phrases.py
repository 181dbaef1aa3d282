"""Own phrases beside the texts of verbs."""

from collections.abc import Mapping
from typing import Any

from flask import flash, request

from tiesan.access.viewer import current_viewer
from tiesan.clock import now
from tiesan.courses.given import TEXT
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.people.phrases import phrases_of
from tiesan.records.policy import COMMITTEE, SUPERVISORS
from tiesan.reviews.phrases import keep_phrase

# Who reviews, and so writes often alike.
REVIEWING = SUPERVISORS | COMMITTEE


def own_phrases() -> Mapping[str, Any]:
    """Return what a template is given of the viewer's phrases: nothing for who reviews nothing."""
    viewer = current_viewer()
    if not viewer.has(REVIEWING):
        return {}
    return {"phrases": phrases_of(db.session(), viewer.account_id)}


def keep_sent_phrase() -> None:
    """Keep the text that was sent, if it is to be kept; its verb stands already."""
    if request.form.get("keep") != "1" or not current_viewer().has(REVIEWING):
        return
    text = request.form.get(TEXT, "").strip()
    if text:
        keep(text)


def keep(text: str) -> None:
    """Keep a text for the viewer, or say why not."""
    begin_storing(db.session())
    try:
        keep_phrase(current_viewer().actor, db.session(), text, at=now())
    except UserError as error:
        db.session.rollback()
        flash(error.lines[0], "warning")
    else:
        db.session.commit()
