"""Values in the database for parameters that their rules do not have (any more).

A rule that was edited or renamed leaves them behind. They change nothing, but whoever set one
believes that it holds, so that they are named wherever rules are looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.i18n import _
from tiesan.records.settings import RuleParameterValue
from tiesan.rules import Rule


@dataclass(frozen=True, slots=True)
class Leftover:
    """A stored value without effect; ``rule_known`` says whether there is a rule of that id."""

    rule: str
    name: str
    valid_from: date
    value: str
    rule_known: bool

    def in_words(self) -> str:
        """The value and why it has no effect, in the current language."""
        text = _(
            "%(rule)s: the stored value %(name)s = %(value)s from %(day)s has no effect:"
            " the rule has no such parameter"
        )
        if not self.rule_known:
            text = _(
                "%(rule)s: the stored value %(name)s = %(value)s from %(day)s has no effect:"
                " there is no such rule"
            )
        named = {"rule": self.rule, "name": self.name, "value": self.value}
        return text % {**named, "day": self.valid_from.isoformat()}


def leftover_values(session: Session, rules: Mapping[str, Rule]) -> list[Leftover]:
    """The stored values for which these rules, by id, have no parameter; in order of rule, day."""
    statement = select(RuleParameterValue).order_by(
        RuleParameterValue.rule, RuleParameterValue.name, RuleParameterValue.valid_from
    )
    return [
        Leftover(row.rule, row.name, row.valid_from, row.value, row.rule in rules)
        for row in session.scalars(statement)
        if row.rule not in rules or row.name not in rules[row.rule].parameters
    ]
