"""Texts that leave the house: what kind, how many, where to look; never a name, a code or a title.

Of what is confidential they say nothing but that there is something to look at. What a reader may
not see any more is left out when the text is made, which is when it is sent. A digest of the audit
committee says besides where the audit trail ends (``heads``).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.access.of_notifications import Seeing
from tiesan.courses.telling import SECRET
from tiesan.i18n import _, ngettext, use_language
from tiesan.notifications.choices import language_for
from tiesan.notifications.heads import head_lines
from tiesan.notifications.kinds import KINDS
from tiesan.notifications.sending.saying import MOST_BYTES
from tiesan.people.notifications import Leaves, Notification
from tiesan.records.kinds import table_of

_NOTE = table_of(Notification)


def text_for(
    session: Session,
    seeing: Seeing,
    account_id: int,
    notification_ids: Collection[int],
    *,
    day: date,
    link: str | None,
) -> str | None:
    """Return the text about some notifications in their reader's language, as it may be sent now.

    None where the reader may see none of them any more, or has read them all. ``link`` is the
    address of the page on which they stand, where it is known.
    """
    columns = (_NOTE.c.id, _NOTE.c.kind, _NOTE.c.row_kind, _NOTE.c.details, _NOTE.c.leaves)
    statement = select(*columns).where(
        _NOTE.c.id.in_(sorted(notification_ids)),
        _NOTE.c.account_id == account_id,
        _NOTE.c.read_at.is_(None),
    )
    rows = session.connection().execute(statement).all()
    seen = seeing.visible(session, ((each.id, each.row_kind) for each in rows), day)
    told = [each for each in rows if each.id in seen]
    if not told:
        return None
    secret = sum(1 for each in told if each.details.get(SECRET))
    kinds = Counter(each.kind for each in told if not each.details.get(SECRET))
    with use_language(language_for(session, account_id)):
        head = ngettext(
            "Tiesan: %(num)d new notification", "Tiesan: %(num)d new notifications", len(told)
        )
        is_digest = any(each.leaves == Leaves.DIGEST.value for each in told)
        heads = head_lines(session, account_id) if is_digest else ()
        return written([*_lines(kinds, secret), *heads], link, head)


def _lines(kinds: Counter[str], secret: int) -> Iterable[str]:
    """A line for each kind, in the order of the table."""
    for name, kind in KINDS.items():
        if kinds[name]:
            yield kind.counted(kinds[name])
    if secret:
        yield _("There is something for you to look at.")


def written(lines: Sequence[str], link: str | None, head: str) -> str:
    """Return a text of these lines below a head, with the link; too many are left out and counted.

    Those left out are the last.
    """
    for shown in range(len(lines), -1, -1):
        text = _written(lines[:shown], len(lines) - shown, link, head)
        if len(text.encode()) <= MOST_BYTES:
            return text
    # A link that alone is too long is of no use to anybody.
    return _("Tiesan: there is something for you to look at.")


def _written(lines: Sequence[str], left_out: int, link: str | None, head: str) -> str:
    further = [ngettext("and %(num)d more", "and %(num)d more", left_out)] if left_out else []
    listed = [f"· {line}" for line in (*lines, *further)]
    where = _("Please sign in to read it.") if link is None else _("Look here: %(link)s", link=link)
    return "\n".join([head, *listed, where])
