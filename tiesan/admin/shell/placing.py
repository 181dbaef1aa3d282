"""Where the application is reached: by which names of hosts, and below which path of a host.

A proxy that serves it below a path says so (``X-Forwarded-Prefix``); every address, every redirect
and every cookie then stays below it.
"""

import logging

from flask import Flask, abort, current_app, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.sansio.utils import host_is_trusted

HOSTS = "HOSTS"
# Who asks whether the application is alive asks it by its number, and is shown no page.
_ANY_HOST = frozenset({"health.healthz", "health.readyz", "metrics.metrics"})

log = logging.getLogger(__name__)


class CookiesBelow(SecureCookieSessionInterface):
    """The session's cookie is for the path below which the application is reached, and no other."""

    def get_cookie_path(self, app: Flask) -> str:
        """Return the path."""
        return cookie_path()


def cookie_path() -> str:
    """Return the path for which this request's cookies are."""
    return request.script_root or "/"


def refuse_other_hosts() -> None:
    """Refuse a request for a host that is none of ours, where it is said which are."""
    hosts: frozenset[str] = current_app.config[HOSTS]
    if hosts and request.endpoint not in _ANY_HOST and not host_is_trusted(request.host, hosts):
        # What it asked for is somebody's text, and stays out of the log.
        log.warning("a request for a host that TIESAN_HOSTS does not name was refused")
        abort(400)


def here() -> str:
    """Return the address of this request within its host, with what follows a `?`."""
    return request.script_root + request.full_path.rstrip("?")
