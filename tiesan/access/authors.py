"""What an author's own form asks, and what it fills in: who enters it, for which place and day.

Source: the page on logging: me, my organization and today are filled in.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from tiesan.access.viewer import current_viewer
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.people.models import Cadre, Organization, RoleName
from tiesan.records.base import Record
from tiesan.records.kinds import fact_kind, record_kind, table_of
from tiesan.records.policy import CADRE

_CADRE, _ORGANIZATION = "cadre", "organization"


def enters_as_cadre(model: type[Record]) -> bool:
    """Whether every cadre enters such records; others are entered by chairs alone."""
    return _CADRE in record_kind(model).belongs_to or _CADRE in model.policy.fills


def own_values(model: type[Record]) -> Mapping[str, Any]:
    """What an own entry says without being asked: whose it is, and of a decision as what."""
    viewer, policy = current_viewer(), model.policy
    own = None if viewer.cadre_id is None else db.session.get(Cadre, viewer.cadre_id)
    if policy.decision is not None:
        body = policy.decision.body_of(RoleName.AUDIT_COMMITTEE)
        return {policy.decision.by: own, policy.decision.body: body}
    values: dict[str, Any] = {}
    if _CADRE in {*record_kind(model).belongs_to, *policy.fills}:
        values[_CADRE] = own
    return values


def own_places(model: type[Record]) -> Sequence[Organization]:
    """The organizations for which the viewer enters records of their own, the nearest first.

    They are those that they chair; where every cadre enters such records, also their own.
    """
    viewer = current_viewer()
    chaired = sorted(viewer.chaired) if viewer.has(CADRE) else []
    posted = None
    if enters_as_cadre(model) and viewer.cadre_id is not None:
        cadre = table_of(Cadre)
        statement = select(cadre.c.organization_id).where(cadre.c.id == viewer.cadre_id)
        posted = db.session.scalar(statement)
    ids = dict.fromkeys([*([posted] if posted is not None else []), *chaired])
    found = (db.session.get(Organization, each) for each in ids)
    return [each for each in found if each is not None]


def days_by_system(model: type[Record]) -> Mapping[str, Any]:
    """The days that an own entry has without being asked for: that of entering."""
    policy = model.policy
    unasked = frozenset() if policy.asked is None else policy.days_done - policy.asked
    return dict.fromkeys(policy.dated_by_system | unasked, today())


def asks_own(model: type[Record]) -> frozenset[str]:
    """The fields for which an author's own form asks.

    Whose it is and when it was done is filled in; what others decide and what verbs set is not
    theirs to say. A code is the system's.
    """
    policy, names = model.policy, {field.name for field in fact_kind(model).fields}
    asked = names if policy.asked is None else policy.asked
    others = policy.set_by_system | policy.by_staff | policy.by_verb | {"code"}
    return (frozenset(asked) & names) - others - own_values(model).keys()
