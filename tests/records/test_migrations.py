"""The schema: up and down from empty and step by step, and the same as the classes say."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.discovery import FoundPlugin, Plugins, load_plugins
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.migrate import downgrade, remove_plugin_tables, upgrade, upgrade_all
from tiesan.paths import shipped
from tiesan.schema import newest_revision, parts, pending, plugin_part, require_current
from tiesan.testing.command import Tiesan
from tiesan.testing.migrations import differences, history, is_linear, tables

PLUGINS = load_plugins()
NAMES = [part.name for part in parts(PLUGINS)]


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    """An engine on an empty database of either kind."""
    engine = make_engine(read_database_url(empty_database_url))
    yield engine
    engine.dispose()


def without(name: str) -> Plugins:
    """The installed plugins without one of them."""
    return Plugins([found for found in PLUGINS.found if found.plugin.name != name])


@pytest.mark.parametrize("name", NAMES)
def test_the_newest_revision_is_the_one_that_alembic_goes_up_to(name: str) -> None:
    part = next(part for part in parts(PLUGINS) if part.name == name)
    script = ScriptDirectory(
        str(shipped("migrations")), version_locations=[str(part.folder / "versions")]
    )
    assert newest_revision(part) == script.get_current_head()


def test_the_core_comes_first_and_the_plugins_follow_by_name() -> None:
    assert NAMES[0] == "core"
    assert NAMES[1:] == sorted(plugin.name for plugin in PLUGINS)


def test_up_from_empty_gives_what_the_classes_say(engine: Engine) -> None:
    assert upgrade_all(engine, PLUGINS) == NAMES
    assert tables(engine) == set(Base.metadata.tables)
    assert differences(engine) == []


def test_up_a_second_time_changes_nothing(engine: Engine) -> None:
    upgrade_all(engine, PLUGINS)
    assert upgrade_all(engine, PLUGINS) == []


def test_down_leaves_nothing_and_up_again_gives_all(engine: Engine) -> None:
    upgrade_all(engine, PLUGINS)
    for part in reversed(parts(PLUGINS)):
        downgrade(engine, part)
    assert tables(engine) == set()
    upgrade_all(engine, PLUGINS)
    assert tables(engine) == set(Base.metadata.tables)


def test_every_single_revision_goes_down_and_up(engine: Engine) -> None:
    upgrade_all(engine, PLUGINS)
    for part in reversed(parts(PLUGINS)):
        for _revision in history(part).walk_revisions():
            downgrade(engine, part, "-1")
    for part in parts(PLUGINS):
        steps = 0
        while upgrade(engine, part, "+1"):
            steps += 1
            if pending(engine, PLUGINS).count(part.name) == 0:
                break
        assert steps >= 1
    assert pending(engine, PLUGINS) == []


def test_histories_are_linear() -> None:
    assert [part.name for part in parts(PLUGINS) if not is_linear(part)] == []


def test_names_fit_postgresql() -> None:
    for table in Base.metadata.tables.values():
        for each in [*table.constraints, *table.indexes]:
            name = getattr(each, "name", None)
            assert name is not None, table.name
            assert len(str(name)) <= 63, name


def test_plugins_refer_to_the_core_and_to_themselves_only() -> None:
    for part in parts(PLUGINS)[1:]:
        for name, table in Base.metadata.tables.items():
            if not name.startswith(f"{part.name}_"):
                continue
            for key in table.foreign_keys:
                target = key.column.table.name
                own = target.startswith(f"{part.name}_")
                assert own or target in {"organization", "cadre", "account"}, (name, target)


def test_a_plugin_that_is_gone_blocks_nobody(engine: Engine) -> None:
    upgrade_all(engine, PLUGINS)
    assert upgrade_all(engine, without("study")) == []
    assert pending(engine, without("study")) == []


def test_a_plugin_that_came_later_is_migrated_alone(engine: Engine) -> None:
    upgrade_all(engine, without("study"))
    assert "study_session" not in tables(engine)
    assert pending(engine, PLUGINS) == ["study"]
    with pytest.raises(UserError, match="study"):
        require_current(engine, PLUGINS)
    assert upgrade_all(engine, PLUGINS) == ["study"]
    require_current(engine, PLUGINS)


def test_a_plugin_is_removed_with_its_tables(engine: Engine) -> None:
    upgrade_all(engine, PLUGINS)
    with engine.begin() as connection:
        values = "('study', true, '2026-01-01')"
        connection.execute(
            text(f"INSERT INTO plugin_state (name, enabled, changed_at) VALUES {values}")
        )
    remove_plugin_tables(engine, PLUGINS.by_name["study"])
    remaining = set(inspect(engine).get_table_names())
    assert not {name for name in remaining if "study" in name}
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM plugin_state")).scalar() == 0
    assert pending(engine, without("study")) == []


def test_a_plugin_from_elsewhere_brings_its_own_history(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "100% own" / "versions"
    folder.mkdir(parents=True)
    (folder / "0001_first.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\n"
        "revision, down_revision, branch_labels, depends_on = '0001', None, None, None\n"
        "def upgrade():\n    op.create_table('garden_bed', sa.Column('id', sa.Integer()))\n"
        "def downgrade():\n    op.drop_table('garden_bed')\n"
    )
    study = PLUGINS.by_name["study"]
    garden = type(study)(name="garden", title="Garden", contract=1, migrations=folder.parent)
    installed = Plugins([*PLUGINS.found, FoundPlugin(garden, "elsewhere 1.0")])
    assert "garden" in upgrade_all(engine, installed)
    assert "garden_bed" in tables(engine)
    part = plugin_part(garden)
    assert part is not None
    remove_plugin_tables(engine, garden)
    assert "garden_bed" not in tables(engine)


def test_an_empty_database_is_named_as_such(engine: Engine) -> None:
    with pytest.raises(UserError, match="init-db"):
        require_current(engine, PLUGINS)
    assert tables(engine) == set()


def test_the_command_creates_and_then_says_there_is_nothing_to_do(
    tiesan: Tiesan, empty_database_url: str
) -> None:
    assert "core" in tiesan("init-db", database=empty_database_url).stdout
    assert "already" in tiesan("init-db", database=empty_database_url).stdout


def test_the_command_refuses_an_address_that_is_none(tiesan: Tiesan) -> None:
    assert "mysql" in tiesan("init-db", database="mysql://x/y", status=1).stderr
    assert "database address" in tiesan("init-db", database="nonsense", status=1).stderr
    nowhere = "sqlite:////proc/nowhere/x.sqlite"
    assert tiesan("init-db", database=nowhere, status=1).stderr
