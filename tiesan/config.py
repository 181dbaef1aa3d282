"""Settings, read from the environment; every name begins with ``TIESAN_``."""

import os
import re
import sys
from collections.abc import Mapping
from datetime import time
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.paths import PACKAGE

DATABASE_URL = "TIESAN_DATABASE_URL"
INSTANCE = "TIESAN_INSTANCE"
PROXIES = "TIESAN_PROXIES"
SCHEDULER = "TIESAN_SCHEDULER"
EVALUATE_AT = "TIESAN_EVALUATE_AT"
HOSTS_OUT = "TIESAN_HOSTS_OUT"
ADDRESS = "TIESAN_ADDRESS"
AUDIT_HEADS = "TIESAN_AUDIT_HEADS"
RETENTION_DATABASE_URL = "TIESAN_RETENTION_DATABASE_URL"
HOSTS = "TIESAN_HOSTS"
METRICS_TOKEN = "TIESAN_METRICS_TOKEN"  # noqa: S105 - the name of a variable

_LEAST_TOKEN = 16

_POSTGRESQL = "postgresql+psycopg"

# The OWASP Password Storage Cheat Sheet, Argon2id: of the settings that it calls equivalent in the
# defence they provide, that which suits a small server (docs/choices.md).
ARGON2_MEMORY_KIB, ARGON2_PASSES, ARGON2_LANES = 19_456, 2, 1

# Flask-Security settings that the command line relies on as well: a password set there is argon2
# without a second, keyed hash, so that it holds whatever secret the web application runs with.
PASSWORD_SETTINGS: Mapping[str, object] = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_DEPRECATED_PASSWORD_SCHEMES": [],
    "SECURITY_PASSWORD_SINGLE_HASH": True,
    # A name of nobody is hashed by Flask-Security: it must take as long as one of somebody.
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__memory_cost": ARGON2_MEMORY_KIB,
        "argon2__time_cost": ARGON2_PASSES,
        "argon2__parallelism": ARGON2_LANES,
    },
    "SECURITY_PASSWORD_LENGTH_MIN": 10,
}


def instance_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for what this installation writes: ``TIESAN_INSTANCE``, if set.

    Otherwise it is ``instance`` beside the package in a checkout, and ``var/tiesan`` below the
    Python environment for an installed package. It is not created here.
    """
    named = environment.get(INSTANCE)
    if named:
        return Path(named).absolute()
    if (PACKAGE.parent / "pyproject.toml").is_file():
        return PACKAGE.parent / "instance"
    return Path(sys.prefix) / "var" / "tiesan"


def database_url(environment: Mapping[str, str] = os.environ) -> URL:
    """Return the database's address: ``TIESAN_DATABASE_URL``, or a SQLite file in the instance.

    ``postgresql://`` and ``postgres://`` mean the driver psycopg. Raises UserError for an address
    that is none, and for a database other than SQLite and PostgreSQL.
    """
    named = environment.get(DATABASE_URL)
    if not named:
        return URL.create("sqlite", database=str(instance_folder(environment) / "tiesan.sqlite"))
    return read_database_url(named)


def retention_database_url(environment: Mapping[str, str] = os.environ) -> URL:
    """Return by which address retention changes what others may not: that of another role.

    ``TIESAN_RETENTION_DATABASE_URL``, or the address of everybody. Raises UserError as
    ``database_url`` does.
    """
    named = environment.get(RETENTION_DATABASE_URL)
    return read_database_url(named) if named else database_url(environment)


def audit_heads(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the file to which the heads of the audit trail are added: ``TIESAN_AUDIT_HEADS``.

    Otherwise it is ``audit-heads.txt`` in the instance folder. It is not created here.
    """
    named = environment.get(AUDIT_HEADS)
    return Path(named).absolute() if named else instance_folder(environment) / "audit-heads.txt"


