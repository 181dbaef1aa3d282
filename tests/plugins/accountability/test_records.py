"""The records of accountability are those of the exchange format."""

from plugins.accountability import plugin
from plugins.accountability.models import AccountabilityCase, Mistake, ResponsibilityLetter
from tests.plugins.shapes import choices, shape


def test_letters() -> None:
    columns = "code* cadre* year* signed_on*"
    assert shape(ResponsibilityLetter) == ("responsibility_letters", columns, ("signed_on",))


def test_mistakes() -> None:
    columns = "code* cadre* level* occurred_on* reported_on* summary"
    assert shape(Mistake) == ("mistakes", columns, ("reported_on",))
    assert choices(Mistake, "level") == ["minor", "major"]
    assert Mistake.concerns == ("cadre", "cadre.organization")


def test_cases_concern_whoever_made_the_mistake_too() -> None:
    columns = "code* mistake cadre* opened_on* decided_on decision"
    assert shape(AccountabilityCase) == ("accountability_cases", columns, ("opened_on",))
    assert set(AccountabilityCase.concerns) == {
        "cadre",
        "cadre.organization",
        "mistake.cadre",
        "mistake.cadre.organization",
    }


def test_the_plugin_offers_mistakes_before_cases() -> None:
    assert plugin.records == (ResponsibilityLetter, Mistake, AccountabilityCase)
