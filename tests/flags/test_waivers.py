"""Standing waivers cover what an evaluation raises, in that evaluation, however it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from plugins.discipline.models import PostCheck
from plugins.innovation.models import Award
from tests.flags.conftest import NOW, District
from tiesan.flags.models import (
    DistrictState,
    EvidenceLink,
    Flag,
    FlagEvent,
    FlagRevision,
    StoredEvaluation,
)
from tiesan.flags.waivers import Waiver, WaiverEnd
from tiesan.people.ancestry import refresh_ancestry
from tiesan.people.models import Account, Cadre, Grant, Organization, Role
from tiesan.records.pending import PendingEvaluation

OFF_POST = "discipline.off_post"
REPEAT = "accountability.repeat_violations"
AS_OF = date(2026, 3, 31)


def march(day: int) -> date:
    """A day of March."""
    return date(2026, 3, day)


@dataclass
class Waivers:
    """The small district with a supervisor of it all, and one who is the cadre C1."""

    district: District
    givers: dict[str, int]

    def grant(
        self,
        first: int,
        last: int,
        *,
        on: int = 1,
        giver: str = "sup",
        ends: Sequence[tuple[int, int]] = (),
        cadre: str | None = "C1",
        place: str | None = None,
        below: bool = False,
        **rules: str,
    ) -> int:
        """Store a waiver that was granted on a day, with later ends; no present flag is touched."""
        session = self.district.session
        of = rules or {"rule": OFF_POST}
        district = session.scalars(select(Organization).filter_by(code="D1")).one()
        waiver = Waiver(
            **of,
            district_id=district.id,
            cadre_id=self._id(Cadre, cadre if place is None else None),
            organization_id=self._id(Organization, place),
            below=below,
            first_day=march(first),
            until=march(ends[-1][1] if ends else last),
            text="系统停机",
            granted_on=march(on),
            granted_at=NOW,
            giver_id=self.givers[giver],
        )
        session.add(waiver)
        session.flush()
        for number, (day, until) in enumerate([(on, last), *ends], start=1):
            session.add(
                WaiverEnd(waiver_id=waiver.id, number=number, day=march(day), until=march(until))
            )
        session.commit()
        return waiver.id

    def _id(self, model: type[Cadre] | type[Organization], code: str | None) -> int | None:
        found = select(model.id).where(model.code == code)
        return None if code is None else self.district.session.scalars(found).one()

    def check(self, code: str, day: int, cadre: str = "C1") -> PostCheck:
        """A check that found somebody away from the post."""
        row: PostCheck = self.district.add(
            PostCheck, code=code, cadre=cadre, checked_on=march(day), on_post=False
        )
        return row

    def reviews(self, rule: str = OFF_POST) -> dict[str, str]:
        """The stored reviews of the latest flags of a rule, by key."""
        return {flag.key: flag.review for flag in self.district.flags_of(rule)}

    def found(self, day: date, today: date | None = None, rule: str = OFF_POST) -> dict[str, str]:
        """The reviews as an evaluation as of a day says them, by key."""
        outcome = self.district.evaluate(day, today)
        return {hit.key: review for hit, review in outcome.reviewed if hit.rule == rule}

    def events(self, key: str) -> list[tuple[str, date, int | None]]:
        """What happened to a flag."""
        [flag] = [each for each in self.district.flags_of(OFF_POST) if each.key == key]
        return [(event.verb, event.on, event.waiver_id) for event in flag.events]

    def forget(self) -> None:
        """Take away all that was ever evaluated, waived and checked."""
        session = self.district.session
        for model in (
            EvidenceLink, FlagEvent, FlagRevision, Flag, WaiverEnd, Waiver, DistrictState,
            StoredEvaluation, PendingEvaluation, PostCheck, Award,
        ):  # fmt: skip
            session.execute(delete(model))
        session.commit()


@pytest.fixture
def waivers(district: District) -> Waivers:
    """The district with its supervisors."""
    session = district.session
    refresh_ancestry(session)
    role = session.scalars(select(Role).filter_by(name="supervisor")).one()
    place = session.scalars(select(Organization).filter_by(code="D1")).one()
    cadre = session.scalars(select(Cadre).filter_by(code="C1")).one()
    givers = {}
    for name, own in (("sup", None), ("own", cadre)):
        account = Account(
            username=name, active=True, fs_uniquifier=name, cadre=own, created_at=NOW,
            grants=[Grant(role=role, organization=place)],
        )  # fmt: skip
        session.add(account)
        session.flush()
        givers[name] = account.id
    session.commit()
    return Waivers(district, givers)


def test_the_first_and_the_last_day_are_covered_and_no_other(waivers: Waivers) -> None:
    number = waivers.grant(3, 5)
    for day in (2, 3, 5, 6):
        waivers.check(f"K{day}", day)
    waivers.check("OTHER", 4, cadre="C2")
    expected = {"K2": "open", "K3": "waived", "K5": "waived", "K6": "open", "OTHER": "open"}
    # A question stores nothing and says the same.
    assert waivers.found(AS_OF, march(30)) == expected
    assert waivers.reviews() == {}
    assert waivers.found(AS_OF) == expected
    assert waivers.reviews() == expected
    assert waivers.events("K3") == [("raised", AS_OF, None), ("covered", AS_OF, number)]
    assert waivers.events("K2") == [("raised", AS_OF, None)]
    # Again, and long after the waiver has ended.
    assert waivers.found(AS_OF) == expected
    assert waivers.found(date(2026, 6, 30)) == expected
    assert len(waivers.events("K3")) == 2


def test_what_is_saved_is_covered_at_once(waivers: Waivers) -> None:
    waivers.grant(3, 5, place="D1", cadre=None, below=True, plugin="discipline")
    row = waivers.check("K4", 4)
    assert waivers.district.touch(row, march(20)) == 1
    assert waivers.reviews() == {"K4": "waived"}
    assert waivers.found(march(20), march(21)) == {"K4": "waived"}


def test_a_waiver_granted_today_covers_what_is_raised_of_yesterday_from_today(
    waivers: Waivers,
) -> None:
    number = waivers.grant(3, 30, on=21)
    waivers.check("K4", 4)
    assert waivers.found(march(20), march(21)) == {"K4": "open"}
    assert waivers.events("K4") == [("raised", march(20), None), ("covered", march(21), number)]
    assert waivers.found(march(20), march(21)) == {"K4": "open"}
    assert waivers.found(march(21), march(22)) == {"K4": "waived"}


def test_days_that_were_gained_are_covered_since_then(waivers: Waivers) -> None:
    waivers.grant(3, 5, ends=((20, 4), (25, 10)))
    for day in (4, 5, 10, 11):
        waivers.check(f"K{day}", day)
    before = {"K4": "waived", "K5": "open", "K10": "open", "K11": "open"}
    assert waivers.found(march(24), march(26)) == before
    after = before | {"K5": "waived", "K10": "waived"}
    assert waivers.found(march(25), march(26)) == after
    assert waivers.reviews() == after
    # The days on which that was so are read from the history.
    assert waivers.found(march(24), march(27)) == before


def test_it_never_covers_what_its_giver_may_not_review(waivers: Waivers) -> None:
    waivers.grant(1, 30, place="D1", cadre=None, below=True, giver="own")
    waivers.check("OWN", 4)
    waivers.check("OTHER", 4, cadre="C2")
    assert waivers.found(AS_OF) == {"OWN": "open", "OTHER": "waived"}


def test_raised_again_it_is_covered_unless_it_was_reviewed_again(waivers: Waivers) -> None:
    rows = {key: waivers.check(key, 4) for key in ("NEW", "AGAIN", "REOPENED")}
    waivers.district.evaluate(march(10))
    [reopened] = [each for each in waivers.district.flags() if each.key == "REOPENED"]
    _reopen(waivers.district, reopened, march(11))
    for row in rows.values():
        row.on_post = True
    waivers.district.evaluate(march(12))
    waivers.grant(3, 5, on=13)
    for row in rows.values():
        row.on_post = False
    expected = {"NEW": "waived", "AGAIN": "waived", "REOPENED": "acknowledged"}
    assert waivers.found(march(14)) == expected
    assert waivers.reviews() == expected
    # What was waived and holds again after it was corrected is a new episode, and covered too.
    rows["NEW"].on_post = True
    waivers.district.evaluate(march(15))
    rows["NEW"].on_post = False
    assert waivers.found(march(16)) == expected
    episodes = [each.review for each in waivers.district.flags() if each.key == "NEW"]
    assert episodes == ["waived", "waived"]


def test_rules_over_flags_do_not_count_what_is_covered_with_them(waivers: Waivers) -> None:
    for day in (3, 4, 5):
        waivers.check(f"K{day}", day)
    assert waivers.found(AS_OF, march(30), REPEAT) == {"2026": "open"}
    waivers.grant(5, 5)
    assert waivers.found(AS_OF, march(30), REPEAT) == {}
    assert waivers.found(AS_OF, rule=REPEAT) == {}
    # Of severity major, it is never covered itself.
    waivers.grant(1, 31, plugin="accountability")
    waivers.check("K6", 6)
    assert waivers.found(AS_OF, rule=REPEAT) == {"2026": "open"}


def test_a_new_episode_is_undecided_in_the_very_evaluation(waivers: Waivers) -> None:
    rows = [waivers.check(f"K{day}", day) for day in (3, 4, 5)]
    waivers.district.evaluate(march(10))
    waivers.district.review(waivers.district.flags()[0], "dismissed", march(11))
    assert waivers.found(march(12), rule=REPEAT) == {}
    rows[0].on_post = True
    waivers.district.evaluate(march(13))
    rows[0].on_post = False
    assert waivers.found(march(14), rule=REPEAT) == {"2026": "open"}
    assert waivers.found(march(14), rule=REPEAT) == {"2026": "open"}


def test_the_daily_run_writes_that_a_waiver_of_one_flag_has_ended(waivers: Waivers) -> None:
    row = waivers.check("K4", 4)
    waivers.district.evaluate(march(10))
    [flag] = waivers.district.flags()
    waivers.district.review(flag, "waived", march(11), march(15))
    # On the 15th, and in the night after it: as of that day it is waived.
    assert waivers.found(march(14), march(15)) == {"K4": "waived"}
    assert waivers.reviews() == {"K4": "waived"}
    assert waivers.found(march(15), march(16)) == {"K4": "waived"}
    assert waivers.reviews() == {"K4": "open"}
    assert waivers.events("K4")[-1] == ("waiver_ended", march(16), None)
    assert waivers.found(march(16), march(17)) == {"K4": "open"}
    # Open again, what is corrected and holds again is the same episode.
    row.on_post = True
    waivers.district.evaluate(march(18))
    row.on_post = False
    assert waivers.found(march(19)) == {"K4": "open"}
    assert [each.episode for each in waivers.district.flags()] == [1]


def _reopen(district: District, flag: Flag, day: date) -> None:
    flag.review = "acknowledged"
    event = {"flag_id": flag.id, "at": NOW, "on": day, "actor_name": "督查"}
    for verb, before, after in (("dismiss", "open", "dismissed"),
                                ("reopen", "dismissed", "acknowledged")):  # fmt: skip
        district.session.add(FlagEvent(**event, verb=verb, from_state=before, to_state=after))
    district.session.commit()


# --- whole or live --------------------------------------------------------------------------------

DAYS = st.integers(2, 12)
KINDS: tuple[dict[str, Any], ...] = (
    {"cadre": "C1"},
    {"cadre": "C2", "plugin": "discipline"},
    {"cadre": None, "place": "F1", "below": True},
    {"cadre": None, "place": "D1", "below": True, "plugin": "innovation"},
    {"cadre": None, "place": "F1", "rule": "discipline.off_post"},
)
GRANTED = st.tuples(
    st.sampled_from(KINDS),
    st.sampled_from(["sup", "own"]),
    DAYS,
    st.integers(0, 5),
    st.lists(st.tuples(st.integers(13, 19), DAYS), max_size=2).map(sorted),
)
CHECKS = st.lists(st.tuples(st.sampled_from(["C1", "C2"]), DAYS), min_size=3, max_size=7)


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(GRANTED, min_size=1, max_size=3), CHECKS)
def test_the_whole_and_what_is_saved_agree(
    waivers: Waivers, granted: list[Any], checks: list[tuple[str, int]]
) -> None:
    found = []
    for is_live in (True, False):
        waivers.forget()
        for kind, giver, first, length, ends in granted:
            waivers.grant(first, first + length, giver=giver, ends=ends, **kind)
        waivers.district.add(Award, code="P1", cadre="C1", nominated_on=march(13))
        for number, (cadre, day) in enumerate(checks):
            row = waivers.check(f"K{number}", day, cadre)
            if is_live:
                waivers.district.touch(row, march(20))
        outcome = waivers.district.evaluate(march(20), march(20))
        said = {(hit.rule, hit.key, hit.subject): review for hit, review in outcome.reviewed}
        stored = {
            (flag.rule, flag.key, str(flag.subject and flag.subject.code)): flag.review
            for flag in waivers.district.flags_of("")
            if flag.active
        }
        assert said == stored
        again = waivers.district.evaluate(march(20), march(20)).reviewed
        assert {(hit.rule, hit.key, hit.subject): review for hit, review in again} == said
        found.append(stored)
    assert found[0] == found[1]
