"""Shares: what a number of percent may be, in the text of a rule and given afterwards."""

from collections.abc import Iterator

from tiesan.i18n import _
from tiesan.rules.measured import Measured
from tiesan.rules.parameters import ParameterValue
from tiesan.rules.tree import Form, ParameterRef, Tally

WHOLE = 100


def percent_problem(value: ParameterValue) -> str | None:
    """What is wrong with a number of percent; None where it is one."""
    if isinstance(value, int) and not 0 <= value <= WHOLE:
        text = _("percent is %(found)d; allowed: 0 to %(most)d")
        return text % {"found": value, "most": WHOLE}
    return None


def refuse_share(form: Form, name: str, value: ParameterValue) -> None:
    """Raise ValueError where a parameter stands for a share in a rule and the value is none."""
    if name in _shares(form) and (problem := percent_problem(value)) is not None:
        raise ValueError(problem)


def _shares(form: Form) -> Iterator[str]:
    """The names of the parameters that stand for shares."""
    for bound in form.bounds if isinstance(form, Tally) else ():
        if bound.measure.kind is Measured.SHARE and isinstance(bound.value, ParameterRef):
            yield bound.value.name
