"""`tiesan serve` as a child process: it says where it listens, answers, and ends when told to."""

import re
import signal
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tiesan.testing.command import COMMAND, Tiesan, minding_interrupts


def _serve(folder: Path, url: str, *words: str) -> subprocess.Popen[str]:
    environment = Tiesan(folder)._environment(url, "en")
    with minding_interrupts():
        return subprocess.Popen(
            [COMMAND, "serve", *words],
            cwd=folder,
            env=environment | {"TIESAN_INSTANCE": str(folder / "instance")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )


def _listening(process: subprocess.Popen[str]) -> str:
    """The address that the server prints first."""
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.fullmatch(r"Listening on (http://127\.0\.0\.1:\d+/)\n", line)
    assert found is not None, line
    return found.group(1)


def _rest(process: subprocess.Popen[str]) -> str:
    """What it prints until it has ended."""
    assert process.stdout is not None
    with process.stdout:
        rest = process.stdout.read()
    process.wait(timeout=60)
    return rest


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(
    ending: signal.Signals, sqlite_url: str, tmp_path: Path
) -> None:
    process = _serve(tmp_path, sqlite_url, "--port", "0")
    address = _listening(process)
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own server
        page = answer.read().decode("utf-8")
        assert answer.url.endswith("/login")
        assert "Server" not in answer.headers
    assert '<html lang="zh-CN">' in page
    process.send_signal(ending)
    rest = _rest(process)
    assert process.returncode == 0, rest
    assert rest.splitlines()[-1] == "Stopped."
    assert "Traceback" not in rest


def test_it_names_the_accounts_of_the_demo(sqlite_url: str, tmp_path: Path) -> None:
    tiesan = Tiesan(tmp_path)
    tiesan("demo", "--no-evaluate", "--quiet", database=sqlite_url)
    process = _serve(tmp_path, sqlite_url, "--port", "0")
    _listening(process)
    process.terminate()
    rest = _rest(process)
    assert "tiesan-demo" in rest
    assert [name in rest for name in ("admin", "supervisor", "audit", "chair", "cadre")] == [
        True
    ] * 5


@pytest.mark.parametrize(("host", "warned"), [("0.0.0.0", True), ("localhost", False)])  # noqa: S104 - meant
def test_demo_accounts_on_an_address_that_others_reach_are_warned_of(
    host: str, *, warned: bool, sqlite_url: str, tmp_path: Path
) -> None:
    Tiesan(tmp_path)("demo", "--no-evaluate", "--quiet", database=sqlite_url)
    process = _serve(tmp_path, sqlite_url, "--host", host, "--port", "0")
    assert process.stdout is not None
    assert process.stdout.readline().startswith(f"Listening on http://{host}:")
    process.terminate()
    said = "Warning: everybody who reaches this address can sign in with these accounts."
    assert (said in _rest(process)) is warned


def test_an_address_in_use_is_said(sqlite_url: str, tmp_path: Path) -> None:
    first = _serve(tmp_path, sqlite_url, "--port", "0")
    port = int(_listening(first).rstrip("/").rpartition(":")[2])
    refused = Tiesan(tmp_path)("serve", "--port", str(port), database=sqlite_url, status=1)
    assert refused.stderr == (
        f"Port {port} of 127.0.0.1 is in use already; choose another one: "
        f"tiesan serve --port {port + 1}, or make run PORT={port + 1}.\n"
    )
    first.terminate()
    _rest(first)


def test_a_database_that_is_not_there_is_said(tmp_path: Path) -> None:
    refused = Tiesan(tmp_path)("serve", "--port", "0", status=1)
    assert "init-db" in refused.stderr
