"""Writing in a draft: introduction, comments, demands, names, and which numbers are left out.

Numbers are not changed here, nor anywhere. Who writes says what they saw, so that nobody
overwrites what they have not read. The caller commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.audit import Actor, record_entry
from tiesan.bulletins.models import (
    LONGEST_INTRODUCTION,
    LONGEST_TEXT,
    Bulletin,
    BulletinDemand,
    BulletinName,
    BulletinState,
    BulletinWriter,
)
from tiesan.courses.carrying import look
from tiesan.courses.errors import Changed, Refused, Wrong
from tiesan.courses.locking import lock_row
from tiesan.i18n import _
from tiesan.people.models import Cadre, Organization
from tiesan.records.text import clean_text, unstorable
from tiesan.reports.bulletins.course import BULLETIN_COURSE, SUPERVISOR, subject_of_bulletin
from tiesan.reports.bulletins.frozen import FrozenNumbers
from tiesan.reports.bulletins.naming import nameable_flags

MOST_DEMANDS = MOST_PRAISED = 50


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand as it is written: of one organization (its id) or of all, what, and by when."""

    organization_id: int | None
    text: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Praise:
    """Praise of a cadre, by id; of nobody where none was chosen."""

    cadre_id: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Written:
    """All that a draft says after it was written in; ``seen`` is what was there before."""

    seen: str
    introduction: str
    comments: Mapping[int, str]
    demands: Sequence[Demand]
    praise: Sequence[Praise]
    flags: frozenset[int]
    left_out: frozenset[str]


def write_in(
    actor: Actor,
    session: Session,
    bulletin_id: int,
    written: Written,
    *,
    day: date,
    at: datetime,
) -> Bulletin:
    """Store what was written in a draft and return it.

    The session must be in a transaction that was begun for writing. Raises NotThere, Refused for
    who may not and for what is no draft any more, Changed where somebody else has written
    meanwhile, and Wrong for what cannot be stored.
    """
    lock_row(session, BULLETIN_COURSE, bulletin_id)
    standing = look(session, BULLETIN_COURSE, bulletin_id, actor, day)
    bulletin: Bulletin = standing.row
    if SUPERVISOR.name not in standing.holds:
        raise Refused(str(SUPERVISOR.refusal))
    if standing.state != BulletinState.DRAFTED:
        raise Refused(_("Only a draft can be written in."))
    if written.seen != BULLETIN_COURSE.version(bulletin):
        raise Changed
    changed = _store(session, bulletin, written, day)
    _note_writer(session, bulletin, actor)
    bulletin.edits += 1
    subject = subject_of_bulletin(bulletin)
    record_entry(session, actor, "update", subject, at=at, details={"fields": changed})
    session.flush()
    return bulletin


def _store(session: Session, bulletin: Bulletin, written: Written, day: date) -> list[str]:
    """Store each part; returns the names of those that are not as before."""
    frozen = FrozenNumbers(bulletin.numbers)
    known = {column.key for column in frozen.columns}
    values = {
        "introduction": _text("introduction", written.introduction, LONGEST_INTRODUCTION) or "",
        "comments": _comments(frozen, written.comments),
        "left_out": [column.key for column in frozen.columns if column.key in written.left_out],
    }
    if not written.left_out <= known:
        raise Wrong("columns", _("There is no such column."))
    changed = [name for name, value in values.items() if getattr(bulletin, name) != value]
    for name, value in values.items():
        setattr(bulletin, name, value)
    demands = _demands(frozen, written.demands)
    names = [
        *_named(session, bulletin, written.flags, day),
        *_praised(session, bulletin, written.praise),
    ]
    if _plain_demands(bulletin.demands) != _plain_demands(demands):
        changed.append("demands")
        bulletin.demands.clear()
        # The places of the old ones are free before the new ones take them.
        session.flush()
        bulletin.demands.extend(demands)
    if _plain_names(bulletin.names) != _plain_names(names):
        changed.append("names")
        bulletin.names.clear()
        session.flush()
        bulletin.names.extend(names)
    return changed


