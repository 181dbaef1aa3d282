"""Whose rows a person sees, in two layers.

``readable_rows`` and ``permitted`` are the conditions that the pages put into their own queries.
Below them, ``tiesan.access.sessions`` has every read of a session carry the condition of
each class that is not open to all, so that a page that forgets one shows nothing that it should
not. Rows that a visible row refers to are loaded as they are: a session may name its speaker.
"""

from collections.abc import Callable, Mapping
from functools import cache, cached_property, lru_cache
from typing import Any

from flask import current_app
from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption

from tiesan.access.belonging import own_rows, rows_not_about, rows_within
from tiesan.access.bulletins import sees_bulletin, sees_receipt
from tiesan.access.corrections import sees_correction
from tiesan.access.extents import reach_for
from tiesan.access.installation import installed
from tiesan.access.notices import notice_readers
from tiesan.access.of_attachments import visible_attachments
from tiesan.access.of_flags import (
    rules_about,
    visible_evaluations,
    visible_flags,
    visible_of_flags,
)
from tiesan.access.of_imports import visible_imports
from tiesan.access.of_people import (
    visible_accounts,
    visible_cadres,
    visible_entries,
    visible_grants,
    visible_organizations,
)
from tiesan.access.of_runs import visible_runs
from tiesan.access.overviews import visible_balances
from tiesan.access.policies import Policy, ReaderOrSuperior
from tiesan.access.reviewers import flag_readers
from tiesan.access.viewer import STRANGER, Viewer, current_viewer
from tiesan.access.waivers import sees_waiver
from tiesan.audit import AuditEntry
from tiesan.bulletins.models import (
    BULLETIN,
    Bulletin,
    BulletinDemand,
    BulletinName,
    BulletinReceipt,
)
from tiesan.clock import today
from tiesan.extensions import Base
from tiesan.flags.catalog import Catalog
from tiesan.flags.duty_balance import DutyBalance
from tiesan.flags.follow_up import NOTICE, EscalatedFlag, Notice, NoticeFinding
from tiesan.flags.models import Flag, FlagEvent, FlagRevision, StoredEvaluation
from tiesan.flags.waivers import Waiver
from tiesan.people.models import Account, Cadre, Grant, Organization, RoleName
from tiesan.people.notifications import Notification
from tiesan.people.phrases import Phrase
from tiesan.records.attachments.models import Attachment
from tiesan.records.base import Record
from tiesan.records.corrections import CORRECTION, CorrectionRequest
from tiesan.records.imports.models import DataImport
from tiesan.records.kinds import record_kind, table_of
from tiesan.records.policy import Roles, Verb
from tiesan.rules import FLAG
from tiesan.scheduler.models import JobRun


def permitted(model: type[Record], verb: Verb, viewer: Viewer) -> ColumnElement[bool]:
    """The rows with which the policy of their class lets the viewer do this."""
    if viewer.left and verb is not Verb.READ:
        return false()
    return permitted_to(model.policy.access.roles(verb), model, viewer)


def permitted_to(roles: Roles, model: type[Record], viewer: Viewer) -> ColumnElement[bool]:
    """The rows that the viewer reaches by one of these roles."""
    return or_(false(), *(_rows_of(model, role, viewer) for role in sorted(roles)))


def listed_rows(
    session: Session,
    model: type[Record],
    readable: ColumnElement[bool],
    shown: ColumnElement[bool],
) -> ColumnElement[bool]:
    """Of the rows ``shown`` the ``readable`` ones, said by districts where that is all.

    Whoever reads districts reads rows of their own besides, which nearly always lie there too. The
    database finds a page of districts by an index, but not one of rows that are either; so it is
    asked first whether any lie elsewhere. Where others see rows besides, as those do who decide
    requests, nothing is said otherwise.
    """
    viewer = current_viewer()
    districts = _districts_read(model, viewer)
    if not districts or model in current_scoping().further:
        return readable
    within = model.district_id.in_(sorted(districts))
    elsewhere = select(model.id).where(own_rows(model, viewer), ~within, shown).limit(1)
    return within if session.scalar(elsewhere) is None else readable


