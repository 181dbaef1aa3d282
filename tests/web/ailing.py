"""A database that ails for a while: its disk is full, it is only read, a connection breaks."""

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from tiesan.database import make_engine
from tiesan.extensions import db

# The server itself says so, as it does when its disk is full.
_FULL_FUNCTION = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full', MESSAGE = 'could not extend file'; END $$
"""
_FILLING = (
    "INSERT INTO sign_in_attempt (at, who, address, right) VALUES ('2020-01-01', 'x', 'x', 0)",
    "INSERT INTO audit_entry (at, actor_name, verb, object_kind, details) "  # noqa: ISC004 - one
    "VALUES ('2020-01-01', 'x', 'x', 'x', '{}')",
)
_KILL = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND (:pid = 0 OR pid = :pid)"
)


@contextmanager
def elsewhere(app: Flask) -> Iterator[sa.Connection]:
    """A connection of somebody else to the database of an application, each statement stored."""
    with app.app_context():
        url = db.engine.url
    engine = make_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection
    engine.dispose()


@contextmanager
def full(app: Flask) -> Iterator[None]:
    """A database that has no room for another row."""
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        # It has as many pages as it may, and none of those that every change needs has any room.
        with elsewhere(app) as connection:
            connection.execute(text("PRAGMA max_page_count=1"))
            for filling in _FILLING:
                with suppress(OperationalError):
                    while True:
                        connection.execute(text(filling))
        with _on_checkout(engine, "PRAGMA max_page_count=1", "PRAGMA max_page_count=1073741823"):
            yield
        return
    with elsewhere(app) as connection:
        connection.execute(text(_FULL_FUNCTION))
        tables = sa.inspect(connection).get_table_names()
        for table in tables:
            connection.execute(
                text(f'CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON "{table}" '
                     "FOR EACH STATEMENT EXECUTE FUNCTION no_room()")
            )  # fmt: skip
    yield
    with elsewhere(app) as connection:
        connection.execute(text("DROP FUNCTION no_room() CASCADE"))


@contextmanager
def only_read(app: Flask) -> Iterator[None]:
    """A database that takes nothing, as one whose file or server is only there to be read."""
    with app.app_context():
        engine = db.engine
    reads, writes = "PRAGMA query_only=ON", "PRAGMA query_only=OFF"
    if engine.dialect.name == "postgresql":
        reads, writes = (f"SET default_transaction_read_only TO {value}" for value in ("on", "off"))
    with _on_checkout(engine, reads, writes):
        yield


@contextmanager
def _on_checkout(engine: sa.Engine, first: str, then: str) -> Iterator[None]:
    """Say something on every connection that is taken; and the opposite, once it is over."""
    said = [first]

    def say(connection: Any, *_others: object) -> None:
        cursor = connection.cursor()
        cursor.execute(said[0])
        cursor.close()
        if engine.dialect.name == "postgresql":
            connection.commit()

    event.listen(engine, "checkout", say)
    try:
        yield
    finally:
        said[0] = then


def end_connections(app: Flask, pid: int = 0) -> int:
    """End the connections of an application on the server, or one of them; returns how many."""
    with elsewhere(app) as connection:
        return int(connection.scalar(_KILL, {"pid": pid}) or 0)


@contextmanager
def broken_before(app: Flask, is_there: Callable[[str], bool]) -> Iterator[list[str]]:
    """End the connection of the request once, before the first statement that is meant."""
    done: list[str] = []

    def end(connection: Any, _cursor: Any, statement: str, *_others: object) -> None:
        if not done and is_there(statement):
            done.append(statement)
            assert (
                end_connections(app, connection.connection.dbapi_connection.info.backend_pid) == 1
            )

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", end)
    try:
        yield done
    finally:
        event.remove(engine, "before_cursor_execute", end)


class Wire:
    """A wire between an application and its server, which can be cut over the next commit.

    Then the server is told to commit, and does, but nobody hears of it.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.cuts_next_commit = False
        self.cuts = 0
        self.is_down = False
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def go_down(self) -> None:
        """Break all connections, and take none until it is up again."""
        self.is_down = True
        while self._open:
            with suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Take no further connections."""
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._listening.accept()
                if self.is_down:
                    client.close()
                    continue
                server = socket.create_connection(self._server)
                threading.Thread(target=self._carry, args=(client, server), daemon=True).start()

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        self._open.append(client)
        with client, server, suppress(OSError):
            while True:
                ready, _writable, _odd = select.select([client, server], [], [])
                for each in ready:
                    sent = each.recv(65536)
                    if not sent:
                        return
                    (server if each is client else client).sendall(sent)
                    if each is client and self.cuts_next_commit and b"COMMIT" in sent:
                        self.cuts_next_commit = False
                        self.cuts += 1
                        # It has answered, so it has done it.
                        server.recv(65536)
                        return
