"""Section ``morning``: everybody signs in, looks, and enters what was done, all at once.

Requests come at the times that were set before, however late the answers are: who waits does not
hold up the others, and how long one waits counts from the time at which the request was due.
"""

import http.client
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.cookies import SimpleCookie
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode, urlsplit

import psutil
import sqlalchemy as sa
from sqlalchemy.orm import Session

from plugins.discipline.models import WorkLog
from tests.bench.databases import POSTGRES, Size, Store, postgres_database, sqlite_url
from tests.bench.processes import COMMAND, run
from tests.bench.tables import Table, verdict
from tiesan.audit import COMMAND_LINE
from tiesan.clock import now, today
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.demo.accounts import PASSWORD
from tiesan.engine.deciding import Engine
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.evaluation import Task, evaluate_installation
from tiesan.people.models import Account, Cadre, RoleName
from tiesan.people.passwords import hash_password
from tiesan.people.services import create_account, grant_role
from tiesan.records.pending import PendingEvaluation

SECONDS = 60
# Of each person: the page to sign in, signing in, and two more.
STEPS = 4
# Of a hundred persons so many enter their log; the others look at the first page and a list.
ENTERING = 60
THREADS = 64
FORM = "/records/work_log/new/"
LISTS = ("/records/work_log/", "/records/expense/")
_HIDDEN = re.compile(r'<input[^>]*name="(csrf_token|once)"[^>]*value="([^"]+)"')


@dataclass(frozen=True)
class Morning:
    """On what the server stands, how many come, and how long 95 of a hundred may wait.

    ``strangers`` is how many try passwords meanwhile, one after the other.
    """

    on: str
    processes: int
    accounts: int
    most_seconds: float
    strangers: int = 0

    def title(self, seconds: float) -> str:
        """The title of its table."""
        rate = self.accounts * STEPS / seconds
        tried = f", {self.strangers} strangers trying passwords" if self.strangers else ""
        return (
            f"Morning: {self.accounts} accounts, {rate:.0f} requests a second, "
            f"processes: {self.processes}, {self.on}{tried}"
        )


MORNINGS = (
    Morning("PostgreSQL", processes=2, accounts=310, most_seconds=1.0),
    Morning("SQLite", processes=1, accounts=120, most_seconds=1.5, strangers=2),
)


@dataclass
class Peak:
    """What became of the requests: how long each took by what it was, and what went wrong.

    ``processor`` are the processor seconds of the server, its children included.
    """

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    saved: int = 0
    tried: int = 0
    processor: float = 0.0

    @property
    def all(self) -> list[float]:
        """How long every request took."""
        return [each for found in self.seconds.values() for each in found]