def _plain_demands(demands: Sequence[BulletinDemand]) -> list[tuple[object, ...]]:
    return [(each.organization_id, each.text, each.due_on) for each in demands]


def _plain_names(names: Sequence[BulletinName]) -> list[tuple[object, ...]]:
    return [(each.cadre_id, each.flag_id, each.praise) for each in names]


def _text(field: str, value: str, longest: int = LONGEST_TEXT) -> str | None:
    found = clean_text(value)
    if found is None:
        return None
    if len(found) > longest:
        said = {"most": longest, "number": len(found)}
        text = _("A text has at most %(most)d characters; found: %(number)d.")
        raise Wrong(field, text % said)
    if unstorable(found) is not None:
        raise Wrong(
            field, _("There is a character that cannot be stored; delete it and try again.")
        )
    return found


def _comments(frozen: FrozenNumbers, comments: Mapping[int, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for place in frozen.places:
        text = _text(f"comment-{place.id}", comments.get(place.id, ""))
        if text is not None:
            found[str(place.id)] = text
    return found


def _demands(frozen: FrozenNumbers, demands: Sequence[Demand]) -> list[BulletinDemand]:
    places = {each.id for each in frozen.places}
    found: list[BulletinDemand] = []
    for at, demand in enumerate(demands):
        text = _text(f"demand-text-{at}", demand.text)
        if text is None:
            continue
        if demand.organization_id is not None and demand.organization_id not in places:
            raise Wrong(f"demand-place-{at}", _("This organization is not in the bulletin."))
        found.append(
            BulletinDemand(
                position=len(found) + 1,
                organization_id=demand.organization_id,
                text=text,
                due_on=demand.due_on,
            )
        )
    if len(found) > MOST_DEMANDS:
        raise Wrong("demands", _("At most %(most)d demands.", most=MOST_DEMANDS))
    return found


def _named(
    session: Session, bulletin: Bulletin, flags: frozenset[int], day: date
) -> list[BulletinName]:
    """The cadres named for flags: only such as stand, and the author ticked."""
    standing = {each.id: each for each in nameable_flags(session, bulletin, day)}
    if not flags <= standing.keys():
        raise Wrong(
            "flags",
            _("A cadre is named only for a confirmed flag that is serious or worse and cannot be "
              "appealed any more."),
        )  # fmt: skip
    return [BulletinName(cadre_id=standing[each].cadre_id, flag_id=each) for each in sorted(flags)]


def _praised(session: Session, bulletin: Bulletin, praise: Sequence[Praise]) -> list[BulletinName]:
    """The cadres of the district who are praised."""
    within = select(Organization.id).where(Organization.district_id == bulletin.district_id)
    found: list[BulletinName] = []
    for at, each in enumerate(praise):
        text = _text(f"praise-text-{at}", each.text)
        if text is None and each.cadre_id is None:
            continue
        if text is None:
            raise Wrong(f"praise-text-{at}", _("Say what the praise is for."))
        chosen = select(Cadre.id).where(
            Cadre.id == each.cadre_id, Cadre.organization_id.in_(within)
        )
        cadre_id = session.scalar(chosen)
        if cadre_id is None:
            raise Wrong(f"praise-cadre-{at}", _("Choose a cadre of the district."))
        found.append(BulletinName(cadre_id=cadre_id, praise=text))
    if len(found) > MOST_PRAISED:
        raise Wrong("praise", _("At most %(most)d cadres are praised.", most=MOST_PRAISED))
    return found


def _note_writer(session: Session, bulletin: Bulletin, actor: Actor) -> None:
    key = (bulletin.id, actor.account_id)
    if actor.account_id is not None and session.get(BulletinWriter, key) is None:
        session.add(BulletinWriter(bulletin_id=bulletin.id, account_id=actor.account_id))
