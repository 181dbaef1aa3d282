"""Escalation: a confirmed flag on a cadre becomes a case of the institution that takes it.

Source: institutions.md, "What review adds" and the clause of accountability. What such a case is
says the contract of the plugin (``tiesan.records.escalation``); here it is linked with the flag.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tiesan.access.installation import installed
from tiesan.courses.given import TEXT, choice, due_day, words
from tiesan.courses.values import Case, Gate
from tiesan.flags.follow_up import EscalatedFlag
from tiesan.flags.models import Flag
from tiesan.i18n import _l
from tiesan.plugin import Plugin
from tiesan.records.escalation import Escalation, Grounds
from tiesan.records.kinds import record_kind, table_of
from tiesan.records.settings import PluginState
from tiesan.rules import Severity

LEVEL, MEASURE, DUE_ON = "level", "measure", "due_on"
_LINK = table_of(EscalatedFlag)
_GRAVE = frozenset({Severity.SERIOUS.value, Severity.MAJOR.value})


def taking_plugin(session: Session) -> Plugin | None:
    """Return the institution that takes escalated flags; None where none does or is switched on."""
    plugin = installed().plugins.escalating
    if plugin is None:
        return None
    state = table_of(PluginState)
    enabled = session.scalar(select(state.c.enabled).where(state.c.name == plugin.name))
    return None if enabled is False else plugin


def escalation_here(session: Session) -> Escalation | None:
    """Return what a flag can be escalated to."""
    plugin = taking_plugin(session)
    return None if plugin is None else plugin.escalation


def link_that_counts(session: Session, flag_id: int) -> Any | None:
    """Return the row of the link to a case that was not voided, if the flag has one."""
    own = (_LINK.c.flag_id == flag_id, ~_LINK.c.superseded)
    link = session.execute(select(_LINK).where(*own)).one_or_none()
    return None if link is None or _is_voided(session, link) else link


def _is_voided(session: Session, link: Any) -> bool:
    """Whether a case was voided; of an institution that is gone nothing is known."""
    model = installed().records.get(link.kind)
    if model is None:
        return False
    table = table_of(model)
    voided = select(table.c.voided_at).where(table.c.id == link.row_id)
    return session.scalar(voided) is not None


# --- what holds the verb back, and what it takes --------------------------------------------------


def is_grave_of_cadre(case: Case) -> bool:
    """It is about a cadre, and of severity serious or above."""
    return case.row.cadre_id is not None and case.row.severity in _GRAVE


def is_taken(case: Case) -> bool:
    """There is an institution that takes it, and it is switched on."""
    return taking_plugin(case.session) is not None


def has_no_case(case: Case) -> bool:
    """It has no case yet but what was voided."""
    return link_that_counts(case.session, case.row.id) is None


def levels(case: Case) -> list[tuple[str, str]]:
    """The levels of the institution that takes it, with their words."""
    escalation = escalation_here(case.session)
    found = {} if escalation is None else escalation.levels
    return [(name, str(word)) for name, word in found.items()]


GATES = (
    Gate(
        is_grave_of_cadre,
        _l("Only what is about a cadre and serious or major can be made a case."),
        told=False,
    ),
    Gate(is_taken, _l("No institution that is switched on takes cases."), told=False),
    Gate(has_no_case, _l("It has been made a case already."), told=False),
)
GIVEN = (
    choice(LEVEL, _l("Level of the mistake"), levels),
    words(MEASURE, _l("Measure")),
    due_day(DUE_ON, _l("To be done by")),
)


def open_case(case: Case) -> None:
    """Have the case opened, and keep how it hangs together with the flag."""
    escalation, flag, session = escalation_here(case.session), case.row, case.session
    if escalation is None or flag.cadre is None:
        message = "a flag is escalated that nobody takes"
        raise RuntimeError(message)
    grounds = Grounds(
        actor=case.actor,
        at=case.at,
        day=case.day,
        cadre=flag.cadre,
        occurred_on=flag.occurred_on,
        finding=None if flag.confidential else flag.message_zh,
        level=case.given[LEVEL],
    )
    opened = escalation.opens(session, grounds)
    earlier = update(_LINK).where(_LINK.c.flag_id == flag.id)
    session.execute(earlier.values(superseded=True))
    session.add(
        EscalatedFlag(
            flag_id=flag.id,
            kind=record_kind(escalation.case).name,
            row_id=opened.id,
            day=case.day,
            measure=case.given[MEASURE],
            due_on=case.given[DUE_ON],
        )
    )
    # The history of the flag says what is to be done about it.
    case.given[TEXT] = case.given[MEASURE]


def links_of(session: Session, *conditions: Any) -> Sequence[EscalatedFlag]:
    """Return links to cases under conditions, of flags that the reader may see; newest first."""
    statement = select(EscalatedFlag).where(*conditions).order_by(EscalatedFlag.id.desc())
    return session.scalars(statement).all()


def undone_since(flag: Flag, link: EscalatedFlag) -> list[Any]:
    """Return the events by which a flag was reopened or overturned since it was made this case."""
    if link.superseded:
        return []
    made = max((each.id for each in flag.events if each.verb == "escalate"), default=0)
    return [each for each in flag.events if each.id > made and each.verb in {"reopen", "overturn"}]
