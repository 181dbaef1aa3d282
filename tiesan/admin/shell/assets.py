"""The files that pages bring along: fetched once, since they have another address once they change.

A page names some forty of them. Asked about again for each page they would cost a phone more than
the page itself.
"""

import hashlib
from functools import cache
from pathlib import Path

import flask_admin
from flask import Response, request

from tiesan.paths import PACKAGE

FOLDER = PACKAGE / "admin" / "static"
# What pages use of the files that Flask-Admin brings; none of the others, old libraries, is served.
FRAMEWORK_SHEETS = ("bootstrap/bootstrap4/css/bootstrap.min.css",)
# Stands behind the address of such a file.
FRAMEWORK_VERSION = str(flask_admin.__version__)
# The endpoints of both.
FILES = frozenset({"static", "admin.static"})

_YEAR = 365 * 24 * 60 * 60
_DIGITS = 12


@cache
def assets_path() -> str:
    """Return the path of the files, with a word of what is in them as they were at the first call.

    It stands before their names, so that what scripts and style sheets name beside them has it too.
    """
    return f"/assets/{digest_of(FOLDER)}"


def digest_of(folder: Path) -> str:
    """Return a short word that changes with any name or content of the files in a folder."""
    digest = hashlib.sha256()
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        name = file.relative_to(folder).as_posix()
        digest.update(f"{name}\n{file.stat().st_size}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:_DIGITS]


def let_files_be_kept(response: Response) -> Response:
    """Let a browser keep a file for good."""
    if request.endpoint in FILES and response.status_code in (200, 304):
        kept = response.cache_control
        kept.no_cache, kept.public, kept.max_age, kept.immutable = None, True, _YEAR, True
    return response
