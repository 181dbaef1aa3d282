"""Rows of an import about the importer: stored, unless they would clear a flag of theirs.

Source: faults.md, A2. They are tried on savepoints that are taken back.
"""

from collections.abc import Sequence
from datetime import timedelta

from tiesan.access.clearing import Change, OwnFlags, own_flags
from tiesan.access.viewer import Viewer
from tiesan.errors import UserError
from tiesan.flags.evaluation import Task
from tiesan.i18n import _
from tiesan.records.imports.storing import store_plan
from tiesan.records.imports.values import ImportKind, Listed, Plan, RowChange, Setting
from tiesan.records.kinds import record_kind

_A_DAY = timedelta(days=1)


def leave_out_own(
    setting: Setting, kind: ImportKind, plan: Plan, viewer: Viewer, task: Task
) -> None:
    """Take the importer's own rows out of a plan that would clear a flag of theirs.

    They are listed for somebody else. Raises UserError when other rows would clear one.
    """
    if viewer.cadre_id is None:
        return
    about = Change(record_kind(kind.record).name)
    watched = own_flags(setting.session.connection(), task, viewer, about)
    if not watched.concerned:
        return
    own = [each for each in plan.changes if each.cadre_id == viewer.cadre_id]
    others = [each for each in plan.changes if each.cadre_id != viewer.cadre_id]
    if not _clears(setting, kind, watched, plan.changes):
        return
    kept, left = others, []
    if _clears(setting, kind, watched, others):
        raise UserError(_("This would clear a flag of an organization that you chair: somebody "
                          "else has to bring it in."))  # fmt: skip
    for each in own:
        if _clears(setting, kind, watched, [*kept, each]):
            left.append(each)
        else:
            kept = [*kept, each]
    _take_out(plan, kept, left)


def _clears(
    setting: Setting, kind: ImportKind, watched: OwnFlags, changes: Sequence[RowChange]
) -> bool:
    session = setting.session
    savepoint = session.begin_nested()
    try:
        # What others' rows say does not matter for one's own flags, but for what one chairs.
        tried = Plan(changes=[*changes])
        store_plan(session, setting.actor, kind.record, tried, import_id=0, at=setting.at,
                   reason="-")  # fmt: skip
        watched.refuse_cleared(session.connection())
    except UserError:
        return True
    finally:
        savepoint.rollback()
    return False


def _take_out(plan: Plan, kept: Sequence[RowChange], left: Sequence[RowChange]) -> None:
    days = {values["day"] for each in left if (values := each.after) is not None}
    around = days | {day + _A_DAY for day in days}
    own = {each.cadre_id for each in left}
    plan.changes = [*kept]
    plan.said = [
        each for each in plan.said if each["cadre_id"] not in own or each["day"] not in around
    ]
    lines = [f"{day:%m-%d}" for day in sorted(days)]
    title = _("Your own rows that would clear a flag of yours: for somebody else to bring in")
    plan.lists.append(Listed(title, lines, len(lines)))
    plan.counts["own"] = len(lines)
    plan.counts["new"] = sum(each.row_id is None for each in kept)
    plan.counts["changed"] = sum(
        each.row_id is not None and each.after is not None for each in kept
    )
