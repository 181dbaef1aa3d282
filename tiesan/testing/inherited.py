"""What every plugin has to keep to, as classes of tests that its own inherit.

A plugin's test module says ``class TestRules(RuleTests): plugin = plugin``, and so on; the fixtures
are those of ``tiesan.testing.fixtures``. ``RuleTests`` need no installed package, the others do.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Flask
from sqlalchemy import Engine as Database
from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.cli.rules.loading import load
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.demo.filling import fill
from tiesan.demo.plan import small_district
from tiesan.discovery import FoundPlugin, Plugins, load_plugins
from tiesan.engine.deciding import Engine
from tiesan.flags.catalog import Catalog, build_catalog
from tiesan.migrate import downgrade, upgrade, upgrade_all
from tiesan.plugin import Plugin
from tiesan.records.base import Record
from tiesan.records.kinds import field_columns, table_of
from tiesan.rules import Decide, decide_plainly
from tiesan.rules.scenarios import run_scenarios
from tiesan.schema import Part, pending, plugin_part
from tiesan.testing.migrations import differences, history, is_linear, tables
from tiesan.testing.surface import expected, looks_of, looks_of_grid, read_table, walked
from tiesan.testing.world import PEOPLE, World

ACTOR = Actor(None, "test", "demo")


def installation_with(plugin: Plugin) -> Catalog:
    """The installed plugins and this one, which may not be installed yet.

    Raises UserError when it breaks the contract, RuleFileError when its rule file is wrong.
    """
    found = [each for each in load_plugins().found if each.plugin.name != plugin.name]
    found = sorted([*found, FoundPlugin(plugin, "here")], key=lambda each: each.plugin.name)
    return build_catalog(Plugins(found))


class RuleTests:
    """The rule file is sound, and its scenarios come out on both deciders."""

    plugin: ClassVar[Plugin]

    @pytest.mark.parametrize("by", ["engine", "plain"])
    def test_the_scenarios_come_out(self, by: str, engine: Engine) -> None:
        """Read the plugin's rule file and run its scenarios."""
        assert self.plugin.rules is not None, "it has no rules"
        catalog = installation_with(self.plugin)
        [file] = load(catalog, [self.plugin.rules])
        decide: Decide = engine.decide if by == "engine" else decide_plainly
        levels = {rule.id: rule.level for rule in catalog.rules.values()}
        number, failures = run_scenarios(file.scenarios, catalog.sources, decide, levels)
        assert failures == []
        assert number >= len(file.rules), "a rule has no scenario"


class MigrationTests:
    """The history is linear, goes up and down, and leads to what the classes say."""

    plugin: ClassVar[Plugin]

    @pytest.fixture
    def database(self, empty_database_url: str) -> Iterator[Database]:
        """An empty database of each kind."""
        engine = make_engine(read_database_url(empty_database_url))
        yield engine
        engine.dispose()

    @property
    def part(self) -> Part:
        """The plugin's part of the tables."""
        part = plugin_part(self.plugin)
        assert part is not None, "it has no migrations"
        return part

    def test_the_history_is_linear(self) -> None:
        """Every revision but the last has one behind it."""
        assert is_linear(self.part)

    def test_up_gives_what_the_classes_say(self, database: Database) -> None:
        """The tables of an empty database that was brought up are those of the classes."""
        assert self.part.name in upgrade_all(database, load_plugins())
        assert differences(database) == []

    def test_down_leaves_nothing_and_up_again_gives_all(self, database: Database) -> None:
        """Revision by revision down to nothing, and up again."""
        plugins = load_plugins()
        upgrade_all(database, plugins)
        for _revision in history(self.part).walk_revisions():
            downgrade(database, self.part, "-1")
        own = {table_of(record).name for record in self.plugin.records}
        assert tables(database) & own == set()
        assert pending(database, plugins) == [self.part.name]
        upgrade(database, self.part)
        assert differences(database) == []


class DemoTests:
    """The demo records are repeatable, of every kind, and nothing in them lies ahead."""

    plugin: ClassVar[Plugin]
    today: ClassVar[date] = date(2026, 11, 22)

    def test_the_demo_writes_every_kind_the_same_each_time(
        self, sqlite_template: Path, tmp_path: Path
    ) -> None:
        """Fill two databases by one plan and compare what is in them."""
        first, second = (
            self._filled(sqlite_template, tmp_path / f"{number}.sqlite3") for number in (1, 2)
        )
        assert first == second
        assert [name for name, rows in first.items() if not rows] == []
        ahead = [
            (name, value)
            for name, rows in first.items()
            for row in rows
            for value in row
            if isinstance(value, date) and value > self.today
        ]
        assert ahead == []

    def _filled(self, template: Path, file: Path) -> dict[str, list[tuple[Any, ...]]]:
        file.write_bytes(template.read_bytes())
        engine = make_engine(read_database_url(f"sqlite:///{file}"))
        at = datetime.combine(self.today, datetime.min.time(), UTC)
        try:
            with Session(engine) as session:
                fill(ACTOR, session, small_district(self.today), load_plugins(), now=at)
                return {
                    table_of(record).name: _known(session, record) for record in self.plugin.records
                }
        finally:
            engine.dispose()


def _known(session: Session, record: type[Record]) -> list[tuple[Any, ...]]:
    """Every exchanged value of a kind of rows, but for dates that are planned."""
    columns = [column for field, column in field_columns(record) if not field.planned]
    statement = select(*columns).order_by(table_of(record).c.id)
    return [tuple(row) for row in session.execute(statement)]


class SurfaceTests:
    """Who may open what of the plugin, and whose rows they see, is what a table says.

    ``table`` is the file; see ``tiesan.testing.surface``.
    """

    plugin: ClassVar[Plugin]
    table: ClassVar[Path]

    @pytest.mark.parametrize("name", PEOPLE)
    def test_every_address_answers_as_the_table_says(
        self, name: str, lite_app: Flask, lite_world: World
    ) -> None:
        """Walk through the plugin's pages as one person."""
        grids = dict(each for grid in self.plugin.grids for each in looks_of_grid(grid))
        looks = looks_of(self.plugin.records) | grids
        found = walked(lite_app, lite_world, name, looks)
        assert found == expected(self.table, name, found)

    def test_the_table_names_every_address(self, lite_app: Flask) -> None:
        """No address of the plugin's pages is left out."""
        own = tuple(f"record_{record.record_kind.name}." for record in self.plugin.records)
        known = {rule.endpoint for rule in lite_app.url_map.iter_rules()}
        named = {address for address, _of in read_table(self.table)}
        assert {endpoint for endpoint in known if endpoint.startswith(own)} == named
