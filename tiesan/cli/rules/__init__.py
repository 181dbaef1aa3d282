"""`tiesan rules`: list, check, test, explain and backtest rules; list the facts they may read."""

from tiesan.cli.late import LateGroup
from tiesan.i18n import _l

WORDS = ("list", "check", "test", "explain", "facts", "backtest")

command = LateGroup(
    "rules",
    package=__name__,
    modules=WORDS,
    help=_l("List, check, test, explain and backtest rules."),
)
