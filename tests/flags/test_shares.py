"""A parameter that stands for a share is at most 100 percent, whichever way it is given."""

from datetime import date

import pytest

from tests.flags.conftest import NOW, District
from tiesan.audit import COMMAND_LINE
from tiesan.errors import UserError
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.parameter_check import parameter_check
from tiesan.flags.services import set_parameter, set_shared_parameter
from tiesan.records.exchange.importing import ParameterRefused
from tiesan.records.settings import RuleParameterValue

RULE, DAY = "study.attendance_low", date(2026, 3, 31)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_value_beyond_is_refused_from_everywhere(district: District) -> None:
    session, catalog, value = district.session, installed_catalog(), "101"
    given = {"rule": RULE, "name": "percent", "valid_from": DAY, "now": NOW}
    with pytest.raises(UserError, match="100"):
        set_parameter(COMMAND_LINE, session, catalog, value=value, **given)  # type: ignore[arg-type]
    with pytest.raises(UserError, match="100"):
        set_shared_parameter(COMMAND_LINE, session, catalog, value=value, also=(), **given)  # type: ignore[arg-type]
    with pytest.raises(ParameterRefused, match="100"):
        parameter_check(catalog)(RULE, "percent", value)
    assert parameter_check(catalog)(RULE, "percent", "100") == "100"
    # One that stands in the database all the same makes the rule not evaluated.
    session.add(RuleParameterValue(rule=RULE, name="percent", valid_from=DAY, value=value))
    session.commit()
    unknown = {each.rule: each.error for _place, each in district.evaluate(DAY).not_evaluated}
    assert "100" in unknown[RULE]
