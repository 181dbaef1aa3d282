"""The pages of an application: which there are, and what all of them are given."""

from typing import Any

from flask import Flask
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme

from tiesan.access.looks import shows_confidential
from tiesan.access.viewer import current_viewer
from tiesan.admin.bulletins.receipts import ReceiptView
from tiesan.admin.bulletins.view import BulletinView
from tiesan.admin.corrections.view import CorrectionView
from tiesan.admin.entering.view import EnterView, LogView
from tiesan.admin.flags.own import OwnFlagsView
from tiesan.admin.flags.view import FlagView
from tiesan.admin.forms.sending import new_once
from tiesan.admin.home.pieces import add_pieces
from tiesan.admin.home.view import HomeView
from tiesan.admin.imports.view import ImportView
from tiesan.admin.inbox.view import InboxView
from tiesan.admin.invitations.view import invitation
from tiesan.admin.notices.view import NoticeView
from tiesan.admin.notifications.bell import unread
from tiesan.admin.notifications.view import NotificationView
from tiesan.admin.operation.view import OperationView
from tiesan.admin.owed.view import OwedView
from tiesan.admin.people.accounts import AccountView
from tiesan.admin.people.cadres import CadreView
from tiesan.admin.people.rights_view import RightsView
from tiesan.admin.people.view import OrganizationView
from tiesan.admin.persons.away import AwayView
from tiesan.admin.persons.view import PersonView
from tiesan.admin.privacy.kept import KeptView
from tiesan.admin.privacy.own import OwnDataView
from tiesan.admin.privacy.retention import RetentionView
from tiesan.admin.profile.view import ProfileView
from tiesan.admin.records.attachments import attachment
from tiesan.admin.records.listing import AllRecordsView, OwnRecordsView
from tiesan.admin.records.offered import views_of
from tiesan.admin.reports.view import OverviewView
from tiesan.admin.requests.view import RequestsView
from tiesan.admin.rules.versions import RuleVersionView
from tiesan.admin.rules.view import RuleView
from tiesan.admin.rules.why import WhyView
from tiesan.admin.settings.calendar import CalendarExceptionView
from tiesan.admin.settings.sign_in import SignInSettingsView
from tiesan.admin.settings.trail import AuditView
from tiesan.admin.shell.addresses import address_of, file_address
from tiesan.admin.shell.assets import FRAMEWORK_SHEETS, FRAMEWORK_VERSION
from tiesan.admin.shell.days import DayView, words_of
from tiesan.admin.shell.health import health
from tiesan.admin.shell.installing import THEME, installing
from tiesan.admin.shell.kept import is_kept, kept_inputs
from tiesan.admin.shell.language import NAMES, TAGS, language
from tiesan.admin.shell.metrics import metrics
from tiesan.admin.shell.navigation import menu
from tiesan.admin.shell.pages import Open
from tiesan.admin.shell.placing import here
from tiesan.admin.shell.protection import nonce
from tiesan.admin.waivers.view import WaiverView
from tiesan.admin.ways.sendings import SendingView
from tiesan.admin.ways.view import WayView
from tiesan.flags.catalog import Catalog
from tiesan.i18n import current_language
from tiesan.people.models import ROLE_TITLES
from tiesan.words.rows import who
from tiesan.words.values import day, moment, sentence

# In the order in which they build on each other.
STYLE_SHEETS = (
    "shell/base.css",
    "shell/frame.css",
    "shell/page.css",
    "shell/messages.css",
    "shell/door.css",
    "flags/badges.css",
    "lists/lists.css",
    "lists/cards.css",
    "records/row.css",
    "forms/forms.css",
    "forms/files.css",
    "home/home.css",
    "owed/owed.css",
    "operation/run.css",
    "ways/ways.css",
    "imports/imports.css",
    "courses/courses.css",
    "notices/notices.css",
    "bulletins/bulletins.css",
    "notifications/notifications.css",
    "documents/sheets.css",
    "waivers/waivers.css",
    "flags/flag.css",
    "inbox/inbox.css",
    "requests/requests.css",
    "grids/grid.css",
    "rules/rules.css",
    "rules/trial.css",
    "shell/menu.css",
    "entering/tiles.css",
    "records/listing.css",
    "persons/persons.css",
    "privacy/privacy.css",
    "reports/overview.css",
    "rules/rules.css",
)


def add_pages(app: Flask) -> None:
    """Add all pages and the menu; views belong to one application, their classes to all."""
    catalog: Catalog = app.extensions["catalog"]
    home = HomeView()
    admin = Admin(
        app,
        name="tiesan",
        url="/",
        index_view=home,
        theme=Bootstrap4Theme(base_template="shell/base.html"),
        csp_nonce_generator=nonce,
    )
    records = [view(plugin) for plugin in catalog.plugins for view in views_of(plugin)]
    pages = _pages()
    for page in (*pages, *records):
        admin.add_view(page)
    app.extensions["pages"] = (home, *pages)
    app.extensions["record_views"] = records
    app.register_blueprint(attachment)
    app.register_blueprint(invitation)
    app.register_blueprint(language)
    app.register_blueprint(health)
    app.register_blueprint(metrics)
    app.register_blueprint(installing)
    app.context_processor(_given)
    app.jinja_env.filters.update(day=day, moment=moment, sentence=sentence, who=who)
    app.extensions["pieces"] = add_pieces(app, catalog.plugins)


def _pages() -> tuple[Open, ...]:
    """All pages but the first and those of records; within a place the menu has their order."""
    return (
        OwedView(),
        LogView(),
        OwnFlagsView(),
        InboxView(),
        RequestsView(),
        CorrectionView(),
        EnterView(),
        OwnRecordsView(),
        AllRecordsView(),
        ImportView(),
        FlagView(),
        NoticeView(),
        BulletinView(),
        ReceiptView(),
        WaiverView(),
        OrganizationView(),
        CadreView(),
        PersonView(),
        AwayView(),
        OverviewView(),
        AuditView(),
        OperationView(),
        SendingView(),
        ProfileView(),
        OwnDataView(),
        KeptView(),
        NotificationView(),
        AccountView(),
        RightsView(),
        RuleView(),
        RuleVersionView(),
        WhyView(),
        CalendarExceptionView(),
        WayView(),
        SignInSettingsView(),
        RetentionView(),
        DayView(),
    )


def _given() -> dict[str, Any]:
    """What every template is given; lists of pages only when they are asked for."""
    spoken = current_language()
    viewer = current_viewer()
    return {
        "viewer": viewer,
        "viewer_roles": [str(ROLE_TITLES[role]) for role in sorted(viewer.reaches)],
        "menu": menu,
        "address_of": address_of,
        "file_address": file_address,
        "unread_told": unread,
        "languages": NAMES,
        "spoken": spoken,
        "language_tag": TAGS[spoken],
        "here": here(),
        "nonce": nonce,
        "is_kept": is_kept,
        "kept_inputs": kept_inputs,
        "framework_sheets": FRAMEWORK_SHEETS,
        "framework_version": FRAMEWORK_VERSION,
        "new_once": new_once,
        "day_words": words_of,
        "theme_colour": THEME,
        "keeps_no_drafts": shows_confidential,
        "style_sheets": STYLE_SHEETS,
    }
