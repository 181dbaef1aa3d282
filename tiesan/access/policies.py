"""Who may act on a row, written once: conditions of SQL over the row and an account.

The account is a parameter or a column, so that one condition answers three questions: may this
person act on this row, which rows wait for this person, and who may act on this row. Whether the
account may sign in at all (``is_active``), and whether its cadre has not left (``acts``), is asked
once around each of them, never inside.

Source: institutions.md, "Who is who"; the words *concerned* and *superior* are those of the pages
on flags and requests.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    or_,
    select,
    true,
)

from tiesan.access.belonging import target_of
from tiesan.extensions import Base
from tiesan.people.deputies import Deputy
from tiesan.people.models import (
    Account,
    Cadre,
    Grant,
    Organization,
    OrganizationAbove,
    Role,
    RoleName,
)
from tiesan.records.kinds import field_columns, record_kind, table_of
from tiesan.records.policy import Access

Id: TypeAlias = ColumnElement[Any]
Day: TypeAlias = ColumnElement[date]
# Of a row (its class, or an alias of it), an account's id, and the day.
Policy: TypeAlias = Callable[[Any, Id, Day], ColumnElement[bool]]


def there_is(*own: FromClause, where: ColumnElement[bool]) -> ColumnElement[bool]:
    """A condition: the tables of ``own`` have rows that fulfil ``where``.

    Everything else that ``where`` names belongs to the statement around, however far out:
    SQLAlchemy by itself looks for it in the next statement only, and makes it another row of the
    same table when it is not there.
    """
    # It stands for the rows as they are: whoever looks does not change who may act.
    return exists().select_from(*own).where(where).correlate_except(*own)


def is_active(who: Id) -> ColumnElement[bool]:
    """An account that may sign in."""
    account = table_of(Account).alias()
    return there_is(account, where=and_(account.c.id == who, account.c.active))


def acts(who: Id, day: Day | date) -> ColumnElement[bool]:
    """An account that may sign in and whose cadre, if it has one, has not left by a day.

    Who has left sees and answers their flags, and does nothing else.
    """
    account, cadre = table_of(Account).alias(), table_of(Cadre).alias()
    left = there_is(cadre, where=and_(cadre.c.id == account.c.cadre_id, cadre.c.left_on <= day))
    return there_is(account, where=and_(account.c.id == who, account.c.active, ~left))


def stands_for(cadre_id: Id, who: Id) -> ColumnElement[bool]:
    """The account of this cadre."""
    account = table_of(Account).alias()
    return there_is(account, where=and_(account.c.id == who, account.c.cadre_id == cadre_id))


def chairs_its_organization(row: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001
    """The chair of the organization whose row it is."""
    return chairs(row.organization_id, who)


def chairs(organization_id: Id, who: Id) -> ColumnElement[bool]:
    """The account of the cadre who chairs this organization."""
    organization, account = table_of(Organization).alias(), table_of(Account).alias()
    return there_is(
        organization,
        account,
        where=and_(
            organization.c.id == organization_id,
            account.c.cadre_id == organization.c.chair_id,
            account.c.id == who,
        ),
    )


def has_role(role: RoleName, organization_id: Id, who: Id) -> ColumnElement[bool]:
    """An account that has this role in this organization, in one above it, or everywhere."""
    grant, named = table_of(Grant).alias(), table_of(Role).alias()
    above = table_of(OrganizationAbove).alias()
    reached = there_is(
        above,
        where=and_(
            above.c.organization_id == organization_id,
            above.c.above_id == grant.c.organization_id,
        ),
    )
    return there_is(
        grant,
        named,
        where=and_(
            grant.c.account_id == who,
            named.c.id == grant.c.role_id,
            named.c.name == role.value,
            or_(grant.c.organization_id.is_(None), reached),
        ),
    )


def concerned(cadre_id: Id, organization_id: Id, who: Id) -> ColumnElement[bool]:
    """Whom something is about: this cadre, or who chairs this organization."""
    return or_(stands_for(cadre_id, who), chairs(organization_id, who))


def organization_of_cadre(cadre_id: Id) -> Id:
    """The organization to which a cadre is posted now."""
    cadre = table_of(Cadre).alias()
    statement = select(cadre.c.organization_id).where(cadre.c.id == cadre_id)
    return statement.correlate_except(cadre).scalar_subquery()


def superior_of(cadre_id: Id, who: Id) -> ColumnElement[bool]:
    """A superior of a cadre, never the cadre: the chair, or a supervisor who reaches the cadre.

    The chair is that of the cadre's organization, for who chairs it that of the one above.
    """
    return and_(
        ~stands_for(cadre_id, who),
        or_(
            chair_over(cadre_id, who),
            has_role(RoleName.SUPERVISOR, organization_of_cadre(cadre_id), who),
        ),
    )


def chair_over(cadre_id: Id, who: Id) -> ColumnElement[bool]:
    """The chair of a cadre's organization, of who chairs it that of the one above."""
    cadre, own = table_of(Cadre).alias(), table_of(Organization).alias()
    return there_is(
        cadre,
        own,
        where=and_(
            cadre.c.id == cadre_id,
            own.c.id == cadre.c.organization_id,
            chairs(_answering(own, cadre), who),
        ),
    )


