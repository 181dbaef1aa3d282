"""``/metrics``: figures in the form of Prometheus, for who has the word for it or is this machine.

It is there with the extra ``metrics``; to everybody else it is an address like any that is not.
"""

import hmac
import ipaddress
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, abort, current_app, request

from tiesan.admin.shell.measured import Figure, figures
from tiesan.clock import now
from tiesan.extensions import db

TOKEN = "METRICS_TOKEN"  # noqa: S105 - the name of a setting

# What proxies add; a request with one of them comes from elsewhere, whoever passes it on.
_PASSED_ON = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix",
              "X-Real-IP", "Forwarded", "Via")  # fmt: skip

metrics = Blueprint("metrics", __name__)


@metrics.get("/metrics", endpoint="metrics")
def show() -> Response:
    """Write the figures."""
    if find_spec("prometheus_client") is None or not (_has_token() or _is_from_here()):
        abort(404)
    found = figures(db.session(), current_app.extensions["requests"], now())
    exposition: Any = import_module("prometheus_client.exposition")
    registry: Any = import_module("prometheus_client.registry").CollectorRegistry(
        auto_describe=False
    )
    registry.register(_Collected(found))
    return Response(
        exposition.generate_latest(registry), content_type=exposition.CONTENT_TYPE_LATEST
    )


def _has_token() -> bool:
    token: str | None = current_app.config[TOKEN]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return token is not None and hmac.compare_digest(given.encode(), token.encode())


def _is_from_here() -> bool:
    """Whether the request comes from this machine, and was passed on by nobody."""
    before: dict[str, Any] = request.environ.get("werkzeug.proxy_fix.orig", {})
    address = before.get("REMOTE_ADDR") or request.environ.get("REMOTE_ADDR") or ""
    if any(name in request.headers for name in _PASSED_ON):
        return False
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class _Collected:
    """Figures as the library collects them."""

    def __init__(self, found: Iterable[Figure]) -> None:
        self._found = list(found)

    def collect(self) -> Iterator[Any]:
        """Yield a family for each name."""
        core: Any = import_module("prometheus_client.core")
        for name, group in groupby(self._found, lambda each: each.name):
            same = list(group)
            family = core.CounterMetricFamily if same[0].grows else core.GaugeMetricFamily
            made = family(name, same[0].says, labels=list(same[0].labels))
            for each in same:
                made.add_metric(list(each.labels.values()), each.value)
            yield made