def read_database_url(text: str) -> URL:
    """Return the address that a text means; see ``database_url``."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        # A port that is no number is a ValueError.
        raise UserError(_("TIESAN_DATABASE_URL is no database address.")) from error
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername=_POSTGRESQL)
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        text = _("TIESAN_DATABASE_URL names %(name)s; only sqlite and postgresql are supported.")
        raise UserError(text % {"name": url.get_backend_name()})
    return url


def proxies(environment: Mapping[str, str] = os.environ) -> int:
    """Return how many proxies stand before the application: ``TIESAN_PROXIES``, none by default.

    So many say truly from where a request comes. Raises UserError for what is no small number.
    """
    named = environment.get(PROXIES) or "0"
    if not re.fullmatch(r"[0-9]", named):
        text = _("TIESAN_PROXIES is %(value)s; allowed: how many proxies there are, 0 to 9")
        raise UserError(text % {"value": named})
    return int(named)


def schedules(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether ``tiesan serve`` runs what is due; ``TIESAN_SCHEDULER`` may be ``on`` or ``off``.

    Raises UserError for anything else.
    """
    named = environment.get(SCHEDULER) or "on"
    if named not in {"on", "off"}:
        text = _("TIESAN_SCHEDULER is %(value)s; allowed: on, off")
        raise UserError(text % {"value": named})
    return named == "on"


def evaluation_time(default: time, environment: Mapping[str, str] = os.environ) -> time:
    """Return when districts are evaluated: ``TIESAN_EVALUATE_AT``, a time of Asia/Shanghai.

    Raises UserError for what is no time of the day.
    """
    named = environment.get(EVALUATE_AT)
    if not named:
        return default
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", named, re.ASCII):
        text = _("TIESAN_EVALUATE_AT is %(value)s; allowed: a time of the day such as 01:15")
        raise UserError(text % {"value": named})
    return time.fromisoformat(named)


def hosts_out(environment: Mapping[str, str] = os.environ) -> frozenset[str] | None:
    """Return the hosts that may be spoken to: ``TIESAN_HOSTS_OUT``, with commas between them.

    None when it is not set: then those of the ways that administrators have set up. Set to nothing
    it allows none. Raises UserError for what is no name of a host.
    """
    named = environment.get(HOSTS_OUT)
    if named is None:
        return None
    hosts = frozenset(host for each in named.split(",") if (host := each.strip().lower()))
    for host in sorted(hosts):
        if not re.fullmatch(r"[a-z0-9.-]+", host, re.ASCII):
            text = _("TIESAN_HOSTS_OUT names %(value)s; allowed: names of hosts with commas between"
                     " them, without https:// and without ports")  # fmt: skip
            raise UserError(text % {"value": host})
    return hosts


def public_address(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return where people reach the application, for links in what is sent: ``TIESAN_ADDRESS``.

    None when it is not set. Raises UserError for what is no address of a site.
    """
    named = environment.get(ADDRESS, "").strip().rstrip("/")
    if not named:
        return None
    if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*", named):
        text = _(
            "TIESAN_ADDRESS is %(value)s; allowed: an address such as https://tiesan.example.cn"
        )
        raise UserError(text % {"value": named})
    return named


def hosts(environment: Mapping[str, str] = os.environ) -> frozenset[str]:
    """Return the names by which the application is asked for: ``TIESAN_HOSTS``, with commas.

    None at all when it is not set: then it answers to any. Raises UserError for what is no name.
    """
    named = environment.get(HOSTS, "")
    found = frozenset(host for each in named.split(",") if (host := each.strip().lower()))
    for host in sorted(found):
        if not re.fullmatch(r"[a-z0-9.-]+(:[0-9]{1,5})?|\[[0-9a-f:]+\](:[0-9]{1,5})?", host):
            text = _("TIESAN_HOSTS names %(value)s; allowed: names of hosts with commas between"
                     " them, such as tiesan.example.cn")  # fmt: skip
            raise UserError(text % {"value": host})
    return found


def metrics_token(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the word that opens ``/metrics`` from elsewhere: ``TIESAN_METRICS_TOKEN``.

    None when it is not set. Raises UserError for one that is short enough to be guessed.
    """
    named = environment.get(METRICS_TOKEN) or None
    if named is not None and len(named) < _LEAST_TOKEN:
        text = _("%(what)s is too short: at least %(least)d characters.")
        raise UserError(text % {"what": METRICS_TOKEN, "least": _LEAST_TOKEN})
    return named
