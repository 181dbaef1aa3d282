"""Ending a connection in time, whatever the other side does: one byte now and then is an answer."""

import socket
import threading
from collections.abc import Callable


def end_after(seconds: float, open_socket: Callable[[], socket.socket | None]) -> threading.Timer:
    """Have a connection ended after so long, from beside; to be cancelled when all is over."""

    def end() -> None:
        found = open_socket()
        if found is None:
            return
        try:
            # The reader of an encrypted one takes its end for an error, as it is to.
            socket.socket.shutdown(found, socket.SHUT_RDWR)
        except OSError:
            # It has ended already.
            return

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    return timer
