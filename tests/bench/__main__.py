"""`python -m tests.bench [SECTION…]`: measure, and print tables in Markdown.

Nothing here is a test: how long something takes depends on the machine and on what else it does.
"""

import argparse
from collections.abc import Callable, Sequence

from tests.bench import (
    bringing,
    bulk,
    bulletins,
    clocks,
    deciding,
    evaluating,
    grids,
    guessing,
    importing,
    inbox,
    machine,
    morning,
    notifying,
    overviews,
    owing,
    pages,
    queue,
    starting,
    trail,
    trying,
)
from tests.bench.databases import Store, store
from tests.bench.tables import Table

SECTIONS: dict[str, Callable[..., list[Table]]] = {
    "engine": deciding.engine,
    "evaluation": evaluating.evaluation,
    "import": importing.importing,
    "clocks": clocks.clocks,
    "growth": evaluating.growth,
    "inbox": inbox.inbox,
    "bulk": bulk.bulk,
    "queue": queue.queue,
    "starting": starting.starting,
    "pages": pages.pages,
    "owing": owing.owing,
    "overviews": overviews.overviews,
    "morning": morning.morning,
    "grids": grids.grids,
    "guessing": guessing.guessing,
    "notifying": notifying.notifying,
    "trying": trying.trying,
    "bulletins": bulletins.bulletins,
    "bringing": bringing.bringing,
    "trail": trail.trail,
}


def main(words: Sequence[str] | None = None) -> None:
    """Measure the sections that were asked for, all by default."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "sections",
        nargs="*",
        metavar="SECTION",
        help=f"any of {', '.join(SECTIONS)}; all by default",
    )
    parser.add_argument("--runs", type=int, default=3, help="runs of each measurement")
    parser.add_argument("--quick", action="store_true", help="small sizes, one run")
    chosen = parser.parse_args(words)
    unknown = [name for name in chosen.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"no section is called {unknown[0]}; there are {', '.join(SECTIONS)}")
    print("\n".join(machine.described()))
    with store() as kept:
        for name in chosen.sections or SECTIONS:
            show(kept, name, chosen.runs, quick=chosen.quick)


def show(kept: Store, name: str, runs: int, *, quick: bool) -> None:
    """Measure a section and print its tables."""
    for table in SECTIONS[name](kept, 1 if quick else runs, quick=quick):
        print(f"\n{table.markdown()}", flush=True)


if __name__ == "__main__":
    main()
