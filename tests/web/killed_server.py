"""`tiesan serve` that is killed at a point of a request: `PLACE ARGUMENT…`.

Places in the first evaluation after something was stored: `unlocked`, before the district is
locked; `read`, before anything is read; `written`, when the flags are written and not committed.
What works off what was left over is not concerned. Places in a verb on many rows: `begun`, when
some are done and the next one is begun; `within`, when the next one is written and not committed.
"""

import os
import signal
import sys
from typing import Any, NoReturn

from tiesan import app
from tiesan.admin.shell import consequences
from tiesan.cli import main
from tiesan.courses import many
from tiesan.courses.carrying import carry_out
from tiesan.flags.evaluation import evaluate_district, evaluate_pending, pending

PLACE = sys.argv.pop(1)
# So many of many rows are done before.
DONE_BEFORE = 2


def _die(*_arguments: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()
    raise SystemExit


def _die_when_written(*arguments: Any) -> NoReturn:
    evaluate_district(*arguments)
    arguments[0].flush()
    _die()


def _evaluate_and_die(*arguments: Any, **options: Any) -> Any:
    """Die if a save asks for it: whoever works off what was left over is not patient."""
    if PLACE in ("unlocked", "read", "written") and options.get("patient", True):
        if PLACE == "unlocked":
            _die()
        vars(pending)["evaluate_district"] = _die if PLACE == "read" else _die_when_written
    return evaluate_pending(*arguments, **options)


def _carry_out_and_die(*arguments: Any, **options: Any) -> Any:
    """Die over the row after so many; one that is refused does not count."""
    if PLACE == "begun" and len(_DONE) == DONE_BEFORE:
        _die()
    _DONE.append(carry_out(*arguments, **options))
    if PLACE == "within" and len(_DONE) > DONE_BEFORE:
        arguments[0].flush()
        _die()
    return _DONE[-1]


_DONE: list[Any] = []
vars(many)["carry_out"] = _carry_out_and_die
# However slow the machine is, what was left over is evaluated before the first page.
vars(app)["_SAVE_SECONDS"] = 60
vars(consequences)["evaluate_pending"] = _evaluate_and_die
sys.exit(main())
