"""What every built-in plugin offers."""

import pytest

from tiesan.admin.records.offered import views_of
from tiesan.demo.filling import demo_of
from tiesan.discovery import load_plugins
from tiesan.flags.catalog import installed_catalog
from tiesan.plugin import Plugin
from tiesan.records.kinds import record_kind

PLUGINS = pytest.mark.parametrize("plugin", load_plugins(), ids=lambda plugin: plugin.name)


@PLUGINS
def test_every_record_has_one_page_that_somebody_may_open(plugin: Plugin) -> None:
    assert {view.record for view in views_of(plugin)} == set(plugin.records)
    assert all(record.policy.access.read for record in plugin.records)


@PLUGINS
def test_every_record_is_read_by_a_rule_or_named_by_one_that_is(plugin: Plugin) -> None:
    rules = [rule for rule in installed_catalog().rules.values() if rule.plugin == plugin.name]
    assert rules
    read = " ".join(repr(rule.form) for rule in rules)
    excuses = {plugin.excuse.kind} if plugin.excuse else set()
    for record in plugin.records:
        name = record_kind(record).name
        assert f"kind='{name}'" in read or name in excuses, name


@PLUGINS
def test_every_plugin_has_demo_records_and_a_history(plugin: Plugin) -> None:
    assert demo_of(plugin) is not None
    assert plugin.migrations is not None
    assert list((plugin.migrations / "versions").glob("0001_*.py"))
