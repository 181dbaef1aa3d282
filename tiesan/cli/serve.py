"""`tiesan serve`: the web application on a production WSGI server, until it is told to stop."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EADDRINUSE
from typing import Any

import click
from flask import Flask
from sqlalchemy.orm import Session
from waitress import create_server
from waitress.wasyncore import close_all

from tiesan.app import create_app
from tiesan.cli.scheduler import telling
from tiesan.cli.stored import ended_by_sigterm, stored_session
from tiesan.config import schedules
from tiesan.demo.accounts import PASSWORD, demo_accounts
from tiesan.engine.deciding import Engine
from tiesan.errors import UserError
from tiesan.i18n import _, _l
from tiesan.scheduler.beat import Beat
from tiesan.scheduler.runner import Runner

_THREADS = 8


@click.command(help=_l("Run the web application."))
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help=_l("The address to listen on; 0.0.0.0 is every address of this machine."),
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help=_l("The port to listen on; 0 takes a free one."),
)
def command(host: str, port: int) -> None:
    """Listen, say where, and serve until an interrupt or SIGTERM."""
    with stored_session() as session:
        accounts = list(_accounts(session))
    # Waitress warns of every request that waits for a thread, which pages with their files do.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    scheduled = schedules()
    app = create_app()
    listening = _bound(host, port)
    address = f"http://{host}:{listening.getsockname()[1]}/"
    with ended_by_sigterm():
        said = [_("Listening on %(url)s", url=address), *accounts, _("Stop with Ctrl-C.")]
        with _at_work(app, scheduled=scheduled):
            _run(app, listening, said)
    click.echo(_("Stopped."))


@contextmanager
def _at_work(app: Flask, *, scheduled: bool) -> Iterator[None]:
    """Do what is due meanwhile, if that is ours to do; at the end, end all children."""
    runner: Runner = app.extensions["runner"]
    runner.told = telling(runner)
    beat = Beat(runner) if scheduled else None
    try:
        if beat is not None:
            app.extensions["beat"] = beat
            beat.start()
        runner.get_ready()
        yield
    finally:
        if beat is not None:
            beat.stop()
        runner.close()
        engine: Engine = app.extensions["engine"]
        engine.close()


def _run(app: Flask, listening: socket.socket, said: list[str]) -> None:
    """Serve until an interrupt; then finish what was begun and close every connection."""
    open_ones: dict[int, Any] = {}
    server = create_server(app, map=open_ones, sockets=[listening], threads=_THREADS, ident=None)
    try:
        click.echo("\n".join(said))
        server.run()
    except KeyboardInterrupt:
        server.task_dispatcher.shutdown()
    finally:
        close_all(open_ones)


def _accounts(session: Session) -> Iterator[str]:
    accounts = demo_accounts(session)
    if accounts:
        yield _("Accounts to sign in with (password: %(password)s):", password=PASSWORD)
    for each in accounts:
        yield f"  {each.username:<12}{each.title}"


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == EADDRINUSE:
            text = _("Port %(port)d of %(host)s is in use already; choose another with --port.")
            raise UserError(text % {"host": host, "port": port}) from error
        reason = error.strerror or str(error)
        text = _("%(host)s, port %(port)d cannot be used: %(reason)s")
        raise UserError(text % {"host": host, "port": port, "reason": reason}) from error
