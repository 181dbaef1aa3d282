"""The records of innovation are those of the exchange format."""

from plugins.innovation import plugin
from plugins.innovation.models import Award, Innovation
from tests.plugins.shapes import shape


def test_innovations() -> None:
    columns = "code* organization* cadre title* proposed_on* adopted_on result_on result"
    assert shape(Innovation) == ("innovations", columns, ("proposed_on",))
    assert Innovation.concerns == ("organization",)


def test_awards_are_for_a_cadre_or_an_organization() -> None:
    columns = "code* cadre organization innovation nominated_on*"
    assert shape(Award) == ("awards", columns, ("nominated_on",))
    assert Award.concerns == ("cadre", "organization")
    (check,) = Award.row_checks
    assert check.broken({"cadre": None, "organization": None})
    assert not check.broken({"cadre": None, "organization": 1})


def test_the_plugin_offers_innovations_before_awards() -> None:
    assert plugin.records == (Innovation, Award)
