"""Evaluating: one function for a district under a scope, and what calls it.

``evaluate_district`` collects, judges and reconciles, whatever the occasion is: a whole
installation (``evaluate_installation``), what was changed and is still to be evaluated
(``evaluate_pending``), or rules that are tried on stored records (``backtest``). Only the task,
the scope and the rules differ.
"""

from tiesan.flags.evaluation.affected import affected_rules, judged_by_subject, with_readers
from tiesan.flags.evaluation.backtest import Backtest, asked, backtest, backtest_values
from tiesan.flags.evaluation.district import evaluate_district
from tiesan.flags.evaluation.guarding import said
from tiesan.flags.evaluation.installation import districts, evaluate_installation
from tiesan.flags.evaluation.locking import lock_district
from tiesan.flags.evaluation.pending import LiveResult, evaluate_pending, pending_ids
from tiesan.flags.evaluation.standing import Standing, last_chance, standings
from tiesan.flags.evaluation.task import DistrictOutcome, Outcome, Task

__all__ = [
    "Backtest",
    "DistrictOutcome",
    "LiveResult",
    "Outcome",
    "Standing",
    "Task",
    "affected_rules",
    "asked",
    "backtest",
    "backtest_values",
    "districts",
    "evaluate_district",
    "evaluate_installation",
    "evaluate_pending",
    "judged_by_subject",
    "last_chance",
    "lock_district",
    "pending_ids",
    "said",
    "standings",
    "with_readers",
]
