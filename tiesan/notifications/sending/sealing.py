"""Sealing: what is secret is stored encrypted, by a key made of the installation's secret key."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tiesan.errors import UserError
from tiesan.i18n import _

_PURPOSE = b"tiesan: ways out of the house"
_DIGESTS = b"tiesan: codes of ways out of the house"
_KEY_BYTES = 32


class KeyChangedError(UserError):
    """What was sealed cannot be opened: the secret key is another one now."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(
            _("The secret key of the installation was changed, so that what was kept under it"
              " cannot be read any more. Please enter it once more.")
        )  # fmt: skip


class Seal:
    """Seals and opens by one secret key (Fernet; the key derived by HKDF with SHA-256)."""

    def __init__(self, secret_key: str, purpose: bytes = _PURPOSE) -> None:
        """Take the installation's secret key, and what is sealed if it is not of ways out."""
        self._fernet = Fernet(base64.urlsafe_b64encode(_derived(secret_key, purpose)))
        self._digest_key = _derived(secret_key, _DIGESTS)

    def seal(self, values: Mapping[str, str]) -> str:
        """Return values as they may be stored."""
        return self._fernet.encrypt(json.dumps(dict(values)).encode()).decode("ascii")

    def unseal(self, sealed: str) -> dict[str, str]:
        """Return the values again; raises KeyChangedError when they were sealed by another key."""
        try:
            opened = self._fernet.decrypt(sealed.encode("ascii"))
        except InvalidToken:
            # Nothing of the error is of use to anybody.
            raise KeyChangedError from None
        found: dict[str, str] = json.loads(opened)
        return found

    def can_open(self, sealed: str) -> bool:
        """Whether something was sealed by this key."""
        try:
            self.unseal(sealed)
        except KeyChangedError:
            return False
        return True

    def digest(self, text: str) -> str:
        """Return by what a short text is known again, without the key to be had from nobody."""
        return hmac.new(self._digest_key, text.encode(), hashlib.sha256).hexdigest()


def _derived(secret_key: str, purpose: bytes) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=purpose)
    return derivation.derive(secret_key.encode())
