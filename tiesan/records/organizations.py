"""Writing organizations and cadres one by one, as the pages do. The caller commits.

Whatever moves to another district takes its records along; moving inside a district changes only
where it stands. Every verb adds one entry to the audit trail.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, record_entry
from tiesan.clock import day_of
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.people.administrators import keep_an_administrator
from tiesan.people.ancestry import refresh_ancestry
from tiesan.people.merges import is_alias
from tiesan.people.models import PARENT_KINDS, Cadre, Organization, OrganizationKind
from tiesan.people.postings import (
    PostingRefused,
    Service,
    Span,
    begun,
    ended,
    moved,
    resumed,
    revised,
    service_of,
    spans_of,
    write_postings,
)
from tiesan.records.base import Record
from tiesan.records.districts import refresh_districts
from tiesan.records.kinds import field_columns, table_of
from tiesan.records.pending import await_districts
from tiesan.records.services import in_sight, out_of_sight, plain_values, subject_of
from tiesan.records.validation import RecordRefused, checked_values

# All record classes, in import order: rows of theirs go along to another district.
Records: TypeAlias = Iterable[type[Record]]


def create_organization(
    actor: Actor, session: Session, values: Mapping[str, Any], *, at: datetime
) -> Organization:
    """Store a new organization; raises RecordRefused for wrong values."""
    cleaned = checked_values(Organization, values)
    _refuse_same_code(session, Organization, cleaned["code"], None)
    _check_place(None, cleaned)
    parent = cleaned["parent"]
    organization = Organization(**cleaned)
    organization.district_id = None if parent is None else parent.district_id
    session.add(organization)
    session.flush()
    if parent is None:
        organization.district_id = organization.id
        session.flush()
    refresh_ancestry(session)
    _record(session, actor, "create", organization, at, {"values": plain_values(organization)})
    await_districts(actor, session, [organization.district_id], "organization", at=at)
    return organization


def update_organization(  # noqa: PLR0913 - whom, how, when and why
    actor: Actor,
    session: Session,
    organization: Organization,
    values: Mapping[str, Any],
    *,
    records: Records,
    at: datetime,
    reason: str | None = None,
) -> bool:
    """Change an organization; returns whether anything changed. ``reason`` says why.

    Another organization above it may bring it, and everything below it, into another district;
    rows of ``records``, all record classes in import order, go along.
    """
    cleaned = checked_values(Organization, _current(organization) | dict(values))
    _refuse_same_code(session, Organization, cleaned["code"], organization.id)
    _check_place(organization, cleaned)
    before, left = plain_values(organization), organization.district_id
    _assign(organization, cleaned)
    parent = organization.parent
    _bring(session, organization, organization.id if parent is None else parent.district_id)
    session.flush()
    refresh_ancestry(session)
    refresh_districts(session, records)
    written = _Written("update", at, reason)
    if not _record_change(session, actor, organization, before, written):
        return False
    await_districts(actor, session, [left, organization.district_id], "organization", at=at)
    return True


def create_cadre(
    actor: Actor, session: Session, values: Mapping[str, Any], *, at: datetime
) -> Cadre:
    """Store a new cadre, posted from the day of joining; raises RecordRefused for wrong values."""
    cleaned = checked_values(Cadre, values)
    _refuse_same_code(session, Cadre, cleaned["code"], None)
    cadre = Cadre(**cleaned)
    session.add(cadre)
    session.flush()
    # Whoever merges entries gives a code to an alias: who waited for that sees it only now.
    _refuse_same_code(session, Cadre, cadre.code, cadre.id)
    write_postings(session, {cadre.id: ((), begun(_service(cadre)))})
    _record(session, actor, "create", cadre, at, {"values": plain_values(cadre)})
    await_districts(actor, session, [cadre.organization.district_id], "cadre", at=at)
    return cadre


def update_cadre(  # noqa: PLR0913 - whom, how, when and why
    actor: Actor,
    session: Session,
    cadre: Cadre,
    values: Mapping[str, Any],
    *,
    records: Records,
    at: datetime,
    reason: str | None = None,
) -> bool:
    """Change a cadre; returns whether anything changed. ``reason`` says why.

    Days of joining and leaving and the organization change the postings as ``postings.revised``
    says: who joins after having left is posted anew, and another organization is one from the day
    of ``at`` on. Raises RecordRefused for wrong values, and where other postings stand against it.
    """
    cleaned = checked_values(Cadre, _current(cadre) | dict(values))
    _refuse_same_code(session, Cadre, cleaned["code"], cadre.id)
    before, left = plain_values(cadre), cadre.organization.district_id
    service = Service(cleaned["organization"].id, cleaned["joined_on"], cleaned["left_on"])
    spans = spans_of(session, cadre.id)
    after = _allowed(lambda: revised(spans, service, day_of(at)))
    _assign(cadre, cleaned)
    _post(session, cadre, spans, after, records)
    if not _record_change(session, actor, cadre, before, _Written("update", at, reason)):
        return False
    await_districts(actor, session, [left, cadre.organization.district_id], "cadre", at=at)
    return True


class NewPost(NamedTuple):
    """Where a cadre is posted from a day on; without a day from the one on which it is written."""

    organization: Organization
    from_on: date | None = None


def move_cadre(  # noqa: PLR0913 - whom, how, when and why
    actor: Actor,
    session: Session,
    cadre: Cadre,
    post: NewPost,
    *,
    records: Records,
    at: datetime,
    reason: str | None = None,
) -> bool:
    """Post a cadre to another organization; returns whether that changed anything.

    Raises RecordRefused for one who is not in post on the day, or was posted later. The cadre's
    records come along where the organization lies in another district.
    """
    first = post.from_on or day_of(at)
    change = _Change(
        _Written("move", at, reason), lambda spans: moved(spans, post.organization.id, first)
    )
    return _change_service(actor, session, cadre, change, records)


def end_service(  # noqa: PLR0913 - whom, how, when and why
    actor: Actor,
    session: Session,
    cadre: Cadre,
    left_on: date,
    *,
    records: Records,
    at: datetime,
    reason: str | None = None,
) -> bool:
    """Let a cadre leave; ``left_on`` is the first day out of post.

    Raises RecordRefused for one who is not in post, or not before that day.
    """
    change = _Change(_Written("leave", at, reason), lambda spans: ended(spans, left_on))
    return _change_service(actor, session, cadre, change, records)


def resume_service(  # noqa: PLR0913 - whom, how, when and why
    actor: Actor,
    session: Session,
    cadre: Cadre,
    post: NewPost,
    *,
    records: Records,
    at: datetime,
    reason: str | None = None,
) -> bool:
    """Let a cadre who left come back; the earlier postings stay as they are.

    Raises RecordRefused for one who is in post, and for a day before the end of the last posting.
    """
    first = post.from_on or day_of(at)
    change = _Change(
        _Written("come back", at, reason), lambda spans: resumed(spans, post.organization.id, first)
    )
    return _change_service(actor, session, cadre, change, records)


class _Written(NamedTuple):
    """How a change stands in the audit trail: the verb, when, and why where that was said."""

    verb: str
    at: datetime
    reason: str | None


class _Change(NamedTuple):
    """What is done to the postings of a cadre, and how it stands in the audit trail."""

    written: _Written
    spans: Callable[[Sequence[Span]], list[Span]]


def _change_service(
    actor: Actor,
    session: Session,
    cadre: Cadre,
    change: _Change,
    records: Records,
) -> bool:
    """Change the postings of a cadre; returns whether anything changed."""
    before, left = plain_values(cadre), cadre.organization.district_id
    spans = spans_of(session, cadre.id)
    _post(session, cadre, spans, _allowed(lambda: change.spans(spans)), records)
    if not _record_change(session, actor, cadre, before, change.written):
        return False
    places = [left, cadre.organization.district_id]
    await_districts(actor, session, places, "cadre", at=change.written.at)
    return True


def _allowed(change: Callable[[], list[Span]]) -> list[Span]:
    """What becomes of postings; raises RecordRefused for what they do not allow."""
    try:
        return change()
    except PostingRefused as refused:
        raise RecordRefused(Cadre, [(refused.field, refused.text)]) from refused


def _post(
    session: Session,
    cadre: Cadre,
    before: Sequence[Span],
    after: Sequence[Span],
    records: Records,
) -> None:
    """Write the postings and what the cadre's row says of them; records follow the district.

    Raises UserError if the last administrator of the installation would leave.
    """
    service = service_of(after)
    if cadre.left_on is not None or (service is not None and service.left_on is not None):
        _keep_an_administrator(session, cadre)
    if service is not None:
        cadre.organization_id, cadre.joined_on, cadre.left_on = service
    session.flush()
    session.expire(cadre, ["organization"])
    write_postings(session, {cadre.id: (before, after)})
    places = {each.organization_id for each in before[-1:]} | {cadre.organization_id}
    districts = select(Organization.district_id).where(Organization.id.in_(places)).distinct()
    if len(session.scalars(districts).all()) > 1:
        refresh_districts(session, records)


def _keep_an_administrator(session: Session, cadre: Cadre) -> None:
    # The change is not to be seen yet: it is asked whether it may be.
    with session.no_autoflush:
        if cadre.account is not None:
            keep_an_administrator(session, cadre.account.id)


def _service(cadre: Cadre) -> Service:
    return Service(cadre.organization_id, cadre.joined_on, cadre.left_on)


def _check_place(organization: Organization | None, values: Mapping[str, Any]) -> None:
    """Refuse a place in the tree that the kind of the organization does not allow."""
    kind, parent = values["kind"], values["parent"]
    _refuse_secession(organization, kind)
    above = parent
    while above is not None and organization is not None:
        if above is organization:
            text = _("the superior organizations form a circle")
            raise RecordRefused(Organization, [("parent", text)])
        above = above.parent
    if parent is not None and parent.kind not in PARENT_KINDS[kind]:
        raise RecordRefused(Organization, [("parent", _("wrong kind of superior organization"))])
    children = [] if organization is None else organization.children
    if any(kind not in PARENT_KINDS[child.kind] for child in children):
        text = _("the organizations below it could not stand under such a one")
        raise RecordRefused(Organization, [("kind", text)])


def _refuse_secession(organization: Organization | None, kind: str) -> None:
    """Refuse to turn anything into a district, or a district into anything else.

    A district is founded; by an edit, its supervisors and audit committee would lose all of it.
    """
    district = OrganizationKind.DISTRICT.value
    if organization is not None and (organization.kind == district) != (kind == district):
        text = _("nothing becomes a district federation, or ceases to be one, by being edited")
        raise RecordRefused(Organization, [("kind", text)])


def _bring(session: Session, organization: Organization, district_id: int | None) -> None:
    """Set the district of an organization and of everything below it."""
    organization.district_id = district_id
    for child in organization.children:
        _bring(session, child, district_id)


def _refuse_same_code(session: Session, model: type[Base], code: str, own_id: int | None) -> None:
    if model is Cadre and is_alias(session, code):
        raise RecordRefused(model, [("code", out_of_sight())])
    columns = table_of(model).c
    statement = select(columns.id).where(columns.code == code)
    if own_id is not None:
        statement = statement.where(columns.id != own_id)
    found = session.scalar(statement)
    if found is not None:
        known = in_sight(session, model, found)
        text = _("there is such a record already") if known else out_of_sight()
        raise RecordRefused(model, [("code", text)], found if known else None)


def _current(row: Base) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field, _column in field_columns(type(row))}


def _assign(row: Base, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def _record_change(
    session: Session, actor: Actor, row: Base, before: Mapping[str, Any], written: _Written
) -> bool:
    after = plain_values(row)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changed:
        details = {"changed": changed} | ({"reason": written.reason} if written.reason else {})
        _record(session, actor, written.verb, row, written.at, details)
    return bool(changed)


def _record(
    session: Session,
    actor: Actor,
    verb: str,
    row: Base,
    at: datetime,
    details: Mapping[str, Any],
) -> None:
    record_entry(session, actor, verb, subject_of(row), at=at, details=details)
