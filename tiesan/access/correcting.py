"""Who may correct a record that an active flag rests on.

Source: design.md, "a record under an active flag is corrected only by a supervisor"; and as nobody
reviews their own flag (institutions.md, "What review adds"), nobody corrects what one rests on.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, and_, cast, select

from tiesan.access.criterion import permitted_to
from tiesan.access.viewer import Viewer, current_viewer
from tiesan.extensions import db
from tiesan.facts.kinds import FactKind, FactKinds
from tiesan.flags.models import Flag, FlagRevision
from tiesan.i18n import _
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind, table_of
from tiesan.records.policy import SUPERVISORS
from tiesan.records.services import plain_values

_FLAG = table_of(Flag)
_REVISION = table_of(FlagRevision)
_OF_FLAG = (_FLAG.c.id, _FLAG.c.cadre_id, _FLAG.c.organization_id, _FLAG.c.confidential)


@dataclass(frozen=True, slots=True)
class RestingFlag:
    """An active flag whose present evidence names a record, and of whom it is."""

    id: int
    cadre_id: int | None
    organization_id: int | None
    confidential: bool


def bar_of(row: Record, flags: Iterable[RestingFlag]) -> str | None:
    """Return what keeps the viewer from correcting or voiding a record; None when nothing does.

    ``flags`` rest on it. Confidential ones bar nobody, so that no refusal tells of them: the
    confidential records that they rest on can be corrected by those alone who answer for them, and
    never by who is concerned.
    """
    barring = [each for each in flags if not each.confidential]
    if row.policy.confidential or not barring:
        return None
    viewer = current_viewer()
    if any(_is_own(each, viewer) for each in barring):
        return _("A flag of your own, or of an organization that you chair, rests on this record: "
                 "only a supervisor other than you may correct or void it.")  # fmt: skip
    if not _supervises(row, viewer):
        return _("An active flag rests on this record: only a supervisor of the organization "
                 "may correct or void it.")  # fmt: skip
    return None


def flags_on(row: Record, kinds: FactKinds) -> list[RestingFlag]:
    """Return the active flags whose present evidence names a record, whoever may see them."""
    kind = kinds[record_kind(type(row)).name]
    plain = plain_values(row)
    identity = {name: plain[name] for name in kind.identity}
    present = and_(_REVISION.c.flag_id == _FLAG.c.id, _REVISION.c.number == _FLAG.c.revision)
    statement = (
        select(*_OF_FLAG, _REVISION.c.evidence)
        .select_from(_FLAG.join(_REVISION, present))
        .where(_FLAG.c.active)
        .order_by(_FLAG.c.id)
    )
    for value in identity.values():
        # Only what has these texts somewhere is read; the database keeps them as JSON does.
        if isinstance(value, str):
            kept = cast(_REVISION.c.evidence, Text)
            statement = statement.where(kept.contains(json.dumps(value), autoescape=True))
    return [
        RestingFlag(*of_flag)
        for *of_flag, evidence in db.session.execute(statement)
        if any(_names(fact, kind, identity, kinds) for fact in evidence)
    ]


def _names(
    fact: Mapping[str, Any], kind: FactKind, identity: Mapping[str, Any], kinds: FactKinds
) -> bool:
    """Whether a fact of the evidence is this record, or refers to it by its code."""
    known = kinds.get(str(fact["fact"]))
    if known is None:
        return False
    if known is kind and all(str(fact.get(name)) == str(identity[name]) for name in identity):
        return True
    code = identity.get("code")
    return code is not None and any(
        field.to == kind.name and fact.get(field.name) == code for field in known.fields
    )


def _is_own(flag: RestingFlag, viewer: Viewer) -> bool:
    own = viewer.cadre_id is not None and flag.cadre_id == viewer.cadre_id
    return own or flag.organization_id in viewer.chaired


def _supervises(row: Record, viewer: Viewer) -> bool:
    """Whether the viewer reaches a record as a supervisor."""
    model, access = type(row), row.policy.access
    # Where a plugin lets no supervisor correct a kind of record at all, its own roles stand.
    roles = (access.edit | access.void) & SUPERVISORS or access.edit
    condition = permitted_to(roles, model, viewer)
    return db.session.scalar(select(model.id).where(model.id == row.id, condition)) is not None
