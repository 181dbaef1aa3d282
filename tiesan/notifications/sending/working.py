"""The jobs that send: what is due, or the one sending that somebody waits for."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tiesan.clock import day_of
from tiesan.config import hosts_out, public_address
from tiesan.database import begin_writing
from tiesan.flags.catalog import installed_catalog, read_catalog
from tiesan.i18n import _
from tiesan.notifications.installed import courses_of, seeing_of
from tiesan.notifications.leaving import pass_on
from tiesan.notifications.sending.models import Purpose, Sending, State, WayAddress
from tiesan.notifications.sending.outcome import Outcome, Reason, dropped, failed
from tiesan.notifications.sending.reach import Reach
from tiesan.notifications.sending.saying import NAME, Text, group_text
from tiesan.notifications.sending.sealing import KeyChangedError, Seal
from tiesan.notifications.sending.speaking import Route, Speaker
from tiesan.notifications.sending.taking import (
    Taken,
    expire,
    note_end,
    take_next,
    tell_of_failure,
)
from tiesan.notifications.sending.telling_persons import Teller
from tiesan.notifications.sending.ways import Keeping, look_at_ways
from tiesan.people.models import Account
from tiesan.scheduler.work import SENDINGS, Work
from tiesan.scheduler.work import Outcome as Did
from tiesan.secret_key import installed_key

# After so long it ends, and goes on with the next look at what is due: others wait for their turn.
_LONGEST = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Post:
    """What sends: the database, the seal, who speaks, the clock, and what is said of notifications.

    ``teller`` asks who may see what, and knows the address of the page on which it stands.
    """

    database: Engine
    keep: Keeping
    speaker: Speaker
    clock: Callable[[], datetime]
    teller: Teller


def send_due(work: Work) -> Did:
    """Send everything that is due, what was told since included; returns how many ended how."""
    post = _post(work)
    with Session(post.database) as session:
        begin_writing(session)
        pass_on(session, post.teller.seeing, at=work.now)
        session.commit()
    return {SENDINGS: dict(work_off(post))}


def send_asked(work: Work) -> Did:
    """Send the one sending that is named with the run, while somebody waits for it."""
    return {SENDINGS: dict(work_off(_post(work), only=int(work.given["sending"])))}


def _post(work: Work) -> Post:
    begun = time.monotonic()
    with Session(work.database) as session:
        catalog = read_catalog(session, work.day, installed_catalog())
    return Post(
        work.database,
        Keeping(Seal(installed_key()), hosts_out()),
        Speaker(Reach(hosts_out())),
        lambda: work.now + timedelta(seconds=time.monotonic() - begun),
        Teller(seeing_of(catalog, courses_of(catalog).values()), public_address()),
    )


def work_off(post: Post, only: int | None = None) -> Mapping[str, int]:
    """Send what is due one after the other, each claimed and committed before it leaves.

    Returns how many ended in which state; what failed and is tried again counts as failed.
    """
    until = post.clock() + _LONGEST
    done: Counter[str] = Counter()
    with Session(post.database) as session:
        done[State.UNKNOWN.value] += expire(session, post.clock())
    _look(post)
    while post.clock() < until:
        with Session(post.database) as session:
            taken = take_next(session, post.clock(), only)
        if taken is None:
            break
        outcome = _carried_out(post, taken)
        with Session(post.database) as session:
            note_end(session, taken, outcome, post.clock())
        done[outcome.state.value] += 1
    return +done


def _look(post: Post) -> None:
    """See which ways can be used, and tell the administrators of those that cannot any more."""
    with Session(post.database) as session:
        begin_writing(session)
        for way in look_at_ways(session, post.keep, at=post.clock()):
            tell_of_failure(session, way, at=post.clock())
        session.commit()


def _carried_out(post: Post, taken: Taken) -> Outcome:
    with Session(post.database) as session:
        prepared = _prepared(session, session.get_one(Sending, taken.sending_id), post)
    # Nothing is open while somebody else is spoken to.
    if isinstance(prepared, Outcome):
        return prepared
    route, text = prepared
    return post.speaker.speak(route, text)


def _prepared(session: Session, sending: Sending, post: Post) -> tuple[Route, Text] | Outcome:
    """Where a sending goes and what it says now; or why it goes nowhere."""
    seal = post.keep.seal
    try:
        given = {} if sending.sealed is None else seal.unseal(sending.sealed)
        secret = seal.unseal(sending.way.sealed)
        address = given.get("address", "") or _address(session, sending, seal)
    except KeyChangedError:
        return failed(Reason.KEY_CHANGED)
    if sending.address_id is not None and not address:
        return dropped(Reason.NOBODY_TO_TELL)
    text = _text(session, sending, given, post)
    if text is None:
        return dropped(Reason.NOTHING_TO_SAY)
    fields = {**sending.way.fields, **secret}
    return Route(sending.way.scheme, fields, address), text


def _address(session: Session, sending: Sending, seal: Seal) -> str:
    """Where a person is reached: nowhere if they cannot sign in, or have not confirmed it."""
    if sending.address_id is None:
        return ""
    address = session.get_one(WayAddress, sending.address_id)
    account = session.get_one(Account, address.account_id)
    counts = address.confirmed_at is not None or sending.purpose == Purpose.CODE
    if address.sealed is None or not counts or not account.active:
        return ""
    return seal.unseal(address.sealed)["address"]


def _text(session: Session, sending: Sending, given: Mapping[str, str], post: Post) -> Text | None:
    if sending.purpose == Purpose.TEST:
        return Text(f"{NAME}：{_('Test')}", _("This is a test. Messages arrive by this way."))
    if sending.purpose == Purpose.CODE and "link" in given:
        return Text(
            f"{NAME}：{_('Link to set your password')}",
            _("%(link)s\nIt holds for 72 hours and once. Whoever did not ask for it can leave it.",
              link=given["link"]),
        )  # fmt: skip
    if sending.purpose == Purpose.CODE:
        subject = _("Your code: %(code)s", code=given["code"])
        return Text(
            f"{NAME}：{subject}",
            _("It holds for 15 minutes. Whoever did not ask for it can leave it."),
        )
    if sending.purpose == Purpose.GROUP:
        return group_text(sending.details)
    return post.teller.tell(session, sending, day_of(post.clock()))
