"""Values in the database that their rules do not take (any more), or for parameters that are gone.

A rule that was edited or renamed leaves them behind. Whoever set one believes that it holds, so
that they are named wherever rules are looked at, and no export has them: no import would take them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.i18n import _
from tiesan.records.settings import RuleParameterValue
from tiesan.rules import Rule, parse_value


@dataclass(frozen=True, slots=True)
class Leftover:
    """A stored value without effect; ``rule_known`` says whether there is a rule of that id.

    ``refused`` is why its rule, which has the parameter, does not take it.
    """

    id: int
    rule: str
    name: str
    valid_from: date
    value: str
    rule_known: bool
    refused: str = ""

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
        if self.refused:
            text = _(
                "%(rule)s: the stored value %(name)s = %(value)s from %(day)s keeps the rule from"
                " being evaluated: %(why)s"
            )
        named = {"rule": self.rule, "name": self.name, "value": self.value, "why": self.refused}
        return text % {**named, "day": self.valid_from.isoformat()}


def leftover_values(session: Session, rules: Mapping[str, Rule]) -> list[Leftover]:
    """The stored values that these rules, by id, do not take; in order of rule, name and day."""
    statement = select(RuleParameterValue).order_by(
        RuleParameterValue.rule, RuleParameterValue.name, RuleParameterValue.valid_from
    )
    found = (_leftover(row, rules.get(row.rule)) for row in session.scalars(statement))
    return [each for each in found if each is not None]


def _leftover(row: RuleParameterValue, rule: Rule | None) -> Leftover | None:
    parameter = None if rule is None else rule.parameters.get(row.name)
    refused = ""
    if parameter is not None:
        try:
            parse_value(row.value, parameter)
        except ValueError as error:
            refused = str(error)
        else:
            return None
    return Leftover(
        row.id, row.rule, row.name, row.valid_from, row.value, rule is not None, refused
    )
