"""Settings from the environment."""

from pathlib import Path

import pytest

from tiesan.config import database_url, hosts_out, instance_folder, read_database_url
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


@pytest.mark.parametrize(
    ("named", "hosts"),
    [
        (None, None),
        ("", set()),
        ("smtp.example.cn", {"smtp.example.cn"}),
        (" SMTP.example.cn , api.day.app,", {"smtp.example.cn", "api.day.app"}),
    ],
)
def test_hosts_that_may_be_spoken_to(named: str | None, hosts: set[str] | None) -> None:
    assert hosts_out({} if named is None else {"TIESAN_HOSTS_OUT": named}) == hosts


@pytest.mark.parametrize("named", ["https://example.cn", "example.cn:443", "a b", "*"])
def test_what_is_no_host_is_refused(named: str) -> None:
    with pytest.raises(UserError, match="TIESAN_HOSTS_OUT"):
        hosts_out({"TIESAN_HOSTS_OUT": named})
