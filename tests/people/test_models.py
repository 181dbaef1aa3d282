"""Organizations and cadres are those of the exchange format."""

from tests.plugins.shapes import choices, shape
from tiesan.discovery import load_plugins
from tiesan.facts.kinds import FieldType
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import fact_kinds
from tiesan.records.settings import CalendarException, RuleParameterValue


def test_organizations() -> None:
    columns = "code* name* kind* parent founded_on* dissolved_on tracked_from chair"
    assert shape(Organization) == ("organizations", columns, ())
    assert choices(Organization, "kind") == ["district", "federation", "enterprise"]


def test_cadres() -> None:
    columns = "code* name* organization* post professional* joined_on* left_on assessed_from"
    assert shape(Cadre) == ("cadres", columns, ())


def test_calendar_exceptions_and_parameters() -> None:
    assert shape(CalendarException) == ("calendar_exceptions", "day* kind* name", ())
    assert shape(RuleParameterValue) == ("parameters", "rule* name* from* value* reason", ())


def test_facts_have_the_core_s_kinds_and_the_plugins_with_derived_fields_last() -> None:
    plugins = load_plugins()
    kinds = fact_kinds(plugins.records, plugins.derivations)
    assert list(kinds)[:3] == ["organization", "cadre", "posting"]
    assert len(kinds) == 25
    attendance = kinds["attendance"]
    assert [field.name for field in attendance.fields if field.derived] == [
        "working_day",
        "morning_covered",
        "afternoon_covered",
    ]
    assert attendance.by_name["clock_in"].type is FieldType.TIME
    assert kinds["expense"].by_name["amount"].type is FieldType.AMOUNT
    assert kinds["award"].by_name["innovation"].to == "innovation"
