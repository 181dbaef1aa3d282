"""One process that serves: waitress on a socket that is bound already, until it is told to stop."""

import logging
import socket
from collections.abc import Callable
from typing import Any

from flask import Flask
from waitress import create_server
from waitress.wasyncore import close_all

from tiesan.admin.shell.sizes import LARGEST_REQUEST

# Half a request keeps a connection and no thread; so many of them may be there at once.
_MOST_CONNECTIONS = 1000
# A connection on which nothing comes for so long is closed, looked for every few seconds.
_SILENT_SECONDS = 30
_LOOK_SECONDS = 5


def serve(app: Flask, listening: socket.socket, threads: int, begun: Callable[[], None]) -> None:
    """Serve until an interrupt; then finish what was begun and close every connection.

    ``begun`` is called when connections are accepted.
    """
    # Waitress warns of every request that waits for a thread, which pages with their files do.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    open_ones: dict[int, Any] = {}
    server = create_server(
        app,
        map=open_ones,
        sockets=[listening],
        threads=threads,
        ident=None,
        connection_limit=_MOST_CONNECTIONS,
        channel_timeout=_SILENT_SECONDS,
        cleanup_interval=_LOOK_SECONDS,
        # What is larger is refused before it fills the disk.
        max_request_body_size=LARGEST_REQUEST,
        # With select() no connection beyond the thousandth could be looked at.
        asyncore_use_poll=True,
        # What proxies say of an address is for the application, which knows how many there are.
        clear_untrusted_proxy_headers=False,
    )
    try:
        begun()
        server.run()
    except KeyboardInterrupt:
        server.task_dispatcher.shutdown()
    finally:
        close_all(open_ones)
