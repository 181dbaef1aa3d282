"""A mail server on loopback that takes, refuses, or goes away."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.sending.robots import closed_port

PASSWORD = "authorization-code-0042"
# When it goes away or hangs: before it takes the text, or when it has it.
EARLY_CLOSE, LATE_CLOSE, LATE_HANG = "early close", "late close", "late hang"


@dataclass
class Mail:
    """What came, and how the server behaves: answers by command, or one of the misbehaviours."""

    port: int = 0
    behaviour: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    letters: list[Envelope] = field(default_factory=list)
    passwords: list[bytes] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, number: int) -> None:
        """Wait until so many letters have come."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.letters) >= number, 60)

    async def handle_RCPT(  # noqa: N802 - as the library calls it
        self, server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.behaviour == EARLY_CLOSE:
            server.transport.abort()
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        with self.came:
            self.letters.append(envelope)
            self.came.notify_all()
        if self.behaviour == LATE_CLOSE:
            server.transport.abort()
        if self.behaviour == LATE_HANG:
            await asyncio.sleep(30)
        return self.answers.get("DATA", "250 2.0.0 queued as 4711")

    def authenticate(
        self, _server: Any, _session: Any, _envelope: Any, _how: Any, given: Any
    ) -> Any:
        self.passwords.append(given.password)
        return AuthResult(success=given.password == PASSWORD.encode(), handled=False)

    def texts(self) -> list[tuple[str, str]]:
        """Subject and text of what came."""
        found = []
        for each in self.letters:
            letter = message_from_bytes(each.original_content or b"", policy=policy.default)
            body = letter.get_body()
            assert body is not None
            found.append(
                (str(letter["Subject"]), "\n".join(str(body.get_content()).split("\r\n")).strip())
            )
        return found


@contextmanager
def mail_server(**options: Any) -> Iterator[Mail]:
    """A mail server that listens until the end of the ``with``."""
    mail = Mail()
    if "authenticated" in options:
        del options["authenticated"]
        options |= {"authenticator": mail.authenticate}
        # It would warn where the connection is encrypted from the first byte.
        options |= dict.fromkeys(("auth_required", "auth_require_tls"), "tls_context" in options)
    controller = Controller(mail, hostname="127.0.0.1", port=closed_port(), **options)
    controller.start()
    mail.port = controller.port
    try:
        yield mail
    finally:
        controller.stop(no_assert=True)


def own_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody trusts, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "own.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file
