"""Addresses that are the same on every page: worked out once, not a hundred times a page."""

from typing import Any

from flask import current_app, request, url_for

KNOWN = "addresses"


def address_of(endpoint: str, **named: Any) -> str:
    """Return the address of an endpoint, whose arguments must be few in all.

    It is kept for each place at which the application is reached. Raises BuildError for an endpoint
    that there is not.
    """
    known: dict[tuple[object, ...], str] = current_app.extensions.setdefault(KNOWN, {})
    asked = request.script_root, endpoint, *named.items()
    if asked not in known:
        known[asked] = url_for(endpoint, **named)
    return known[asked]


def file_address(name: str) -> str:
    """Return the address of a file of the pages; see ``assets``."""
    return address_of("static", filename=name)