def ways_to_read(model: type[Record], viewer: Viewer) -> list[ColumnElement[bool]]:
    """Conditions of which a row that the viewer may read meets one; each can have its own index.

    They tell nothing about rows that the viewer may not read: that is what the criteria are for.
    """
    districts, further = _districts_read(model, viewer), current_scoping().further.get(model)
    if not districts:
        return [true()]
    besides = [] if further is None else [_besides(further, model, viewer)]
    within = model.district_id.in_(sorted(districts))
    return [within, own_rows(model, viewer), *besides]


def _districts_read(model: type[Record], viewer: Viewer) -> frozenset[int]:
    """The districts of which the viewer reads all rows, if the others they read are their own."""
    roles = model.policy.access.read
    if model.policy.confidential or RoleName.CADRE not in roles & viewer.reaches.keys():
        return frozenset()
    reach = viewer.reach(roles - {RoleName.CADRE})
    simple = not (reach.everywhere or reach.organizations)
    return reach.districts if simple else frozenset()


def _rows_of(model: type[Record], role: RoleName, viewer: Viewer) -> ColumnElement[bool]:
    if role not in viewer.reaches:
        return false()
    if role is RoleName.CADRE:
        return own_rows(model, viewer)
    within = rows_within(model, reach_for(model, role, viewer))
    return and_(within, rows_not_about(model, viewer)) if model.policy.confidential else within


# An option of statements that no criterion narrows: for modules of this room alone, which say in
# the statement itself whose rows it reads.
AS_THEY_ARE = {"tiesan_as_they_are": True}
# Criteria of classes for viewers: all of some eighty viewers.
_MOST_OPTIONS = 2_500
_MOST_VIEWERS = 100


class Scoping:
    """What the record classes of an installation state about access; made once per application."""

    def __init__(self, catalog: Catalog, further: Mapping[type[Base], Policy]) -> None:
        """Take the installation, and who sees which rows besides: in a course, who acts on them.

        Of a class of a room above this one it is all that is known.
        """
        self.catalog = catalog
        self.further = further
        # To make the criteria of twenty classes takes longer than to read them: those of the
        # viewers who asked last are kept. They say nothing that is not in the viewer, who is read
        # anew after each write, or in the rules, with which this object goes.
        self.option = lru_cache(_MOST_OPTIONS)(self._option)
        self.flags_of = lru_cache(_MOST_VIEWERS)(self._flags_of)

    def _option(self, model: type[Base], viewer: Viewer) -> ORMOption:
        """The criteria of a class for one who asks."""
        return with_loader_criteria(
            model, rows_for(model, viewer, self), include_aliases=True, propagate_to_loaders=False
        )

    def _flags_of(self, viewer: Viewer) -> ColumnElement[bool]:
        """The stored flags that one who asks may read."""
        return visible_flags(viewer, self.committee_rules)

    @property
    def records(self) -> tuple[type[Record], ...]:
        """The record classes."""
        return self.catalog.plugins.records

    @cached_property
    def committee_rules(self) -> list[str]:
        """The rules about what the audit committee reads without its being confidential."""
        open_ones = (each for each in self.records if not each.policy.confidential)
        read = (each for each in open_ones if RoleName.AUDIT_COMMITTEE in each.policy.access.read)
        kinds = frozenset(record_kind(model).name for model in read)
        return rules_about(self.catalog.every, kinds)

    @cached_property
    def with_files(self) -> Mapping[str, type[Base]]:
        """The classes whose rows take files, by kind."""
        taking = {record_kind(each).name: each for each in self.records if each.takes_files}
        own = {FLAG.name: Flag, NOTICE: Notice, CORRECTION: CorrectionRequest, BULLETIN: Bulletin}
        return {**own, **taking}

    @cached_property
    def by_table(self) -> Mapping[str, type[Base]]:
        """The classes whose rows are not for everybody, by the names of their tables."""
        classes = [*_CORE, *self.records, *self.further]
        return {table_of(model).name: model for model in classes}