def _answering(own: FromClause, cadre: FromClause) -> Id:
    """The organization whose chair answers for a cadre: its own, or the one above its own chair."""
    own_is_theirs = func.coalesce(own.c.chair_id == cadre.c.id, false())
    return case((own_is_theirs, own.c.parent_id), else_=own.c.id)


def deputises(cadre_id: Id, who: Id, day: Day | date) -> ColumnElement[bool]:
    """A deputy whom a superior of a cadre has named for the day, never the cadre.

    Only who is a superior themself can name one: a deputy passes nothing on. Neither does it hold
    for a superior who cannot act any more, nor for the superior's own requests.
    """
    deputy = table_of(Deputy).alias()
    named = and_(_stands_in(deputy, who, day), superior_of(cadre_id, deputy.c.giver_id))
    return and_(~stands_for(cadre_id, who), there_is(deputy, where=named))


def _stands_in(deputy: FromClause, who: Id, day: Day | date) -> ColumnElement[bool]:
    """A row by which an account is the deputy of somebody who can act on a day."""
    return and_(
        deputy.c.account_id == who,
        deputy.c.ended_on.is_(None),
        deputy.c.first_day <= day,
        deputy.c.last_day >= day,
        acts(deputy.c.giver_id, day),
    )


def supervisor_of(cadre_id: Id, who: Id) -> ColumnElement[bool]:
    """A supervisor who reaches a cadre, never the cadre."""
    reaches = has_role(RoleName.SUPERVISOR, organization_of_cadre(cadre_id), who)
    return and_(~stands_for(cadre_id, who), reaches)


def committee_of(cadre_id: Id, who: Id) -> ColumnElement[bool]:
    """A member of the audit committee of a cadre's district, never the cadre."""
    sits = has_role(RoleName.AUDIT_COMMITTEE, organization_of_cadre(cadre_id), who)
    return and_(~stands_for(cadre_id, who), sits)


def nobody(
    holds: Callable[[Id], ColumnElement[bool]], roles: Iterable[RoleName] = ()
) -> ColumnElement[bool]:
    """A condition: no account that may sign in fulfils another one.

    ``holds`` is given the id of the account. Where it can only hold for those who have one of some
    ``roles`` anywhere, naming them spares the database asking everybody.
    """
    account = table_of(Account).alias()
    named = sorted(role.value for role in roles)
    if not named:
        return ~there_is(account, where=and_(account.c.active, holds(account.c.id)))
    role, grant = table_of(Role).alias(), table_of(Grant).alias()
    granted = and_(
        role.c.name.in_(named),
        grant.c.role_id == role.c.id,
        account.c.id == grant.c.account_id,
    )
    found = and_(granted, account.c.active, holds(account.c.id))
    return ~there_is(role, grant, account, where=found)


# --- who reads a record ---------------------------------------------------------------------------


