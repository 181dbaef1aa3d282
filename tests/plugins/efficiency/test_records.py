"""The records of efficiency are those of the exchange format."""

from plugins.efficiency import plugin
from plugins.efficiency.models import Task
from tests.plugins.shapes import planned, shape


def test_tasks() -> None:
    columns = "code* organization* owner goal measures assigned_on* started_on due_on* completed_on"
    assert shape(Task) == ("tasks", columns, ("assigned_on",))
    assert planned(Task) == {"due_on"}
    assert Task.concerns == ("organization",)


def test_the_plugin_offers_them() -> None:
    assert plugin.records == (Task,)
