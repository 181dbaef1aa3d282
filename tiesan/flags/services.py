"""What people change of rules: dated values of parameters."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog
from tiesan.records.pending import await_districts
from tiesan.records.settings import RuleParameterValue
from tiesan.records.validation import checked_values


def set_parameter(  # noqa: PLR0913 - a dated value is named by rule, name, day and text.
    actor: Actor,
    session: Session,
    catalog: Catalog,
    *,
    rule: str,
    name: str,
    value: str,
    valid_from: date,
    now: datetime,
    reason: str | None = None,
) -> RuleParameterValue:
    """Give a rule's parameter a value from a day on; one on a date that has one replaces it.

    ``value`` is text as in parameters.csv. Raises UserError for an unknown rule or parameter or a
    value that it does not accept, RecordRefused for a reason that cannot be stored. The caller
    commits.
    """
    problem = catalog.parameter_check(rule, name, value)
    if problem is not None:
        raise UserError(problem)
    given = {"rule": rule, "name": name, "from": valid_from, "value": value, "reason": reason}
    reason = checked_values(RuleParameterValue, given)["reason"]
    statement = select(RuleParameterValue).where(
        RuleParameterValue.rule == rule,
        RuleParameterValue.name == name,
        RuleParameterValue.valid_from == valid_from,
    )
    row = session.scalars(statement).one_or_none()
    before = None if row is None else row.value
    if row is None:
        row = RuleParameterValue(rule=rule, name=name, valid_from=valid_from)
        session.add(row)
    row.value, row.reason = value, reason
    session.flush()
    details = {
        "name": name,
        "from": valid_from.isoformat(),
        "value": value,
        "before": before,
        "reason": reason,
    }
    subject = Subject("parameter", row.id, rule)
    record_entry(session, actor, "set parameter", subject, at=now, details=details)
    await_districts(actor, session, None, "parameter", at=now)
    return row
