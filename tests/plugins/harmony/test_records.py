"""The records of harmony are those of the exchange format."""

from plugins.harmony import plugin
from plugins.harmony.models import Conflict
from tests.plugins.shapes import planned, shape


def test_conflicts() -> None:
    columns = "code* organization* opened_on* mediated_on summary"
    assert shape(Conflict) == ("conflicts", columns, ("opened_on",))
    assert planned(Conflict) == set()
    assert Conflict.concerns == ("organization",)


def test_the_plugin_offers_them() -> None:
    assert plugin.records == (Conflict,)