def reader_of(model: type[Base], access: Access) -> Policy:
    """Return who may read the rows of a class, as its pages have it (``criterion.permitted``).

    Raises ValueError for confidential classes: there who is concerned is kept out, which a course
    over them has to say itself.
    """
    if access.confidential:
        message = f"{model.__name__} is confidential: its course needs a policy of its own"
        raise ValueError(message)

    def readers(row: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
        """Whoever may read the record."""
        found = [
            has_role(role, _organization_of(model, row), who)
            for role in sorted(access.read - {RoleName.CADRE})
        ]
        if RoleName.CADRE in access.read:
            found.append(and_(_has_anywhere(RoleName.CADRE, who), _own(model, row, who)))
        return or_(false(), *found)

    return readers


class ReaderOrSuperior:
    """Whoever may read the record, every superior of the cadre, and while it waits their deputies.

    Called, it is that policy. Where what one account may read is known already, ``besides`` and
    ``deputed`` ask for the rest by the set of the cadres that it is about, which a database finds
    once for a list of any length; called, it would look for superiors row by row. ``undecided`` are
    the rows that wait for a superior, which are all that a deputy sees.
    """

    def __init__(
        self,
        model: type[Base],
        access: Access,
        undecided: Callable[[Any, Day], ColumnElement[bool]] | None = None,
    ) -> None:
        """Take the class of the rows and who may read it; ValueError for confidential classes."""
        self._may_read = reader_of(model, access)
        self._undecided = undecided

    def __call__(self, row: Any, who: Id, day: Day) -> ColumnElement[bool]:
        """Return the condition over a row and an account."""
        found = or_(self._may_read(row, who, day), superior_of(row.cadre_id, who))
        if self._undecided is None:
            return found
        return or_(found, self.while_it_waits(row, who, day))

    def while_it_waits(self, row: Any, who: Id, day: Day) -> ColumnElement[bool]:
        """Return the condition of the rows that an account sees as a deputy, and no longer."""
        if self._undecided is None:
            return false()
        return and_(deputises(row.cadre_id, who, day), self._undecided(row, day))

    def besides(self, row: Any, who: Id) -> ColumnElement[bool]:
        """Return the condition of the rows about cadres whose superior one account is."""
        return _column(row, "cadre_id").in_(_subordinates(who))

    def deputed(self, row: Any, who: Id, day: Day) -> ColumnElement[bool]:
        """Return the condition of the rows that one account sees as a deputy on a day."""
        if self._undecided is None:
            return false()
        return and_(_column(row, "cadre_id").in_(_given(who, day)), self._undecided(row, day))


def _subordinates(who: Id) -> Select[Any]:
    """The cadres whose superior an account is: ``superior_of``, asked from the account's side."""
    account, chaired = table_of(Account).alias(), table_of(Organization).alias()
    cadre, own = table_of(Cadre).alias(), table_of(Organization).alias()
    self_id = select(account.c.cadre_id).where(account.c.id == who).scalar_subquery()
    mine = select(chaired.c.id).where(chaired.c.chair_id == self_id)
    return (
        select(cadre.c.id)
        .select_from(cadre.join(own, own.c.id == cadre.c.organization_id))
        .where(cadre.c.id.is_distinct_from(self_id))
        .where(
            or_(
                _answering(own, cadre).in_(mine),
                cadre.c.organization_id.in_(_reached(RoleName.SUPERVISOR, who)),
                holds_everywhere(RoleName.SUPERVISOR, who),
            )
        )
    )


def _given(who: Id, day: Day) -> Select[Any]:
    """The cadres about whom an account decides as a deputy: ``deputises``, from its side."""
    cadre, deputy = table_of(Cadre).alias(), table_of(Deputy).alias()
    return (
        select(cadre.c.id)
        .select_from(deputy.join(cadre, true()))
        .where(_stands_in(deputy, who, day))
        .where(superior_of(cadre.c.id, deputy.c.giver_id), ~stands_for(cadre.c.id, who))
    )


def _reached(role: RoleName, who: Id) -> Select[Any]:
    """The organizations in which, or above which, an account has a role."""
    grant, named = table_of(Grant).alias(), table_of(Role).alias()
    above = table_of(OrganizationAbove).alias()
    return (
        select(above.c.organization_id)
        .where(above.c.above_id == grant.c.organization_id, grant.c.account_id == who)
        .where(named.c.id == grant.c.role_id, named.c.name == role.value)
    )


def holds_everywhere(role: RoleName, who: Id) -> ColumnElement[bool]:
    """An account has a role in the whole installation."""
    grant, named = table_of(Grant).alias(), table_of(Role).alias()
    is_it = and_(named.c.id == grant.c.role_id, named.c.name == role.value)
    everywhere = and_(grant.c.account_id == who, grant.c.organization_id.is_(None))
    return there_is(grant, named, where=and_(everywhere, is_it))


def _has_anywhere(role: RoleName, who: Id) -> ColumnElement[bool]:
    grant, named = table_of(Grant).alias(), table_of(Role).alias()
    is_it = and_(named.c.id == grant.c.role_id, named.c.name == role.value)
    return there_is(grant, named, where=and_(grant.c.account_id == who, is_it))


def _organization_of(model: type[Base], row: Any) -> Id:
    """The organization that a row belongs to; the first reference that is given decides."""
    found = [_over(model, row, reference) for reference in record_kind(model).belongs_to]
    return found[0] if len(found) == 1 else func.coalesce(*found)


def _over(model: type[Base], row: Any, reference: str) -> Id:
    column: Id = _column(row, f"{reference}_id")
    target = target_of(model, reference)
    if target is Organization:
        return column
    if target is Cadre:
        return organization_of_cadre(column)
    referred = table_of(target).alias()
    statement = select(_organization_of(target, referred)).where(referred.c.id == column)
    return statement.correlate_except(referred).scalar_subquery()


def _own(model: type[Base], row: Any, who: Id) -> ColumnElement[bool]:
    """A row that names the account's cadre, belongs to one that does, or to what they chair."""
    found = [
        stands_for(_column(row, column.name), who)
        for field, column in field_columns(model)
        if field.to == "cadre"
    ]
    for reference in record_kind(model).belongs_to:
        target, column = target_of(model, reference), _column(row, f"{reference}_id")
        if target is Organization:
            found.append(chairs(column, who))
        elif target is not Cadre:
            referred = table_of(target).alias()
            is_own = and_(referred.c.id == column, _own(target, referred, who))
            found.append(there_is(referred, where=is_own))
    return or_(false(), *found)


def _column(row: Any, name: str) -> Id:
    """A column of a class or an alias of it, or of a plain table."""
    column: Id = row.c[name] if isinstance(row, FromClause) else getattr(row, name)
    return column
