"""Mail: written and handed over here, so that it is known how far it went.

The library says of a letter only whether all was well, and of what was not nothing at all.
Up to the server's leave to send the text (354) nothing has left; from then on, until the server has
answered, nobody knows.
"""

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, localtime, make_msgid
from typing import Any

from tiesan.notifications.sending.ending import end_after
from tiesan.notifications.sending.outcome import Outcome, Reason, failed, sent, unknown
from tiesan.notifications.sending.reach import Reach
from tiesan.notifications.sending.saying import NAME, Text
from tiesan.notifications.sending.schemes import STARTTLS, TLS, Fields

_GO_ON = 354
# A conversation takes no longer than so many waits for an answer.
_WAITS = 6


class _Noting:
    """Notes, of a conversation with a server, whether the text may have been taken.

    The conversation is ended when all of it takes longer than ``longest`` seconds.
    """

    has_left = False
    last = (0, b"")

    def __init__(self, *given: Any, longest: float, **named: Any) -> None:
        self._timer = end_after(longest, lambda: getattr(self, "sock", None))
        super().__init__(*given, **named)

    def close(self) -> None:
        """End the connection."""
        self._timer.cancel()
        super().close()  # type: ignore[misc] # smtplib's

    def getreply(self) -> tuple[int, bytes]:
        """Read what the server says."""
        self.last = super().getreply()  # type: ignore[misc] # smtplib's
        self.has_left |= self.last[0] == _GO_ON
        return self.last

    @property
    def said(self) -> str:
        """What the server said last."""
        code, words = self.last
        return f"{code} {words.decode('utf-8', 'replace')}"


class _Plain(_Noting, smtplib.SMTP):
    """A conversation that begins unencrypted."""


class _Encrypted(_Noting, smtplib.SMTP_SSL):
    """A conversation that is encrypted from the first byte."""


def speak_by_mail(fields: Fields, address: str, text: Text, reach: Reach) -> Outcome:
    """Send a text by mail once; returns what is known of it."""
    host = fields["host"]
    if not reach.may_reach(host):
        return failed(Reason.HOST_REFUSED)
    server: _Plain | _Encrypted | None = None
    letter = _written(fields, address, text)
    try:
        server = _connected(fields, reach)
        _hand_over(server, fields, letter, reach)
    except ssl.SSLError as error:
        return _ended(server, Reason.CERTIFICATE, error)
    except (smtplib.SMTPException, OSError) as error:
        return _ended(server, Reason.NOT_REACHED, error)
    finally:
        if server is not None:
            server.close()
    return sent(server.said)


def _written(fields: Fields, address: str, text: Text) -> EmailMessage:
    letter = EmailMessage(SMTP)
    letter["Subject"] = " ".join(text.subject.split())
    letter["From"] = formataddr((NAME, fields["sender"]))
    letter["To"] = address
    letter["Date"] = localtime()
    letter["Message-ID"] = make_msgid(domain=fields["sender"].rpartition("@")[2])
    # Nobody's holiday answer is wanted.
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text.body or text.subject)
    return letter


def _connected(fields: Fields, reach: Reach) -> _Plain | _Encrypted:
    host, port = fields["host"], int(fields["port"])
    # By itself it would ask the network what this machine is called.
    own_name = fields["sender"].rpartition("@")[2]
    times = {"timeout": reach.seconds, "longest": reach.seconds * _WAITS}
    if fields.get("mode") == TLS:
        return _Encrypted(host, port, own_name, context=reach.context(), **times)
    return _Plain(host, port, own_name, **times)


def _hand_over(
    server: _Plain | _Encrypted, fields: Fields, letter: EmailMessage, reach: Reach
) -> None:
    if fields.get("mode") == STARTTLS:
        server.starttls(context=reach.context())
    if fields.get("user"):
        server.login(fields["user"], fields.get("password", ""))
    server.send_message(letter)


def _ended(server: _Plain | _Encrypted | None, reason: Reason, error: Exception) -> Outcome:
    """What is known of a letter that was not handed over to its end."""
    refusal = _refusal(error)
    if refusal:
        return failed(Reason.REFUSED, refusal)
    named = type(error).__name__
    if server is not None and server.has_left:
        return unknown(Reason.NO_ANSWER, named)
    return failed(reason, named)


def _refusal(error: Exception) -> str:
    """What a server said when it refused something; an empty text when it said nothing."""
    answers: list[tuple[int, bytes]] = []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = list(error.recipients.values())
    elif isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        answers = [(error.smtp_code, words if isinstance(words, bytes) else words.encode())]
    return " ".join(f"{code} {words.decode('utf-8', 'replace')}" for code, words in answers)
