"""`tiesan serve` that is killed at a point of the first evaluation after a save: `PLACE ARGUMENT…`.

Places: `unlocked`, before the district is locked; `read`, before anything is read; `written`, when
the flags are written and not committed. What works off what was left over is not concerned.
"""

import os
import signal
import sys
from typing import Any, NoReturn

from tiesan import app
from tiesan.admin.shell import consequences
from tiesan.cli import main
from tiesan.flags.evaluation import evaluate_district, evaluate_pending, pending

PLACE = sys.argv.pop(1)


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
    if options.get("patient", True):
        if PLACE == "unlocked":
            _die()
        vars(pending)["evaluate_district"] = _die if PLACE == "read" else _die_when_written
    return evaluate_pending(*arguments, **options)


# However slow the machine is, what was left over is evaluated before the first page.
vars(app)["_SAVE_SECONDS"] = 60
vars(consequences)["evaluate_pending"] = _evaluate_and_die
sys.exit(main())
