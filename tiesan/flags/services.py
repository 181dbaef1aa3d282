"""What people change of rules: dated values of parameters, and plugins that are given up."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.clock import day_of
from tiesan.errors import UserError
from tiesan.flags.catalog import Catalog, parameter_text
from tiesan.flags.episodes import RULE_GONE
from tiesan.flags.models import Flag, FlagEvent
from tiesan.flags.sharing import refuse_value
from tiesan.records.pending import await_districts
from tiesan.records.settings import RuleParameterValue
from tiesan.records.validation import checked_values


def clear_flags_of_plugin(actor: Actor, session: Session, plugin: str, *, now: datetime) -> int:
    """Clear the active flags of a plugin that is removed; returns how many there were.

    Nothing evaluates its rules any more, so that nothing else would. The caller commits.
    """
    chosen = (Flag.active, Flag.rule.startswith(f"{plugin}.", autoescape=True))
    ids = list(session.scalars(select(Flag.id).where(*chosen)))
    event = {
        "at": now,
        "on": day_of(now),
        "verb": "cleared",
        "actor_id": actor.account_id,
        "actor_name": actor.name,
        "reason": RULE_GONE,
    }
    if ids:
        session.execute(insert(FlagEvent), [{"flag_id": flag_id, **event} for flag_id in ids])
        ended = {"active": False, "cleared_at": now, "cleared_reason": RULE_GONE}
        statement = update(Flag).where(*chosen).values(**ended)
        session.execute(statement, execution_options={"synchronize_session": False})
    return len(ids)


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
    value = parameter_text(catalog.rules[rule].parameters[name], value)
    given = {"rule": rule, "name": name, "from": valid_from, "value": value, "reason": reason}
    cleaned = checked_values(RuleParameterValue, given)
    value, reason = cleaned["value"], cleaned["reason"]
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


def set_shared_parameter(  # noqa: PLR0913 - as the parameter of one rule, and the other rules
    actor: Actor,
    session: Session,
    catalog: Catalog,
    *,
    rule: str,
    also: Iterable[str],
    name: str,
    value: str,
    valid_from: date,
    now: datetime,
    reason: str | None = None,
) -> RuleParameterValue:
    """Set a parameter as ``set_parameter`` does, and in other rules that share it: all, or none.

    Each has an entry of its own in the trail; given back is the row of the first rule. Raises
    UserError before anything is written, also for a rule that does not share the parameter. The
    caller commits.
    """
    others = list(dict.fromkeys(also))
    refuse_value(catalog, rule, others, name, value)
    row, *_others = (
        set_parameter(
            actor,
            session,
            catalog,
            rule=each,
            name=name,
            value=value,
            valid_from=valid_from,
            now=now,
            reason=reason,
        )
        for each in (rule, *others)
    )
    return row
