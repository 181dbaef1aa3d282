"""Settings from the environment."""

from pathlib import Path

import pytest

from tiesan.config import database_url, instance_folder, read_database_url
from tiesan.errors import UserError
from tiesan.paths import PACKAGE


def test_without_settings_everything_is_in_the_instance_folder() -> None:
    folder = PACKAGE.parent / "instance"
    assert instance_folder({}) == folder
    url = database_url({})
    assert (url.drivername, url.database) == ("sqlite", str(folder / "tiesan.sqlite"))


def test_the_instance_folder_can_be_elsewhere(tmp_path: Path) -> None:
    environment = {"TIESAN_INSTANCE": str(tmp_path)}
    assert database_url(environment).database == str(tmp_path / "tiesan.sqlite")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_reached_by_psycopg(scheme: str) -> None:
    url = database_url({"TIESAN_DATABASE_URL": f"{scheme}://me:pa%40ss@host/db"})
    assert (url.drivername, url.password, url.database) == ("postgresql+psycopg", "pa@ss", "db")


@pytest.mark.parametrize(
    "text", ["nonsense", "mysql://host/db", "://", "postgresql://host:port/db"]
)
def test_addresses_that_are_none(text: str) -> None:
    with pytest.raises(UserError):
        read_database_url(text)
