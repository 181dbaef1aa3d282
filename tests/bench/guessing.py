"""Section ``guessing``: records are saved while strangers try passwords, from ever other addresses.

A password that is paused is not compared, so the first fifty of an account cost most.
"""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from statistics import median, quantiles

from tests.bench.databases import Size, Store
from tests.bench.morning import Browser, database_of, give_accounts, hidden_inputs, serving
from tests.bench.processes import run
from tests.bench.tables import Table, verdict
from tiesan.demo.accounts import PASSWORD

TRIED, QUICK = 10_000, 40
STRANGERS, SAVERS = 2, 2
# So many accounts are tried, one after the other; the savers' own are among them.
MEANT = 200
MOST_TIMES = 1.5
PAUSE_SECONDS = 0.5
ALONE, QUICK_ALONE = 60, 3
# What cadres enter as often as they like.
FORM = "/records/info_report/new/"
KINDS = ("SQLite", "PostgreSQL")


@dataclass
class _Saved:
    """How long each save took, and what was wrong."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def guessing(store: Store, runs: int, *, quick: bool) -> list[Table]:
    """Saves alone, and beside so many wrong passwords; on each database that there is."""
    tried = QUICK if quick else TRIED
    table = Table(
        f"Guessing: saves beside {tried:,} wrong passwords",
        ("database", "saves alone: median s", "beside: median s", "95 % within s", "times", ""),
    )
    for kind in KINDS:
        with database_of(store, kind) as database:
            if database is not None:
                table.rows.append(_measured(store, database, kind, tried, quick=quick))
    table.note(f"{STRANGERS} strangers try without a pause, each time from another address, "
               f"{MEANT} accounts in turn. Target: at most {MOST_TIMES} times.")  # fmt: skip
    return [table]


def _measured(store: Store, database: str, kind: str, tried: int, *, quick: bool) -> list[str]:
    run("demo", "--quiet", "--no-evaluate", *Size(1).words, database=database)
    names = give_accounts(database, SAVERS)
    with serving(database, store.folder, 1, TIESAN_PROXIES="1") as (address, _server):
        savers = [_signed_in(address, name, number) for number, name in enumerate(names)]
        for saver in savers:
            # What is made once is made before.
            _save(saver, _Saved(), 0, 0)
        alone = _saving(savers, 1, QUICK_ALONE if quick else ALONE)
        with _strangers(address, names, tried) as over:
            beside = _saving(savers, 2, None, over)
        # Nobody else is kept out, not even from where they have not been before.
        _signed_in(address, names[0], 0)
    wrong = alone.errors + beside.errors
    if wrong:
        raise RuntimeError(f"saving failed: {wrong[0]}")
    times = median(beside.seconds) / median(alone.seconds)
    within = quantiles(beside.seconds, n=20)[-1] if len(beside.seconds) > 1 else beside.seconds[0]
    shown = [f"{median(alone.seconds):.3f}", f"{median(beside.seconds):.3f}", f"{within:.3f}"]
    return [kind, *shown, f"{times:.2f}", verdict(times <= MOST_TIMES)]


def _signed_in(address: str, name: str, number: int) -> Browser:
    browser = Browser(address)
    _status, page = browser.ask("/login", comes_from=f"192.0.2.{number + 1}")
    form = {**hidden_inputs(page), "identity": name, "password": PASSWORD}
    status, _page = browser.ask("/login", form, comes_from=f"192.0.2.{number + 1}")
    if status != HTTPStatus.FOUND:
        raise RuntimeError(f"{name} is not let in: {status}")
    return browser


def _saving(
    savers: list[Browser], part: int, most: int | None, over: threading.Event | None = None
) -> _Saved:
    """Let each save one report after the other, so many or until it is over."""
    saved = _Saved()

    def go_on(number: int) -> None:
        done = 0
        while (most is None or done < most) and not (over is not None and over.is_set()):
            _save(savers[number], saved, part, done)
            done += 1
            time.sleep(PAUSE_SECONDS)

    with ThreadPoolExecutor(len(savers)) as pool:
        list(pool.map(go_on, range(len(savers))))
    return saved


def _save(saver: Browser, saved: _Saved, part: int, number: int) -> None:
    _status, page = saver.ask(FORM)
    form = {
        **hidden_inputs(page),
        "title": f"走访企业 {part} {number}",
        "content": "走访三家企业。",
    }
    begun = time.perf_counter()
    status, answer = saver.ask(FORM, form)
    saved.seconds.append(time.perf_counter() - begun)
    if status != HTTPStatus.FOUND:
        saved.errors.append(f"{status}: {answer[:200]}")


@contextmanager
def _strangers(address: str, names: list[str], tried: int) -> Iterator[threading.Event]:
    """Strangers who try so many passwords together; it is over when they have."""
    over, numbers = threading.Event(), iter(range(tried))
    meant = [*names, *(f"somebody{number}" for number in range(MEANT - len(names)))]

    def go_on() -> None:
        browser = Browser(address)
        _status, page = browser.ask("/login")
        form = hidden_inputs(page)
        for number in numbers:
            # 198.18.0.0/15 is for measuring.
            comes_from = f"198.18.{number // 250 % 250}.{number % 250 + 1}"
            words = {"identity": meant[number % MEANT], "password": f"guess {number}"}
            browser.ask("/login", {**form, **words}, comes_from=comes_from)

    def all_of_them() -> None:
        with ThreadPoolExecutor(STRANGERS) as pool:
            list(pool.map(lambda _each: go_on(), range(STRANGERS)))
        over.set()

    thread = threading.Thread(target=all_of_them)
    thread.start()
    try:
        yield over
    finally:
        thread.join()
