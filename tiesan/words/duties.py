"""Duties in words: what is to be done, not what it is called when it was not."""

from tiesan.facts.kinds import FactKinds
from tiesan.rules import Comparison, Condition, Duty, Literal, Op, Path, Rule


def duty_title(rule: Rule, kinds: FactKinds) -> str:
    """Return what a duty asks for: its kind of record, or the choice of a field that it asks for.

    Raises TypeError for a rule of another form.
    """
    form = rule.form
    if not isinstance(form, Duty):
        message = f"{rule.id} is no duty"
        raise TypeError(message)
    chosen = (_choice(part) for part in form.counts.where.parts)
    return next((each for each in chosen if each), str(kinds[form.counts.kind].title))


def _choice(part: Condition) -> str:
    """The label of the choice that a condition asks for; nothing for any other condition."""
    if not isinstance(part, Comparison) or part.op is not Op.EQ:
        return ""
    left, right = part.left, part.right
    if not isinstance(left, Path) or not isinstance(right, Literal) or not left.stored:
        return ""
    return str(left.field.choices.get(str(right.value), ""))
