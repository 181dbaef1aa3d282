"""Nobody's entry clears their own flag: what a change would clear is found before it is stored.

Source: design.md, "nobody's entry clears their own flag, but what the system dates". The change is
evaluated for its actor alone, inside its own transaction and on a savepoint that is taken back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, or_, select
from sqlalchemy.orm import Session

from tiesan.access.viewer import Viewer
from tiesan.errors import UserError
from tiesan.flags.evaluation import Task, affected_rules, judged_by_subject
from tiesan.flags.installed import plugins_off
from tiesan.flags.models import Flag
from tiesan.flags.preview import preview
from tiesan.flags.stored import StoredFlag
from tiesan.i18n import _, current_language
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Concerned
from tiesan.records.kinds import row_id, table_of
from tiesan.rules import RuleSet

_FLAG = table_of(Flag)


@dataclass(frozen=True, slots=True)
class OwnFlags:
    """The flags of a person that an evaluation would clear anyway, before they change anything.

    ``rules`` are those whose answer the change may alter, None for all; ``concerned`` are the
    person and what they chair, by district, where they have a flag of these rules at all.
    """

    task: Task
    rules: RuleSet | None = None
    concerned: Mapping[int, Concerned] = field(default_factory=dict)
    clearing_anyway: frozenset[int] = frozenset()

    def refuse_cleared(self, connection: Connection) -> None:
        """Raise UserError if what the transaction has changed clears one of them."""
        gone = [
            each
            for each in _cleared(connection, self.task, self.rules, self.concerned)
            if each.id not in self.clearing_anyway
        ]
        if gone:
            text = _("This would clear a flag of your own, or of an organization that you chair: "
                     "%(flag)s Somebody else has to enter it.")  # fmt: skip
            raise UserError(text % {"flag": _message(gone[0])})


@dataclass(frozen=True, slots=True)
class Change:
    """A change of records that is about to be made: of which kind, and whom they concern.

    ``about`` are the rows of the cadres and organizations whom they concern before and after it,
    None where that is not known.
    """

    kind: str
    about: Sequence[object] | None = None


def own_flags(
    connection: Connection, task: Task, viewer: Viewer, change: Change | None = None
) -> OwnFlags:
    """Return the flags of a person as they stand before a change of theirs.

    Of a ``change`` of records something is known: flags of rules that no such record can affect
    are not looked at, and none where it concerns only others and is judged by whom it concerns.

    Confidential ones are left out, so that no refusal tells of them: what they rest on is not for
    whom they are about to change.
    """
    rules = None if change is None else affected_by(connection, task, change.kind)
    if change is not None and rules is not None and _is_about_others(task, viewer, change, rules):
        return OwnFlags(task, rules)
    concerned = _concerned(connection, viewer, rules)
    anyway = frozenset(each.id for each in _cleared(connection, task, rules, concerned))
    return OwnFlags(task, rules, concerned, anyway)


def affected_by(connection: Connection, task: Task, kind: str) -> RuleSet:
    """Return the rules whose answer a record of a kind may alter, as its own evaluation has them.

    Rules of plugins that are switched off are not among them.
    """
    rules = task.catalog.rule_set(plugins_off(connection))
    return RuleSet(affected_rules(task.catalog, rules, kind), outside=rules)


def _is_about_others(task: Task, viewer: Viewer, change: Change, rules: RuleSet) -> bool:
    """Whether a change is judged by whom it concerns, and that is neither the viewer nor theirs."""
    if change.about is None or not judged_by_subject(task.catalog, rules, change.kind):
        return False
    return not any(
        each.id == viewer.cadre_id if isinstance(each, Cadre) else row_id(each) in viewer.chaired
        for each in change.about
        if isinstance(each, Cadre | Organization)
    )


def _concerned(
    connection: Connection, viewer: Viewer, rules: RuleSet | None
) -> dict[int, Concerned]:
    cadre, place = table_of(Cadre), table_of(Organization)
    chaired = sorted(viewer.chaired)
    own = or_(_FLAG.c.cadre_id == (viewer.cadre_id or 0), _FLAG.c.organization_id.in_(chaired))
    statement = (
        select(_FLAG.c.district_id, cadre.c.code, place.c.code)
        .select_from(
            _FLAG.outerjoin(cadre, cadre.c.id == _FLAG.c.cadre_id).outerjoin(
                place, place.c.id == _FLAG.c.organization_id
            )
        )
        .where(own, _FLAG.c.active, ~_FLAG.c.confidential)
        .distinct()
    )
    if rules is not None:
        statement = statement.where(_FLAG.c.rule.in_(sorted(rule.id for rule in rules)))
    cadres: dict[int, set[str]] = {}
    places: dict[int, set[str]] = {}
    for district_id, of_cadre, of_place in connection.execute(statement):
        cadres.setdefault(district_id, set()).update(filter(None, [of_cadre]))
        places.setdefault(district_id, set()).update(filter(None, [of_place]))
    return {
        district_id: Concerned(frozenset(cadres[district_id]), frozenset(places[district_id]))
        for district_id in cadres
    }


def _cleared(
    connection: Connection,
    task: Task,
    rules: RuleSet | None,
    concerned: Mapping[int, Concerned],
) -> Iterable[StoredFlag]:
    """The flags of these persons that an evaluation of the transaction as it stands would clear."""
    if not concerned:
        return []
    # It sees what the transaction has changed, and everything, whoever asks.
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        cleared = preview(session, task, concerned, rules).cleared
        hidden = _confidential(session, cleared)
        session.rollback()
    return [each for each in cleared if each.id not in hidden]


def _confidential(session: Session, flags: Iterable[StoredFlag]) -> frozenset[int]:
    ids = [each.id for each in flags]
    statement = select(_FLAG.c.id).where(_FLAG.c.id.in_(ids), _FLAG.c.confidential)
    return frozenset(session.scalars(statement)) if ids else frozenset()


def _message(flag: StoredFlag) -> str:
    return flag.message_en if current_language() == "en" else flag.message_zh
