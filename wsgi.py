"""The web application for any WSGI server: ``waitress-serve wsgi:application``."""

from tiesan.app import create_app

application = create_app()
