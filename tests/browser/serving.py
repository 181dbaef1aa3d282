"""The application served by the production server in a thread, as a browser meets it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import URL
from waitress import create_server
from waitress.wasyncore import close_all

from tiesan.app import create_app
from tiesan.extensions import db


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
