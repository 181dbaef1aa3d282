"""The application served by the production server in a thread, as a browser meets it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

from flask import Flask
from sqlalchemy import URL
from sqlalchemy.orm import Session
from waitress import create_server
from waitress.wasyncore import close_all

from tiesan.app import create_app
from tiesan.config import read_database_url
from tiesan.database import open_session
from tiesan.extensions import db
from tiesan.testing.fixtures import sqlite_copy
from tiesan.testing.world import World

# Writes into the world of a test what it needs besides.
Add: TypeAlias = Callable[[Session, World], object]


@contextmanager
def served(url: URL, instance: Path) -> Iterator[tuple[Flask, str]]:
    """Serve a database; gives the application and its address."""
    app = create_app(url=url, instance=instance)
    # However slow the machine is, what is saved is evaluated before the next page.
    app.config["SAVE_SECONDS"] = 60
    connections: dict[int, Any] = {}
    server: Any = create_server(app, map=connections, host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield app, f"http://127.0.0.1:{server.effective_port}"
    # The loop ends when nothing is left to listen to. Woken by a request meanwhile, it may do so
    # before this thread wakes it; what it would be woken by is closed then.
    with suppress(OSError):
        server.trigger.pull_trigger(lambda: close_all(connections))
    thread.join()
    server.task_dispatcher.shutdown()
    with app.app_context():
        db.engine.dispose()
    app.extensions["runner"].close()
    app.extensions["background"].close()
    app.extensions["engine"].close()


@contextmanager
def served_copy(
    filled: tuple[Path, World], folder: Path, add: Add | None = None
) -> Iterator[tuple[Flask, str]]:
    """Serve a copy of a filled SQLite file; gives the application and its address.

    What ``add`` writes into the copy before is committed.
    """
    url = read_database_url(sqlite_copy(filled[0], folder))
    if add is not None:
        with open_session(url) as session:
            add(session, filled[1])
            session.commit()
    with served(url, folder / "instance") as found:
        yield found
