"""What every built-in plugin offers."""

import pytest
from sqlalchemy import UniqueConstraint

from tiesan.admin.records.offered import views_of
from tiesan.demo.filling import demo_of
from tiesan.discovery import load_plugins
from tiesan.flags.catalog import installed_catalog
from tiesan.plugin import Plugin
from tiesan.records.kinds import field_columns, record_kind, table_of

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


@PLUGINS
def test_the_database_holds_what_identifies_a_row(plugin: Plugin) -> None:
    for record in plugin.records:
        table, columns = table_of(record), field_columns(record)
        named = {field.name: column.name for field, column in columns}
        names = [named[name] for name in record_kind(record).identity]
        held = f"uq_{table.name}_{'_'.join(names)}"
        constraints = {
            each.name for each in table.constraints if isinstance(each, UniqueConstraint)
        }
        indexes = {str(each.name): each for each in table.indexes if each.unique}
        if names == ["code"]:
            assert (constraints, set(indexes)) == ({held}, set())
        else:
            assert (constraints, set(indexes)) == (set(), {held})
            assert [column.name for column in indexes[held].columns] == names
            live = indexes[held].dialect_options["postgresql"]["where"]
            assert str(live) == str(indexes[held].dialect_options["sqlite"]["where"])
            assert str(live) == "voided_at IS NULL"
