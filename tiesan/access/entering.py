"""Who may enter, correct and void which record, beyond the roles: nobody judges themself.

Source: design.md, "Who typed a date matters". A cadre enters their own, and the member of a body
their own decision, by the *own* form: whose it is and when it was done are not asked. Late, and for
others, a supervisor enters, never what is about themself.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, select

from tiesan.access.authors import enters_as_cadre
from tiesan.access.criterion import permitted_to
from tiesan.access.policies import acts, chair_over, has_role, organization_of_cadre
from tiesan.access.viewer import Viewer, current_viewer
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.clock import day_of, now, today
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _
from tiesan.people.models import Account, Cadre, Organization
from tiesan.people.notifications import name_of_account, tell
from tiesan.records.base import Record, follow
from tiesan.records.kinds import record_kind, table_of
from tiesan.records.policy import CADRE, COMMITTEE, Decision, Roles
from tiesan.records.services import plain_values, subject_of
from tiesan.records.settings import read_exceptions
from tiesan.records.validation import RecordRefused

NAMED_AS_DECIDER = "named as decider"


# --- by which form --------------------------------------------------------------------------------


def own_roles(model: type[Record]) -> Roles:
    """The roles by which somebody enters their own: cadres, and the members of a body."""
    access = model.policy.access
    return access.create & (CADRE if model.policy.decision is None else CADRE | COMMITTEE)


def other_roles(model: type[Record]) -> Roles:
    """The roles by which somebody enters for others, and late."""
    return model.policy.access.create - own_roles(model)


def may_enter_own(model: type[Record]) -> bool:
    """Whether the viewer may enter rows of this kind that are their own."""
    viewer = current_viewer()
    if viewer.left:
        return False
    if viewer.has(own_roles(model) - CADRE):
        return True
    if not viewer.has(own_roles(model) & CADRE):
        return False
    return viewer.cadre_id is not None if enters_as_cadre(model) else bool(viewer.chaired)


def may_enter_for_others(model: type[Record]) -> bool:
    """Whether the viewer may enter rows of this kind for others, on days that they say."""
    viewer = current_viewer()
    return not viewer.left and viewer.has(other_roles(model))


# --- what is about oneself ------------------------------------------------------------------------


def is_about_viewer(row: Record) -> bool:
    """Whether a record is about the viewer, or about an organization that they chair.

    Of a decision that is who asked for it; who decided answers for it and is not its subject.
    """
    viewer, decision = current_viewer(), row.policy.decision
    paths = (path for path in row.concerns if decision is None or path != decision.by)
    return any(_is_viewer(each, viewer) for path in paths for each in follow(row, path))


def _is_viewer(subject: object, viewer: Viewer) -> bool:
    match subject:
        case Cadre():
            return subject.id == viewer.cadre_id
        case Organization():
            return subject.id in viewer.chaired
    return False


def is_own_of_today(row: Record) -> bool:
    """Whether the viewer entered a record today, which they may withdraw until the day is over."""
    own = row.recorded_by_id is not None and row.recorded_by_id == current_viewer().account_id
    return own and day_of(row.recorded_at) == today()


def bar_to_correcting(row: Record) -> str | None:
    """Return what keeps who has the role for it from correcting or voiding a record; None if not.

    Nobody corrects what is about themself; and a decision is corrected by who took it, or by a
    supervisor.
    """
    if is_about_viewer(row):
        return _("This record is about yourself, or about an organization that you chair: "
                 "only a supervisor other than you may correct or void it.")  # fmt: skip
    decision = row.policy.decision
    if decision is None or _reaches(row, other_roles(type(row))) or _decided(row, decision):
        return None
    return _("Only who took this decision, or a supervisor, may correct or void it.")


def _decided(row: Record, decision: Decision) -> bool:
    viewer, by = current_viewer(), getattr(row, decision.by)
    own = by is not None and by.id == viewer.cadre_id
    return own or row.recorded_by_id == viewer.account_id


# --- what is refused of what was entered ----------------------------------------------------------


def refuse_entry(row: Record, *, own: bool) -> None:
    """Raise UserError if a new record is not for the viewer to enter by that form.

    The row is stored already, in a transaction that is undone. What is wrong with one field is
    said beside it (RecordRefused).
    """
    if current_viewer().left:
        raise UserError(_("Who has left enters no records."))
    _refuse_elsewhere(row, own_roles(type(row)) if own else other_roles(type(row)))
    decision = row.policy.decision
    if is_about_viewer(row) and (not own or decision is not None):
        raise UserError(
            _("What is about yourself, or about an organization that you chair, is entered late or "
              "decided by somebody else: by another supervisor, or another member.")
        )  # fmt: skip
    if own:
        refuse_days_back(row)
    elif decision is not None:
        _refuse_decider(row, decision)
        _tell_decider(row, decision)


def refuse_change(row: Record, before: Mapping[str, Any], *, author: bool) -> None:
    """Raise UserError if a record, as it was changed, is not for the viewer to leave so.

    ``before`` are the plain values that it had. An ``author`` changes their own of today, which has
    to stay their own.
    """
    if current_viewer().left:
        raise UserError(_("Who has left enters no records."))
    if author:
        _refuse_elsewhere(row, own_roles(type(row)))
        return
    _refuse_elsewhere(row, row.policy.access.edit)
    if is_about_viewer(row):
        raise UserError(_("Nobody makes a record one about themself."))
    decision, after = row.policy.decision, plain_values(row)
    if decision is None or before == after:
        return
    about = decision.about.partition(".")[0]
    if any(before[name] != after[name] for name in (decision.by, decision.body, about)):
        _refuse_decider(row, decision)
        _tell_decider(row, decision)


def _refuse_elsewhere(row: Record, roles: Roles) -> None:
    if not _reaches(row, roles):
        raise UserError(_("You may not enter this for that cadre or organization."))


def _reaches(row: Record, roles: Roles) -> bool:
    model = type(row)
    condition = permitted_to(roles, model, current_viewer())
    return db.session.scalar(select(model.id).where(model.id == row.id, condition)) is not None


def refuse_days_back(row: Record) -> None:
    """Raise RecordRefused for an own entry of a day that lies too many working days back."""
    most = row.policy.days_back
    if most is None:
        return
    calendar = WorkingCalendar(read_exceptions(db.session()))
    text = _("Not more than %(most)d working days back; a supervisor enters it late.", most=most)
    problems = [
        (name, text)
        for name in sorted(row.policy.days_done)
        if (done := getattr(row, name)) is not None and calendar.after(done, most) < today()
    ]
    if problems:
        raise RecordRefused(type(row), problems)


# --- whose decision it was ------------------------------------------------------------------------


def _refuse_decider(row: Record, decision: Decision) -> None:
    """Refuse a decision entered late unless it names somebody who may take it now."""
    by, about = getattr(row, decision.by), next(iter(follow(row, decision.about)), None)
    if by is None:
        text = _("a decision that is entered late names who took it")
        raise RecordRefused(type(row), [(decision.by, text)])
    if isinstance(about, Cadre) and not _holds(getattr(row, decision.body), by, about, decision):
        text = _("%(name)s does not decide for this body there", name=by.name)
        raise RecordRefused(type(row), [(decision.by, text)])


def _holds(body: str, by: Cadre, about: Cadre, decision: Decision) -> bool:
    """Whether a cadre has the role of a body where another one is posted."""
    role, account = decision.roles.get(body), table_of(Account).alias()
    who: ColumnElement[int] = account.c.id
    place = organization_of_cadre(table_of(Cadre).c.id)
    holds = chair_over(table_of(Cadre).c.id, who)
    if role is not None:
        holds = has_role(role, place, who)
    cadre = table_of(Cadre)
    statement = (
        select(account.c.id)
        .select_from(account.join(cadre, cadre.c.id == about.id))
        .where(account.c.cadre_id == by.id, acts(who, today()), holds)
    )
    return db.session.execute(statement).first() is not None


def _tell_decider(row: Record, decision: Decision) -> None:
    """Tell whom a decision names, who may not know of it."""
    by, viewer = getattr(row, decision.by), current_viewer()
    accounts = list(_accounts_of(by))
    details = {
        "by": name_of_account(db.session(), viewer.account_id),
        "kind": record_kind(type(row)).name,
        "row": row.id,
        "code": subject_of(row).code,
    }
    told = set(accounts) - {viewer.account_id or 0}
    tell(db.session(), told, NAMED_AS_DECIDER, details, at=now())


def _accounts_of(cadre: Cadre | None) -> Iterator[int]:
    account = table_of(Account)
    if cadre is not None:
        yield from db.session.scalars(select(account.c.id).where(account.c.cadre_id == cadre.id))


def other_cadres() -> ColumnElement[bool]:
    """The cadres but for the one who asks."""
    return Cadre.id != (current_viewer().cadre_id or 0)
