"""Of what a notice is made: the confirmed flags of one subject that its issuer reviews."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.access.installation import installed
from tiesan.audit import Actor
from tiesan.courses.errors import NotThere, Refused, Wrong
from tiesan.courses.standing import Standing, read_standings
from tiesan.courses.values import Case, Given, Input
from tiesan.flags.follow_up import NoticeFinding
from tiesan.flags.models import Flag
from tiesan.i18n import _, _l
from tiesan.records.kinds import table_of
from tiesan.reviews.flag_course import FLAG_COURSE, REVIEWER, UNMARKED
from tiesan.rules import REVIEW_LABELS, Review

FLAGS = "flags"
MOST_FLAGS = 50
_LARGEST_ID, _LONGEST_ID = 2**31 - 1, 18
_FLAG, _FINDING = table_of(Flag), table_of(NoticeFinding)


def flags() -> Given:
    """The flags of a notice: their ids, parted by commas."""
    return Given(FLAGS, _l("Flags"), Input.ROWS, _read)


def _read(value: Any, case: Case) -> list[Flag]:
    """Return the flags, locked in the order of their ids; raises what refuses one of them.

    Who may is asked here, before anything else that is given is looked at.
    """
    ids = named_ids(str(value))
    lock_flags(case.session, ids)
    return flags_for_notice(case.session, ids, case.actor, case.day)


def flags_for_notice(session: Session, ids: Sequence[int], actor: Actor, day: date) -> list[Flag]:
    """Return the flags of which an actor can make a notice; raises what refuses one of them."""
    standings = read_standings(session, FLAG_COURSE, ids, actor.account_id, day)
    for flag_id in ids:
        _refuse_one(standings.get(flag_id))
    found: list[Flag] = [standings[flag_id].row for flag_id in ids]
    if len({(each.cadre_id, each.organization_id, each.confidential) for each in found}) > 1:
        raise Refused(_("A notice is about one cadre or one organization, and is secret or not."))
    if in_unfinished(session, ids):
        raise Refused(_("There is an unfinished notice about one of these flags already."))
    return found


def named_ids(text: str) -> list[int]:
    """Return the ids that a form names, in order; raises Wrong for none, and for too many."""
    ids = sorted(set(_ids(text)))
    if not ids or len(ids) > MOST_FLAGS:
        raise Wrong(FLAGS, _("Choose 1 to %(most)d flags.", most=MOST_FLAGS))
    return ids


def _ids(text: str) -> Iterator[int]:
    for part in text.replace(",", " ").split():
        # A list sends with the id what was seen of the flag.
        name = part.partition(":")[0]
        if not (name.isascii() and name.isdecimal()):
            raise Wrong(FLAGS, _("No flag: %(found)s", found=part))
        number = int(name[:_LONGEST_ID])
        # What is no id of any database names no flag.
        yield number if number <= _LARGEST_ID else 0


def _refuse_one(standing: Standing | None) -> None:
    """Raise why a flag is not one for a notice."""
    if standing is None or not standing.visible:
        raise NotThere
    refused = why_not(standing)
    if refused is not None:
        raise Refused(refused)


def why_not(standing: Standing) -> str | None:
    """Return why a flag as it stands for somebody is not one for their notice; None if it is."""
    if REVIEWER.name not in standing.holds:
        return str(REVIEWER.refusal)
    if standing.state != Review.CONFIRMED:
        word = str(REVIEW_LABELS[Review(standing.state)])
        return _("Not possible now: this is “%(state)s”.", state=word)
    if not standing.row.active:
        return _("Its condition no longer holds: nothing is left to do but what ends it.")
    return str(UNMARKED.sentence) if standing.row.changed_since_decision else None


def lock_flags(session: Session, ids: Iterable[int]) -> None:
    """Lock flags by id: whoever locks flags and notices takes them in this order."""
    wanted = _FLAG.c.id.in_(sorted(ids))
    session.execute(select(_FLAG.c.id).where(wanted).order_by(_FLAG.c.id).with_for_update())


def in_unfinished(session: Session, ids: Iterable[int]) -> frozenset[int]:
    """Return those flags that are in a notice that is not finished."""
    present = (_FINDING.c.flag_id.in_(sorted(ids)), _FINDING.c.left_on.is_(None))
    return frozenset(session.scalars(select(_FINDING.c.flag_id).where(*present)))


def companions(session: Session, flag: Flag, actor: Actor, day: date) -> Sequence[Flag]:
    """Return the flags that an actor could put into a notice with one, that itself first."""
    same = (
        Flag.cadre_id == flag.cadre_id,
        Flag.organization_id == flag.organization_id,
        Flag.confidential == flag.confidential,
        Flag.review == Review.CONFIRMED.value,
        Flag.active,
    )
    order = (Flag.occurred_on.desc(), Flag.id.desc())
    ids = session.scalars(select(Flag.id).where(*same).order_by(*order).limit(MOST_FLAGS)).all()
    standings = read_standings(session, FLAG_COURSE, ids, actor.account_id, day)
    taken = in_unfinished(session, ids)
    fitting = [
        standings[each].row
        for each in ids
        if each not in taken and standings[each].visible and why_not(standings[each]) is None
    ]
    return sorted(fitting, key=lambda each: each.id != flag.id)


def findings(case: Case) -> list[NoticeFinding]:
    """The flags with what was found and the clause, as they are now."""
    return [_finding(flag) for flag in case.given[FLAGS]]


def _finding(flag: Flag) -> NoticeFinding:
    rule = installed().version(flag.rule, flag.rule_digest)
    zh, en = ("", "") if rule is None else map(rule.clause.in_language, ("zh", "en"))
    return NoticeFinding(
        flag=flag,
        message_zh=flag.message_zh,
        message_en=flag.message_en,
        clause_zh=zh,
        clause_en=en,
        occurred_on=flag.occurred_on,
    )