def current_scoping() -> Scoping:
    """Return what the record classes state, of the installation as this request finds it."""
    scoping: Scoping = current_app.extensions["scoping"]
    catalog = installed()
    if scoping.catalog is not catalog:
        # The rules have changed, and which of them are about what may have as well.
        scoping = Scoping(catalog, scoping.further)
        current_app.extensions["scoping"] = scoping
    return scoping


def committee_rules() -> list[str]:
    """Return the rules about what the audit committee reads."""
    return current_scoping().committee_rules


# Who sees a flag, as a policy of its course.
SEES_FLAG = flag_readers(committee_rules)
SEES_NOTICE = notice_readers(SEES_FLAG)


def flags_in_scope(viewer: Viewer, flag: Any = Flag) -> ColumnElement[bool]:
    """The flags that the viewer may read, of the stored ones or those of an alias."""
    if flag is Flag:
        return current_scoping().flags_of(viewer)
    return visible_flags(viewer, current_scoping().committee_rules, flag)


def notices_in_scope(viewer: Viewer) -> ColumnElement[bool]:
    """The notices that the viewer may read."""
    return false() if viewer is STRANGER else seen_besides(SEES_NOTICE, Notice)


def _readable_confidential(viewer: Viewer) -> dict[str, Select[int]]:
    """The ids of the rows that the viewer may read, by kind that may be confidential."""
    found = {
        FLAG.name: select(Flag.id).where(flags_in_scope(viewer)),
        NOTICE: select(Notice.id).where(notices_in_scope(viewer)),
    }
    for model in current_scoping().records:
        if model.policy.confidential:
            rows = permitted(model, Verb.READ, viewer)
            found[record_kind(model).name] = select(model.id).where(rows)
    return found


def visible_waivers(viewer: Viewer) -> ColumnElement[bool]:  # noqa: ARG001 - as all of these
    """The standing waivers that the viewer may see."""
    return seen_besides(sees_waiver, Waiver)


def visible_corrections(viewer: Viewer) -> ColumnElement[bool]:
    """The requests for corrections that the viewer may see."""
    return false() if viewer is STRANGER else seen_besides(sees_correction, CorrectionRequest)


def visible_bulletins(viewer: Viewer) -> ColumnElement[bool]:
    """The bulletins that the viewer may read."""
    return false() if viewer is STRANGER else seen_besides(sees_bulletin, Bulletin)


def _visible_receipts(viewer: Viewer) -> ColumnElement[bool]:
    """The receipts of bulletins that the viewer may see."""
    return false() if viewer is STRANGER else seen_besides(sees_receipt, BulletinReceipt)


def _of_bulletins(
    model: type[BulletinDemand | BulletinName], viewer: Viewer
) -> ColumnElement[bool]:
    """The rows of a class that belong to bulletins that the viewer may read."""
    return model.bulletin_id.in_(select(Bulletin.id).where(visible_bulletins(viewer)))


def _visible_attachments(viewer: Viewer) -> ColumnElement[bool]:
    """The attachments that the viewer may open; a deputy those of what waits, no longer."""

    def deputed(model: type[Base]) -> ColumnElement[bool]:
        policy = current_scoping().further.get(model)
        if viewer.left or not isinstance(policy, ReaderOrSuperior):
            return false()
        return policy.while_it_waits(model, _ASKING, _THAT_DAY)

    return visible_attachments(viewer, current_scoping().with_files, readable_rows, deputed)


