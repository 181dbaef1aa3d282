"""`tiesan serve`: the web application on a production WSGI server, until it is told to stop."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from errno import EADDRINUSE

import click
from flask import Flask
from sqlalchemy.orm import Session

from tiesan.admin.shell.request_log import RequestLog
from tiesan.app import create_app
from tiesan.cli.log_lines import telling, write_log
from tiesan.cli.stored import ended_by_sigterm, stored_session
from tiesan.collecting import keep_for_good
from tiesan.config import schedules
from tiesan.demo.accounts import PASSWORD, demo_accounts
from tiesan.engine.deciding import Engine
from tiesan.errors import UserError
from tiesan.i18n import _, _l
from tiesan.scheduler.beat import Beat
from tiesan.scheduler.runner import Runner
from tiesan.serving.overdue import OverdueWatch
from tiesan.serving.processes import Processes
from tiesan.serving.server import serve

_THREADS = 8
# Below the first one only the system's own programs may listen.
_FIRST_PORT, _LAST_PORT = 1024, 65535
_REQUEST_SECONDS = 120
_OWN_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Serving:
    """How a process serves: how many threads, how long at most, one of several or not, its log."""

    threads: int
    seconds: int
    is_one_of_several: bool
    log: str


@click.command(help=_l("Run the web application."))
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help=_l("The address to listen on; 0.0.0.0 is every address of this machine."),
)
@click.option(
    "--port",
    type=click.IntRange(0, _LAST_PORT),
    default=8000,
    show_default=True,
    help=_l("The port to listen on; 0 takes a free one."),
)
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help=_l("How many processes serve; as many as the machine has processors."),
)
@click.option(
    "--threads",
    type=click.IntRange(1, 32),
    default=_THREADS,
    show_default=True,
    help=_l("How many requests each process answers at once."),
)
@click.option(
    "--request-seconds",
    type=click.IntRange(1, 3600),
    default=_REQUEST_SECONDS,
    show_default=True,
    help=_l("After so many seconds a request is given up, where several processes serve."),
)
@click.option(
    "--log",
    type=click.Choice(["text", "json", "off"]),
    default="text",
    show_default=True,
    help=_l("How each request is logged on standard error; errors always are."),
)
def command(  # one argument for each option
    host: str, port: int, processes: int, threads: int, request_seconds: int, log: str
) -> None:
    """Listen, say where, and serve until an interrupt or SIGTERM."""
    with stored_session() as session:
        accounts = list(_accounts(session, host))
    scheduled = schedules()
    with _bound(host, port) as listening:
        write_log(log)
        address = f"http://{host}:{listening.getsockname()[1]}/"
        said = [_("Listening on %(url)s", url=address), *accounts, _("Stop with Ctrl-C.")]
        how = Serving(threads, request_seconds, is_one_of_several=processes > 1, log=log)
        with ended_by_sigterm():
            if processes == 1:
                _serve(listening, said, how, scheduled=scheduled)
            else:
                click.echo("\n".join(said))
                # One of them does what is due.
                several = Processes(
                    processes,
                    lambda place: _serve(listening, [], how, scheduled=scheduled and place == 0),
                )
                several.run()
    click.echo(_("Stopped."))


def _serve(listening: socket.socket, said: list[str], how: Serving, *, scheduled: bool) -> None:
    """Serve in this process until an interrupt."""
    app = create_app()
    keep_for_good()
    requests: RequestLog = app.extensions["requests"]
    watch = OverdueWatch(requests, how.seconds, ends_process=how.is_one_of_several)
    with _at_work(app, how.log, scheduled=scheduled) as begin, watch:

        def begun() -> None:
            # Where to look comes before what the runs have to say.
            click.echo("\n".join(said), nl=bool(said))
            begin()

        serve(app, listening, how.threads, begun)


@contextmanager
def _at_work(app: Flask, log: str, *, scheduled: bool) -> Iterator[Callable[[], None]]:
    """Give what begins to do what is due, if that is ours to do; at the end, end all children."""
    runner: Runner = app.extensions["runner"]
    runner.told = telling(runner, log)
    beats = ExitStack()

    def begin() -> None:
        if scheduled:
            app.extensions["beat"] = beat = Beat(runner)
            beat.start()
            beats.callback(beat.stop)

    try:
        runner.get_ready()
        yield begin
    finally:
        beats.close()
        runner.close()
        engine: Engine = app.extensions["engine"]
        engine.close()


def _accounts(session: Session, host: str) -> Iterator[str]:
    accounts = demo_accounts(session)
    if accounts:
        yield _("Accounts to sign in with (password: %(password)s):", password=PASSWORD)
    for each in accounts:
        yield f"  {each.username:<12}{each.title}"
    if accounts and host not in _OWN_MACHINE:
        yield _("Warning: everybody who reaches this address can sign in with these accounts.")


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == EADDRINUSE:
            text = _("Port %(port)d of %(host)s is in use already; choose another one: "
                     "tiesan serve --port %(other)d, or make run PORT=%(other)d.")  # fmt: skip
            other = port + 1 if port < _LAST_PORT else _FIRST_PORT
            raise UserError(text % {"host": host, "port": port, "other": other}) from error
        reason = error.strerror or str(error)
        text = _("%(host)s, port %(port)d cannot be used: %(reason)s")
        raise UserError(text % {"host": host, "port": port, "reason": reason}) from error
