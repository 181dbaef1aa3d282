"""Where a notification leads: to the page of its row, or to where it is dealt with."""

from flask import current_app, url_for

from tiesan.access.viewer import Viewer
from tiesan.admin.owed.at_home import can_owe
from tiesan.bulletins.models import BULLETIN
from tiesan.people.codes import CODES_TAKEN_OFF
from tiesan.people.invitations import LINK_MADE
from tiesan.people.models import RoleName
from tiesan.people.reminders import REMINDED
from tiesan.people.services import NEW_DEVICE, PASSWORD_SET, ROLE_GRANTED, ROLE_REVOKED
from tiesan.records.corrections import CORRECTION
from tiesan.records.policy import ADMINISTRATORS
from tiesan.rules import FLAG
from tiesan.words.due_notifications import (
    BACKUP_OLD,
    DUTY_AHEAD,
    DUTY_TODAY,
    RULES_HELD,
    RULES_UNKNOWN,
    RUN_FAILED,
    SENDING_FAILED,
)

_ROWS = frozenset({FLAG.name, "notice", "waiver", CORRECTION, "rule_version", BULLETIN})
_OWED = frozenset({DUTY_AHEAD, DUTY_TODAY, REMINDED})
# What somebody owes as themself or for an organization; by a verb it is done on the record's page.
_SUBJECTS = frozenset({None, "cadre", "organization"})
_ROLES = frozenset({ROLE_GRANTED, ROLE_REVOKED})
_OF_ACCOUNTS = _ROLES | {PASSWORD_SET, NEW_DEVICE, LINK_MADE, CODES_TAKEN_OFF}
_RUNNING = {
    BACKUP_OLD: "operation.index_view",
    RULES_HELD: "rule.index_view",
    RULES_UNKNOWN: "rule.index_view",
    RUN_FAILED: "operation.index_view",
    SENDING_FAILED: "sending.index_view",
}


def place_of(viewer: Viewer, kind: str, row_kind: str | None, row_id: int | None) -> str | None:
    """Return the address to which a notification leads a viewer; None where to none."""
    if kind in _OWED and row_kind in _SUBJECTS:
        return url_for("owed.index_view") if can_owe(viewer) else None
    if kind in _RUNNING:
        return url_for(_RUNNING[kind]) if viewer.has(ADMINISTRATORS) else None
    if row_kind is None:
        return url_for("profile.index_view") if kind in _OF_ACCOUNTS else None
    if kind in _ROLES:
        return _of_role(viewer, row_kind, row_id)
    endpoint = row_kind if row_kind in _ROWS else f"record_{row_kind}"
    if f"{endpoint}.details_view" not in current_app.view_functions:
        return None
    return url_for(f"{endpoint}.details_view", id=row_id)


def _of_role(viewer: Viewer, row_kind: str, row_id: int | None) -> str | None:
    """The organization in which somebody was given a role, for those who look it up there."""
    overseeing = {RoleName.SUPERVISOR, RoleName.ADMINISTRATOR}
    if row_kind != "organization" or not viewer.has(frozenset(overseeing)):
        return None
    return url_for("organization.details_view", id=row_id)
