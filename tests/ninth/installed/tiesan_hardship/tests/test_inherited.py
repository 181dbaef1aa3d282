"""What every plugin has to keep to; the tests are inherited."""

from pathlib import Path

from tiesan_hardship import plugin

from tiesan.testing.inherited import DemoTests, MigrationTests, RuleTests, SurfaceTests


class TestRules(RuleTests):
    plugin = plugin


class TestMigrations(MigrationTests):
    plugin = plugin


class TestDemo(DemoTests):
    plugin = plugin


class TestSurface(SurfaceTests):
    plugin = plugin
    table = Path(__file__).with_name("access.csv")
