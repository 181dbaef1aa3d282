"""How often Python looks for cycles that nobody refers to any more.

By default after every 700 new objects that are kept, of which a command makes hundreds of
thousands while it loads modules, rules and facts and throws away none: looking through them costs
it a quarter of its time. What is left lying until the next look stays within a few megabytes.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# After so many new objects it looks: as many as a few requests leave, or as a district makes.
A_FEW, A_DISTRICT = 50_000, 500_000
_YOUNG, _MIDDLE = 20, 50


@contextmanager
def collecting_seldom(new: int = A_FEW) -> Iterator[None]:
    """Have the collector look after so many ``new`` objects inside a `with`; then as before.

    It is the same for all threads of a process.
    """
    before = gc.get_threshold()
    gc.set_threshold(new, _YOUNG, _MIDDLE)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def keep_for_good() -> None:
    """Leave everything that there is now alone: a server calls it once it has loaded all it needs.

    Processes that it starts by forking share that memory as long as nobody looks through it.
    """
    gc.collect()
    gc.freeze()
