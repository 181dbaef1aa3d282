"""Keeping and dropping own phrases."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.people.phrases import LONGEST_PHRASE, Phrase
from tiesan.records.text import clean_text, unstorable

MOST_PHRASES = 50
PHRASE = "phrase"


def keep_phrase(actor: Actor, session: Session, text: str, *, at: datetime) -> None:
    """Keep a text for the actor, unless it is kept already; the caller commits.

    Raises UserError for a text that is empty, too long or cannot be stored, and for one too many.
    """
    kept = clean_text(text) or ""
    if not 1 <= len(kept) <= LONGEST_PHRASE or unstorable(kept) is not None:
        raise UserError(_("A phrase has 1 to %(most)d characters.", most=LONGEST_PHRASE))
    own = Phrase.account_id == actor.account_id
    if session.scalar(select(Phrase.id).where(own, Phrase.text == kept)) is not None:
        return
    number = session.scalar(select(func.count(Phrase.id)).where(own)) or 0
    if number >= MOST_PHRASES:
        raise UserError(_("At most %(most)d phrases are kept: drop one first.", most=MOST_PHRASES))
    phrase = Phrase(account_id=actor.account_id, text=kept, kept_at=at)
    session.add(phrase)
    session.flush()
    record_entry(session, actor, "keep", Subject(PHRASE, phrase.id), at=at)


def drop_phrase(actor: Actor, session: Session, phrase_id: int, *, at: datetime) -> bool:
    """Drop a phrase of the actor's own; returns whether there was one. The caller commits."""
    own = delete(Phrase).where(Phrase.id == phrase_id, Phrase.account_id == actor.account_id)
    dropped = session.execute(own.returning(Phrase.id)).first() is not None
    if dropped:
        record_entry(session, actor, "drop", Subject(PHRASE, phrase_id), at=at)
    return dropped
