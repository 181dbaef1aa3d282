"""`tiesan rules`: list, check, test, explain, try, publish and move rules; the facts they read."""

from tiesan.cli.late import LateGroup
from tiesan.i18n import _l

WORDS = (
    "list",
    "check",
    "test",
    "explain",
    "facts",
    "backtest",
    "export",
    "import",
    "publish",
    "history",
)

command = LateGroup(
    "rules",
    package=__name__,
    modules=WORDS,
    help=_l("List, check, test, explain, try and publish rules."),
)
