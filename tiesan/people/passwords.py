"""Passwords: argon2 hashes, made and compared without a web application.

The settings are ``tiesan.config.PASSWORD_SETTINGS``: no keyed hash lies around argon2, so a
password set on the command line holds whatever secret key the web application has.
"""

import unicodedata
from dataclasses import dataclass
from typing import NewType

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tiesan.config import ARGON2_LANES, ARGON2_MEMORY_KIB, ARGON2_PASSES
from tiesan.errors import UserError
from tiesan.i18n import _

LEAST, MOST = 8, 512

# What is stored of a password; no plain one can be taken for it.
PasswordHash = NewType("PasswordHash", str)

_HASHER = PasswordHasher(
    time_cost=ARGON2_PASSES, memory_cost=ARGON2_MEMORY_KIB, parallelism=ARGON2_LANES
)


@dataclass(frozen=True, slots=True)
class Renewal:
    """A hash that was made with other settings than today's, and one of the same password."""

    old: str
    new: PasswordHash


def normalized(password: str) -> str:
    """A password in the form of Unicode in which Flask-Security compares it.

    It does not matter how a keyboard composes a character.
    """
    return unicodedata.normalize("NFKD", password)


def hash_password(password: str) -> PasswordHash:
    """The argon2 hash of a password; raises UserError for one that is too short or too long.

    It takes its time, so it is called before a transaction is begun for which others wait.
    """
    normal = normalized(password)
    if len(normal) < LEAST:
        raise UserError(_("A password needs at least %(least)d characters.", least=LEAST))
    if len(normal) > MOST:
        raise UserError(_("A password has at most %(most)d characters.", most=MOST))
    return PasswordHash(_HASHER.hash(normal))


def verify_password(password: str, stored: str) -> bool:
    """Whether a password is the one of a stored hash; a hash of another kind fits none."""
    try:
        return _HASHER.verify(stored, normalized(password))
    except (InvalidHashError, VerificationError):
        return False


def renewal_of(password: str, stored: str) -> Renewal | None:
    """The renewal of a stored hash that this password fits; None where it is as made today.

    A hash says how it was made, so old ones are compared as ever. Only who signs in brings the
    password with which to make another one. Like every hashing it is done before a transaction is
    begun for which others wait.
    """
    if not _HASHER.check_needs_rehash(stored):
        return None
    return Renewal(stored, hash_password(password))
