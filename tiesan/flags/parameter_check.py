"""What the import asks of the rules: whether a parameter takes a value, and which cell is wrong."""

from tiesan.facts.kinds import Field, FieldType
from tiesan.flags.catalog import Catalog, parameter_text
from tiesan.records.exchange.cells import ClockReading, parser_of
from tiesan.records.exchange.importing import ParameterCheck, ParameterRefused
from tiesan.rules import Parameter, raw_text

# What spreadsheets rewrite on saving, here as in the columns of records.
_REWRITTEN = frozenset({FieldType.DATE, FieldType.TIME, FieldType.BOOLEAN})


def parameter_check(catalog: Catalog) -> ParameterCheck:
    """The check of a row of parameters.csv; it gives the value as rules write it."""

    def check(rule: str, name: str, value: str) -> str:
        known = catalog.rules[rule].parameters if rule in catalog.rules else None
        if known is not None and name in known:
            value = _as_rules_write(value, known[name])
        problem = catalog.parameter_check(rule, name, value)
        if problem is None:
            return value
        if known is None:
            raise ParameterRefused("rule", problem)
        raise ParameterRefused("value" if name in known else "name", problem)

    return check


def _as_rules_write(value: str, parameter: Parameter) -> str:
    """The value in the one spelling of rules; unchanged where it is none, for the rule to say."""
    kind = parameter.type
    try:
        if parameter.is_list:
            return parameter_text(parameter, value)
        if kind not in _REWRITTEN:
            return value
        read = parser_of(Field("value", kind, label=""))(value)
    except ValueError:
        return value
    return value if isinstance(read, ClockReading) else raw_text(read, kind)
