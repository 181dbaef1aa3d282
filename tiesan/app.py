"""The web application: ``create_app`` puts database, sign-in, texts and pages together.

Settings come from ``tiesan.config`` and the environment; nothing is written but the secret key, and
that only when none was given.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import URL
from werkzeug.middleware.proxy_fix import ProxyFix

from tiesan.access.filling import sees_rows
from tiesan.access.installation import serve_installation
from tiesan.access.looks import note_looks
from tiesan.access.of_ways import everybody, its_person, its_person_or_administrators
from tiesan.access.policies import Policy
from tiesan.access.sessions import scope_sessions
from tiesan.admin.shell.assets import FOLDER, assets_path
from tiesan.admin.shell.background import Background
from tiesan.admin.shell.consequences import work_off_left_over
from tiesan.admin.shell.current_rules import take_rules
from tiesan.admin.shell.failures import show_failures
from tiesan.admin.shell.language import request_language, select_language, settle_language
from tiesan.admin.shell.metrics import TOKEN
from tiesan.admin.shell.placing import HOSTS, CookiesBelow, refuse_other_hosts
from tiesan.admin.shell.protection import protect
from tiesan.admin.shell.request_log import RequestLog
from tiesan.admin.shell.sign_in import add_sign_in
from tiesan.admin.shell.signed_in import LONGEST_COOKIE
from tiesan.admin.shell.sizes import LARGEST_FORM
from tiesan.admin.site import add_pages
from tiesan.clock import now
from tiesan.commits import note_commits
from tiesan.config import (
    PASSWORD_SETTINGS,
    database_url,
    hosts,
    hosts_out,
    instance_folder,
    metrics_token,
    proxies,
)
from tiesan.courses.installed import Courses
from tiesan.database import prepare_engine
from tiesan.engine.deciding import Engine
from tiesan.extensions import Base, db
from tiesan.flags.catalog import Catalog, installed_catalog
from tiesan.i18n import DEFAULT_LANGUAGE, gettext, ngettext, set_language_source
from tiesan.imports.installed import load_imports
from tiesan.notifications.installed import courses_of
from tiesan.notifications.sending.models import Sending, Way, WayAddress
from tiesan.records.attachments.store import FileStore
from tiesan.records.grids import Grid
from tiesan.scheduler.jobs import installed_jobs
from tiesan.scheduler.runner import Runner
from tiesan.secret_key import installed_key

HTTPS = "TIESAN_HTTPS"

_LOCK_SECONDS, _STATEMENT_SECONDS = 30, 60
_MOST_CONNECTIONS = 60
# For so long an answer waits for an evaluation, before it shows the progress instead.
_PATIENCE_SECONDS = 2.0
# For so long a save waits for the engine and for whoever else evaluates.
_SAVE_SECONDS = 5.0


def create_app(
    *,
    url: URL | None = None,
    instance: Path | None = None,
    catalog: Catalog | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Flask:
    """Return a new application for one database; without arguments, the installed one.

    Raises UserError for a database address that is none, for a plugin that cannot be loaded and for
    a course that is broken.
    The database is neither created nor migrated.
    """
    folder = instance or instance_folder(environment)
    # What is no list of hosts is said now, and not when something is to be sent.
    hosts_out(environment)
    app = Flask(
        "tiesan",
        instance_path=str(folder),
        template_folder="admin",
        static_folder=FOLDER,
        static_url_path=assets_path(),
    )
    app.config.update(_settings(url or database_url(environment), folder, environment))
    app.session_interface = CookiesBelow()
    serve_installation(app, catalog or installed_catalog())
    app.extensions["courses"] = courses_of(app.extensions["catalog"])
    app.extensions["imports"] = load_imports(app.extensions["catalog"].plugins)
    app.extensions["attachments"] = FileStore(folder)
    app.extensions["engine"] = Engine()
    app.extensions["background"] = Background()
    app.extensions["runner"] = Runner(app.config["SQLALCHEMY_DATABASE_URI"], installed_jobs(), now)
    _add_database(app)
    _add_texts(app)
    settle_language(app)
    app.before_request(refuse_other_hosts)
    app.before_request(take_rules)
    app.before_request(work_off_left_over)
    # Who is not signed in is told so before anything is said about the form.
    protect(app)
    show_failures(app)
    CSRFProtect(app)
    add_sign_in(app)
    add_pages(app)
    _add_around(app, proxies(environment))
    return app


def _add_around(app: Flask, number: int) -> None:
    """Put around the application what counts requests, and what believes so many proxies."""
    requests = RequestLog(app.wsgi_app)
    app.extensions["requests"] = requests
    trusting = ProxyFix(requests, x_for=number, x_proto=number, x_host=number, x_prefix=number)
    app.wsgi_app = trusting if number else requests  # type: ignore[method-assign] # Flask's way


def _settings(url: URL, folder: Path, environment: Mapping[str, str]) -> dict[str, object]:
    https = environment.get(HTTPS, "") == "1"
    return {
        **PASSWORD_SETTINGS,
        "SECRET_KEY": installed_key(folder, environment),
        "SQLALCHEMY_DATABASE_URI": url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(url),
        "SESSION_COOKIE_NAME": "tiesan_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": https,
        "PERMANENT_SESSION_LIFETIME": LONGEST_COOKIE,
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        # A form may lie open for hours; its token holds as long as the session does.
        "WTF_CSRF_TIME_LIMIT": None,
        "PATIENCE_SECONDS": _PATIENCE_SECONDS,
        "SAVE_SECONDS": _SAVE_SECONDS,
        "MAX_CONTENT_LENGTH": LARGEST_FORM,
        HOSTS: hosts(environment),
        TOKEN: metrics_token(environment),
    }


def _engine_options(url: URL) -> dict[str, object]:
    """How requests use the database: connections that broke are left, and no wait is endless."""
    # Several threads may need two connections each.
    options: dict[str, object] = {
        "pool_pre_ping": True,
        "max_overflow": _MOST_CONNECTIONS,
        # An error names its statement in the log, and nothing of what was to be stored.
        "hide_parameters": True,
    }
    if url.get_backend_name() == "postgresql":
        # SQLite waits for a writer as long as `tiesan.database` says.
        limits = f"-c lock_timeout={_LOCK_SECONDS}s -c statement_timeout={_STATEMENT_SECONDS}s"
        # Who may act on a row is many small conditions: to compile them takes PostgreSQL seconds,
        # to ask them for a page of rows milliseconds.
        options["connect_args"] = {"options": f"{limits} -c jit=off"}
    return options


def _add_texts(app: Flask) -> None:
    """Let templates speak through ``tiesan.i18n`` as everything else does, libraries by babel."""
    Babel(app, default_locale=DEFAULT_LANGUAGE, locale_selector=select_language)
    set_language_source(request_language)
    environment: Any = app.jinja_env
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)


def _add_database(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    courses: Courses = app.extensions["courses"]
    grids: tuple[Grid, ...] = app.extensions["catalog"].plugins.grids
    further: dict[type[Base], Policy] = {
        each.rows.of: sees_rows(each) for each in grids if each.has_head
    }
    further |= {each.of: each.visible for each in courses.values()}
    further |= {
        Way: everybody,
        WayAddress: its_person,
        Sending: its_person_or_administrators,
    }
    scope_sessions(app, db.session, further)
    note_looks(app, db.session)
    note_commits(db.session)
