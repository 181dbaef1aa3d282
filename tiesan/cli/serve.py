"""`tiesan serve`: the web application on a production WSGI server, until it is told to stop."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

import click
from flask import Flask
from sqlalchemy.orm import Session
from waitress import create_server

from tiesan.app import create_app
from tiesan.cli.stored import stored_session
from tiesan.demo.accounts import PASSWORD, demo_accounts
from tiesan.engine.deciding import Engine
from tiesan.errors import UserError
from tiesan.i18n import _, _l

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
        lines = list(_accounts(session))
    app = create_app()
    server = _listening(app, host, port)
    click.echo(_("Listening on %(url)s", url=f"http://{host}:{server.effective_port}/"))
    for line in lines:
        click.echo(line)
    click.echo(_("Stop with Ctrl-C."))
    with _ended_by_sigterm():
        server.run()
    server.close()
    engine: Engine = app.extensions["engine"]
    engine.close()
    click.echo(_("Stopped."))


def _accounts(session: Session) -> Iterator[str]:
    accounts = demo_accounts(session)
    if accounts:
        yield _("Accounts to sign in with (password: %(password)s):", password=PASSWORD)
    for each in accounts:
        yield f"  {each.username:<12}{each.title}"


def _listening(app: Flask, host: str, port: int) -> Any:
    try:
        return create_server(app, host=host, port=port, threads=_THREADS, ident=None)
    except OSError as error:
        reason = error.strerror or str(error)
        text = _("%(host)s, port %(port)d cannot be used: %(reason)s")
        raise UserError(text % {"host": host, "port": port, "reason": reason}) from error


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Treat SIGTERM as the interrupt of a keyboard: the server finishes what it has begun."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
