"""Which kinds of records the rules ask of the viewer for this very day, as the evaluator says.

It is found by the code that judges: the rules on what is owed for every working day are judged as
if the last day to do it were over. What would be flagged then is what is still to be done.
"""

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from tiesan.access.installation import installed
from tiesan.access.viewer import Viewer
from tiesan.admin.shell.consequences import live_task
from tiesan.calendar.periods import Every
from tiesan.extensions import db
from tiesan.flags.collect import Scope
from tiesan.flags.evaluation import evaluate_district
from tiesan.flags.installed import plugins_off
from tiesan.people.models import Cadre, Organization
from tiesan.rules import Duty, Rule, RuleSet, decide_plainly

# What is asked for a working day is due by then.
_AHEAD = timedelta(days=31)


def asked_of(viewer: Viewer, day: date) -> frozenset[str]:
    """Return the kinds of records that are asked of the viewer for a day and are not there yet."""
    connection = db.session.connection()
    # Its session is its own: what is judged does not depend on what the viewer may see.
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        found = _asked(session, viewer, day)
        session.rollback()
    return found


def _asked(session: Session, viewer: Viewer, day: date) -> frozenset[str]:
    rules = installed().rule_set(plugins_off(session))
    daily = [each for each in rules if each.enabled and each.subject_kind == "cadre"]
    counted = {each.id: kind for each in daily if (kind := _kind_counted(each)) is not None}
    if viewer.cadre_id is None or not counted:
        return frozenset()
    cadre = session.get_one(Cadre, viewer.cadre_id)
    district = session.get_one(Organization, cadre.organization.district_id)
    scope = Scope(district.id, district.code, frozenset({cadre.code}), frozenset())
    ahead = day + _AHEAD
    now_live = live_task(viewer.actor)
    task = replace(now_live, decide=decide_plainly, as_of=ahead, judged_until=ahead)
    chosen = RuleSet([each for each in daily if each.id in counted], outside=rules)
    hits = evaluate_district(session, task, scope, None, chosen, store=False).evaluation.hits
    of_day = [hit for hit in hits if hit.subject == cadre.code and hit.key == day.isoformat()]
    return frozenset(counted[hit.rule] for hit in of_day)


def _kind_counted(rule: Rule) -> str | None:
    """The kind of record that a duty of every working day counts; None of any other rule."""
    form = rule.form
    is_daily = isinstance(form, Duty) and form.every is Every.WORKING_DAY
    return form.counts.kind if isinstance(form, Duty) and is_daily else None
