"""What the import asks of the rules: whether a parameter takes a value, and which cell is wrong."""

from tiesan.flags.catalog import Catalog
from tiesan.records.exchange.importing import ParameterCheck


def parameter_check(catalog: Catalog) -> ParameterCheck:
    """The check of a row of parameters.csv: the column to blame with what is wrong, or None."""

    def check(rule: str, name: str, value: str) -> tuple[str, str] | None:
        problem = catalog.parameter_check(rule, name, value)
        if problem is None:
            return None
        if rule not in catalog.rules:
            return "rule", problem
        return ("value" if name in catalog.rules[rule].parameters else "name"), problem

    return check
