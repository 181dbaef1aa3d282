"""The secret key of an installation: given in the environment, or kept in the instance folder.

It signs what browsers keep, and what is sealed in the database is sealed by a key made of it.
"""

import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from tiesan.config import instance_folder
from tiesan.errors import UserError
from tiesan.i18n import _

SECRET_KEY = "TIESAN_SECRET_KEY"  # noqa: S105 - the name of a variable

_KEY_FILE = "secret_key"
_LEAST_KEY = 32
_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def installed_key(folder: Path | None = None, environment: Mapping[str, str] = os.environ) -> str:
    """Return the key of this installation: ``TIESAN_SECRET_KEY``, else that of its folder.

    ``folder`` is by default that of the environment. Raises UserError for a key that is too short.
    """
    key = environment.get(SECRET_KEY)
    if key is None:
        return stored_key(folder or instance_folder(environment))
    if len(key) < _LEAST_KEY:
        text = _("%(what)s is too short: a secret key has at least %(least)d characters.")
        raise UserError(text % {"what": SECRET_KEY, "least": _LEAST_KEY})
    return key


def stored_key(folder: Path) -> str:
    """Return the secret key of an instance folder; the first call makes it.

    Only the owner may read it. Whoever comes first writes it, also with several processes. Raises
    UserError for a file that others may write, and for one whose key is too short.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / _KEY_FILE
    if not path.exists():
        new = folder / f"{_KEY_FILE}.{secrets.token_hex(4)}"
        new.touch(mode=0o600, exist_ok=False)
        new.write_text(secrets.token_urlsafe(48), encoding="ascii")
        try:
            os.link(new, path)
        except FileExistsError:
            pass
        finally:
            new.unlink()
    if path.stat().st_mode & _BY_OTHERS:
        text = _("%(file)s may be written by others: run `chmod 600 %(file)s`, or remove it for "
                 "a new key.")  # fmt: skip
        raise UserError(text % {"file": path})
    key = path.read_text(encoding="ascii", errors="replace").strip()
    if len(key) < _LEAST_KEY:
        text = _("%(what)s is too short: a secret key has at least %(least)d characters.")
        raise UserError(text % {"what": path, "least": _LEAST_KEY})
    return key
