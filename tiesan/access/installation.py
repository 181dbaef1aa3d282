"""The installation that serves this request."""

from flask import current_app

from tiesan.flags.catalog import Catalog


def installed() -> Catalog:
    """Return the catalogue of the running application."""
    catalog: Catalog = current_app.extensions["catalog"]
    return catalog
