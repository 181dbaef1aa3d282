"""Two web processes behind nginx, below a path of a host, by https: as in `deploy/nginx.conf`."""

import datetime as dt
import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from tiesan.paths import PACKAGE
from tiesan.testing.command import COMMAND, Tiesan, minding_interrupts

SITE = PACKAGE.parent / "deploy" / "nginx.conf"
# The prefix that the example has.
PREFIX = "/union"
_MAIN = """
daemon off; pid {folder}/nginx.pid; worker_processes 1; {user}
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Behind:
    """What is served: its address, the processes, and what each has logged."""

    address: str
    processes: tuple[subprocess.Popen[str], ...]
    logs: tuple[Path, ...]

    def answered(self) -> list[list[dict[str, Any]]]:
        """The requests that each process has answered, as it logged them."""
        found = ([json.loads(line) for line in path.read_text().splitlines()] for path in self.logs)
        return [[line for line in each if line["logger"] == "tiesan.requests"] for each in found]


@contextmanager
def behind_nginx(url: str, folder: Path) -> Iterator[Behind]:
    """Serve a database by two processes behind nginx."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("nginx: not on the path")
    with ExitStack() as stack:
        served = [stack.enter_context(_serving(url, folder, number)) for number in range(2)]
        port = _free_port()
        _write_site(folder, port, [each for _process, each, _log in served])
        words = [
            "-e",
            str(folder / "nginx.log"),
            "-p",
            str(folder),
            "-c",
            str(folder / "main.conf"),
        ]
        nginx = subprocess.Popen([program, *words])
        stack.callback(_end, nginx)
        _await_port(port, nginx)
        processes, _ports, logs = zip(*served, strict=True)
        yield Behind(f"https://127.0.0.1:{port}{PREFIX}", processes, logs)


@contextmanager
def _serving(
    url: str, folder: Path, number: int
) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    """One web process as its unit starts it."""
    log = folder / f"log-{number}"
    further = {
        "TIESAN_INSTANCE": str(folder / "instance"),
        "TIESAN_SCHEDULER": "off",
        "TIESAN_PROXIES": "1",
        "TIESAN_HOSTS": "127.0.0.1",
        "TIESAN_HTTPS": "1",
    }
    with log.open("w", encoding="utf-8") as written, minding_interrupts():
        process = subprocess.Popen(
            [COMMAND, "serve", "--port", "0", "--log", "json"],
            cwd=folder,
            env=Tiesan(folder)._environment(url, "en") | further,
            stdout=subprocess.PIPE,
            stderr=written,
            encoding="utf-8",
        )
        assert process.stdout is not None
        with process.stdout:
            found = re.fullmatch(r"Listening on http://\S+:(\d+)/\n", process.stdout.readline())
            assert found is not None, log.read_text()
            yield process, int(found.group(1)), log
            _end(process)


def _write_site(folder: Path, port: int, upstreams: list[int]) -> None:
    """Write the example as it is, but with the ports of this test and a certificate of its own."""
    site = SITE.read_text(encoding="utf-8")
    changes = {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "127.0.0.1:8001": f"127.0.0.1:{upstreams[0]}",
        "127.0.0.1:8002": f"127.0.0.1:{upstreams[1]}",
        "/etc/ssl/tiesan.pem": f"{folder}/tiesan.pem",
        "/etc/ssl/tiesan.key": f"{folder}/tiesan.key",
    }
    for written, meant in changes.items():
        assert site.count(written) == 1, written
        site = site.replace(written, meant)
    (folder / "site.conf").write_text(site, encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "main.conf").write_text(_MAIN.format(folder=folder, user=user), encoding="utf-8")
    _write_certificate(folder)


def _write_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begins = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + dt.timedelta(days=36_500))
        .sign(key, SHA256())
    )
    (folder / "tiesan.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    written = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "tiesan.key").write_bytes(written)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _await_port(port: int, nginx: subprocess.Popen[bytes]) -> None:
    """Wait until nginx listens; whoever it refuses a connection has asked too early."""
    while nginx.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            continue
        return
    pytest.fail("nginx has ended")


def _end(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    process.wait(60)
