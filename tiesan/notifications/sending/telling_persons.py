"""What is said to a person when a sending leaves: of what they have not read and may still see."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.access.of_notifications import Seeing
from tiesan.notifications.sending.models import Sending, SendingNotification
from tiesan.notifications.sending.saying import Text
from tiesan.notifications.texts import text_for

_PAGE = "/notifications/"


@dataclass(frozen=True, slots=True)
class Teller:
    """Who may see what, and where the application is reached from outside, if that is known."""

    seeing: Seeing
    address: str | None

    def tell(self, session: Session, sending: Sending, day: date) -> Text | None:
        """Return what a sending says on a day; None when there is nothing to be seen any more."""
        if sending.account_id is None:
            return None
        told = SendingNotification.notification_id
        chosen = select(told).where(SendingNotification.sending_id == sending.id)
        ids = session.scalars(chosen).all()
        link = None if self.address is None else f"{self.address}{_PAGE}"
        text = text_for(session, self.seeing, sending.account_id, ids, day=day, link=link)
        if text is None:
            return None
        head, _line, body = text.partition("\n")
        return Text(head, body)