_CORE: Mapping[type[Base], Callable[[Viewer], ColumnElement[bool]]] = {
    Flag: flags_in_scope,
    FlagRevision: lambda viewer: visible_of_flags(FlagRevision, flags_in_scope(viewer)),
    FlagEvent: lambda viewer: visible_of_flags(FlagEvent, flags_in_scope(viewer)),
    EscalatedFlag: lambda viewer: visible_of_flags(EscalatedFlag, flags_in_scope(viewer)),
    Notice: notices_in_scope,
    NoticeFinding: lambda viewer: visible_of_flags(NoticeFinding, flags_in_scope(viewer)),
    StoredEvaluation: visible_evaluations,
    DutyBalance: lambda viewer: visible_balances(viewer, committee_rules()),
    Organization: visible_organizations,
    Cadre: visible_cadres,
    JobRun: visible_runs,
    Account: visible_accounts,
    Grant: visible_grants,
    Attachment: _visible_attachments,
    Waiver: visible_waivers,
    CorrectionRequest: visible_corrections,
    DataImport: visible_imports,
    Bulletin: visible_bulletins,
    BulletinDemand: lambda viewer: _of_bulletins(BulletinDemand, viewer),
    BulletinName: lambda viewer: _of_bulletins(BulletinName, viewer),
    BulletinReceipt: _visible_receipts,
    Notification: lambda viewer: Notification.account_id == (viewer.account_id or 0),
    Phrase: lambda viewer: Phrase.account_id == (viewer.account_id or 0),
    AuditEntry: lambda viewer: visible_entries(viewer, _readable_confidential(viewer)),
}
# Whoever asks and the day, as they are when a statement is carried out.
_ASKING = bindparam(
    "asking", callable_=lambda: current_viewer().account_id, type_=Integer(), unique=True
)
_THAT_DAY = bindparam("that_day", callable_=today, type_=Date(), unique=True)
# Before it is known who asks, accounts can be read and nothing else.
_TO_SIGN_IN = frozenset({Account, Grant})


def readable_rows(model: type[Base]) -> ColumnElement[bool]:
    """The rows of a class that the viewer of this request may read; none of an unknown class."""
    return rows_for(model, current_viewer(), current_scoping())


def rows_for(model: type[Base], viewer: Viewer, scoping: Scoping) -> ColumnElement[bool]:
    """The rows of a class that a viewer may read; none of an unknown class."""
    if viewer == STRANGER:
        return true() if model in _TO_SIGN_IN else false()
    if model in _CORE:
        return _CORE[model](viewer)
    if issubclass(model, Record):
        found = permitted(model, Verb.READ, viewer)
        further = scoping.further.get(model)
        if further is None:
            return found
        return or_(found, _besides(further, model, viewer))
    seen_by = scoping.further.get(model)
    return false() if seen_by is None else seen_besides(seen_by, model)


@cache
def seen_besides(policy: Policy, model: type[Base]) -> ColumnElement[bool]:
    """The rows of a class that a policy lets whoever asks in a request see, on its day.

    To make such a condition takes longer than to ask the database by it, so that it is made once;
    who asks is looked up each time that a statement with it is carried out.
    """
    return policy(model, _ASKING, _THAT_DAY)


def _besides(policy: Policy, model: type[Base], viewer: Viewer) -> ColumnElement[bool]:
    """The same, but for what the viewer may read anyway where the policy can tell the rest.

    What only superiors and deputies see is not asked about for who is neither.
    """
    if not isinstance(policy, ReaderOrSuperior):
        return seen_besides(policy, model)
    return _of_others(policy, model, viewer.is_superior, viewer.stands_in)


@cache
def _of_others(
    policy: ReaderOrSuperior,
    model: type[Base],
    is_superior: bool,  # noqa: FBT001 - it is the key
    stands_in: bool,  # noqa: FBT001 - it is the key
) -> ColumnElement[bool]:
    found = [policy.besides(model, _ASKING)] if is_superior else []
    if stands_in:
        found.append(policy.deputed(model, _ASKING, _THAT_DAY))
    return or_(false(), *found)
