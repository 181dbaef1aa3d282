"""Passwords: which are good enough, and argon2 hashes of them, without a web application.

The settings are ``tiesan.config.PASSWORD_SETTINGS``: no keyed hash lies around argon2, so a
password set on the command line holds whatever secret key the web application has.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NewType

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tiesan.config import ARGON2_LANES, ARGON2_MEMORY_KIB, ARGON2_PASSES
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.people.folding import folded

# Of a password that is set; longer ones were allowed once, and are compared as ever.
LEAST, MOST = 10, 128
LONGEST = 512

# Shorter names of letters are in too many words; two Chinese characters are a whole name.
_LEAST_NAME, _LEAST_WIDE_NAME = 3, 2
_COMMON = Path(__file__).with_name("common_passwords.list")

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


def hash_password(password: str, names: Iterable[str] = ()) -> PasswordHash:
    """The argon2 hash of a password that somebody sets; ``names`` are theirs.

    Raises UserError for one that is too short or too long, that too many people have, or that has
    one of the names in it. It asks for no kinds of characters. It takes its time, so it is called
    before a transaction is begun for which others wait. Source: trust.md, "Invitation".
    """
    normal = normalized(password)
    if len(normal) < LEAST:
        raise UserError(_("A password needs at least %(least)d characters.", least=LEAST))
    if len(normal) > MOST:
        raise UserError(_("A password has at most %(most)d characters.", most=MOST))
    if folded(password) in _common():
        raise UserError(_("Too many people have this password. Please choose another."))
    if any(_is_in(name, password) for name in names):
        raise UserError(_("A password must not have your name or your user name in it."))
    return PasswordHash(_HASHER.hash(normal))


def verify_password(password: str, stored: str) -> bool:
    """Whether a password is the one of a stored hash; a hash of another kind fits none."""
    try:
        return _HASHER.verify(stored, normalized(password))
    except (InvalidHashError, VerificationError):
        return False


def renewal_of(password: str, stored: str) -> Renewal | None:
    """The renewal of a stored hash that this password fits; None where it is as made today.

    A hash says how it was made, so old ones are compared as ever, be they of a password that nobody
    could set today. Only who signs in brings the password with which to make another one. Like
    every hashing it is done before a transaction is begun for which others wait.
    """
    if not _HASHER.check_needs_rehash(stored):
        return None
    return Renewal(stored, PasswordHash(_HASHER.hash(normalized(password))))


@cache
def _common() -> frozenset[str]:
    """The passwords that too many people have; the file says whence they are."""
    _head, _blank, listed = _COMMON.read_text(encoding="utf-8").partition("\n\n")
    return frozenset(folded(line) for line in listed.splitlines())


def _is_in(name: str, password: str) -> bool:
    plain = folded(name)
    least = _LEAST_NAME if plain.isascii() else _LEAST_WIDE_NAME
    return len(plain) >= least and plain in folded(password)