@dataclass
class Browser:
    """One person's connection and cookies."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, path: str, form: dict[str, str] | None = None, comes_from: str = ""
    ) -> tuple[int, str]:
        """Send one request, as a proxy does that says where it comes from; status and page."""
        where = urlsplit(self.address)
        connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=120)
        headers = {"Cookie": "; ".join(f"{name}={text}" for name, text in self.cookies.items())}
        if comes_from:
            headers["X-Forwarded-For"] = comes_from
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = None if form is None else urlencode(form)
        connection.request("GET" if form is None else "POST", path, body, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: each.value for name, each in SimpleCookie(line).items()}
        connection.close()
        return answer.status, page


def morning(store: Store, runs: int, *, quick: bool) -> list[Table]:
    """One peak on each database; none on PostgreSQL where no server is named."""
    return [_measured(store, each, quick=quick) for each in MORNINGS]


def _measured(store: Store, its: Morning, *, quick: bool) -> Table:
    its, seconds = (replace(its, accounts=8), 2) if quick else (its, SECONDS)
    table = Table(
        its.title(seconds), ("request", "number", "median s", "95 % within s", "slowest s")
    )
    with database_of(store, its.on) as database:
        if database is None:
            table.note("It was left out: TIESAN_BENCH_POSTGRES_URL names no server.")
            return table
        # To try it takes no history of flags.
        words = ("--no-evaluate",) if quick else Size(4).words
        run("demo", "--quiet", *words, database=database)
        names = give_accounts(database, its.accounts)
        # What the running day changes without anybody's doing is not what is asked afterwards.
        _changed(database)
        with serving(database, store.folder, its.processes) as (address, server):
            before = _processor_seconds(server)
            peak = _peak(address, names, seconds, its.strangers)
            peak.processor = _processor_seconds(server) - before
        table.rows += [_row(what, peak.seconds[what]) for what in sorted(peak.seconds)]
        table.rows.append(_row("all", peak.all))
        _judge(table, its, peak, (_stored(database, names), _changed(database)))
    return table


@contextmanager
def database_of(store: Store, kind: str) -> Iterator[str | None]:
    """The address of an empty database; None where no server is named."""
    if kind == "SQLite":
        yield sqlite_url(store.new())
    elif POSTGRES:
        with postgres_database(POSTGRES) as address:
            yield address
    else:
        yield None


def _row(what: str, seconds: list[float]) -> list[str]:
    return [
        what,
        str(len(seconds)),
        f"{median(seconds):.2f}",
        f"{_within(seconds):.2f}",
        f"{max(seconds):.2f}",
    ]


def _within(seconds: list[float]) -> float:
    """So long took 95 of a hundred at most."""
    return quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]


def _judge(table: Table, its: Morning, peak: Peak, afterwards: tuple[int, int]) -> None:
    stored, changed = afterwards
    lost, within = peak.saved - stored, _within(peak.all)
    met = within <= its.most_seconds and not (peak.errors or lost or changed)
    if its.strangers:
        table.note(f"{peak.tried} passwords were tried in vain meanwhile.")
    table.note(
        f"{len(peak.errors)} errors{': ' if peak.errors else ''}{'; '.join(peak.errors[:3])}; ",
        f"{peak.saved} saved, {lost} of them lost; an evaluation of everything afterwards changes ",
        f"{changed} flags. The server took {peak.processor:.0f} processor seconds, ",
        f"{peak.processor / len(peak.all) * 1_000:.0f} ms a request. ",
        f"Target: 95 % within {its.most_seconds:.1f} s, nothing wrong, lost or ",
        f"inexact – {verdict(met)}.",
    )


def give_accounts(database: str, number: int) -> list[str]:
    """Give so many cadres an account; their names."""
    engine, hashed, at = make_engine(read_database_url(database)), hash_password(PASSWORD), now()
    with Session(engine) as session:
        taken = sa.select(Account.cadre_id).where(Account.cadre_id.is_not(None))
        free = sa.select(Cadre).where(Cadre.id.not_in(taken), Cadre.left_on.is_(None))
        names = []
        for cadre in session.scalars(free.order_by(Cadre.id).limit(number)).all():
            row = create_account(
                COMMAND_LINE,
                session,
                username=f"morning{cadre.id}",
                password=hashed,
                at=at,
                cadre=cadre,
            )
            grant_role(COMMAND_LINE, session, row, RoleName.CADRE, cadre.organization, at=at)
            names.append(row.username)
        session.commit()
    engine.dispose()
    if len(names) < number:
        raise RuntimeError(f"there are only {len(names)} cadres without an account")
    return names


@contextmanager
def serving(
    database: str, folder: Path, processes: int, **further: str
) -> Iterator[tuple[str, psutil.Process]]:
    """The address of a server with so many processes, and the process above them.

    ``further`` are variables of its environment.
    """
    environment = {
        **os.environ,
        "TIESAN_DATABASE_URL": database,
        "TIESAN_INSTANCE": str(folder / "instance"),
        "TIESAN_SCHEDULER": "off",
        "LANG": "en",
        **further,
    }
    words = [str(COMMAND), "serve", "--port", "0", "--processes", str(processes)]
    with (folder / "served.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            words, env=environment, stdout=subprocess.PIPE, stderr=log, encoding="utf-8"
        )
        assert process.stdout is not None
        found = re.search(r"(http://\S+)/", process.stdout.readline())
        if found is None:
            raise RuntimeError("the server does not say where it listens")
        try:
            yield found.group(1), psutil.Process(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            process.stdout.close()


def _processor_seconds(server: psutil.Process) -> float:
    times = [each.cpu_times() for each in (server, *server.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def _peak(address: str, names: list[str], seconds: float, strangers: int) -> Peak:
    """Let each person take their steps, all of them spread evenly over the time."""
    peak, begun, over = Peak(), time.monotonic() + 1, threading.Event()
    between = seconds / len(names)
    with ThreadPoolExecutor(max(strangers, 1)) as others:
        for number in range(strangers):
            others.submit(_try, peak, address, f"stranger{number}", over)
        with ThreadPoolExecutor(THREADS) as pool:
            for number, name in enumerate(names):
                pool.submit(_visit, peak, address, name, number, begun + number * between)
        over.set()
    return peak


def _try(peak: Peak, address: str, name: str, over: threading.Event) -> None:
    """Try one password after the other, until everybody is done."""
    browser = Browser(address)
    _status, page = browser.ask("/login")
    form = {**hidden_inputs(page), "identity": name}
    while not over.is_set():
        browser.ask("/login", {**form, "password": f"{PASSWORD}{peak.tried}"})
        peak.tried += 1


def _visit(peak: Peak, address: str, name: str, number: int, due: float) -> None:
    """What one person does, from the time at which it is due: one step after the other."""
    browser = Browser(address)
    waited, page = _step(peak, "sign-in page", due, browser, "/login")
    form = {**hidden_inputs(page), "identity": name, "password": PASSWORD}
    due += waited
    waited, _page = _step(peak, "sign in", due, browser, "/login", form)
    due += waited
    if number % 100 < ENTERING:
        waited, page = _step(peak, "form", due, browser, FORM)
        said = {"day": today().isoformat(), "content": f"走访企业 {name}"}
        entered = {**hidden_inputs(page), **said}
        _step(peak, "save", due + waited, browser, FORM, entered)
    else:
        waited, _page = _step(peak, "first page", due, browser, "/")
        _step(peak, "list", due + waited, browser, LISTS[number % 2])


def _step(
    peak: Peak,
    what: str,
    due: float,
    browser: Browser,
    path: str,
    form: dict[str, str] | None = None,
) -> tuple[float, str]:
    """One request at the time that it is due; how long it took from then, and the page."""
    time.sleep(max(0.0, due - time.monotonic()))
    expected = HTTPStatus.OK if form is None else HTTPStatus.FOUND
    try:
        status, page = browser.ask(path, form)
    except OSError as error:
        peak.errors.append(f"{what}: {error}")
        return time.monotonic() - due, ""
    waited = time.monotonic() - due
    peak.seconds.setdefault(what, []).append(waited)
    if status != expected:
        peak.errors.append(f"{what}: {status}")
    elif what == "save":
        peak.saved += 1
    return waited, page


def hidden_inputs(page: str) -> dict[str, str]:
    return dict(_HIDDEN.findall(page))


def _stored(database: str, names: list[str]) -> int:
    """How many work logs these accounts have stored."""
    engine = make_engine(read_database_url(database))
    with Session(engine) as session:
        own = sa.select(Account.id).where(Account.username.in_(names))
        statement = sa.select(sa.func.count(WorkLog.id)).where(WorkLog.recorded_by_id.in_(own))
        found = session.scalar(statement) or 0
    engine.dispose()
    return found


def _changed(database: str) -> int:
    """How many flags an evaluation of everything changes, and how much it was still to do."""
    engine, child = make_engine(read_database_url(database)), Engine()
    task = Task(COMMAND_LINE, installed_catalog(), child.decide, today(), None, now())
    with Session(engine) as session:
        left = session.scalar(sa.select(sa.func.count(PendingEvaluation.id))) or 0
        session.rollback()
        changes = [each.changes for each in evaluate_installation(session, task).districts]
    child.close()
    engine.dispose()
    return left + sum(len(each.raised) + len(each.cleared) + each.revised for each in changes)
