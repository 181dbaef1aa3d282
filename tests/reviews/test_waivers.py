"""Standing waivers by HTTP: who grants which, what they cover on which day, and what ends them."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.reviews.conftest import Clock
from tests.reviews.world import ACCOUNTS, CADRES, DAY_0, ORGANIZATIONS, World, at
from tiesan.access.reviewers import is_reviewer
from tiesan.flags.givers import Whom, read_reviewers
from tiesan.flags.models import Flag, FlagEvent
from tiesan.people.models import Account

JSON = {"Accept": "application/json"}
RULE = "discipline.off_post"
TEXT = "系统停机"


def day(number: int) -> str:
    """A day of the play, as a form says it."""
    return (DAY_0 + timedelta(days=number)).isoformat()


class Play:
    """What people do with waivers in the two districts, from day 0 on."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world, self.clock = world, clock

    def on(self, number: int) -> None:
        """Go to a day."""
        self.clock.moment = at(DAY_0 + timedelta(days=number))

    def flag(self, occurred: int, severity: str = "serious", **given: Any) -> int:
        """A flag that occurred on a day, in some state."""
        state, active = given.pop("state", "open"), given.pop("active", True)
        flag_id = self.world.flag(**given)
        flag = self.world.session.get_one(Flag, flag_id)
        flag.occurred_on = DAY_0 + timedelta(days=occurred)
        flag.severity, flag.review = severity, state
        if not active:
            flag.active, flag.cleared_at, flag.cleared_reason = False, at(DAY_0), "condition"
        self.world.session.commit()
        return flag_id

    def post(self, who: str, address: str, **form: Any) -> Any:
        """Send a form, and take its answer as JSON."""
        client, token = self.world.by(who)
        given = {name.removesuffix("_"): value for name, value in form.items()}
        return client.post(address, data={"csrf_token": token, **given}, headers=JSON)

    def grant(self, who: str, **form: Any) -> Any:
        """Grant a waiver, of what is right unless the form says otherwise."""
        whole = {"rule": RULE, "from": day(-5), "until": day(5), "text": TEXT} | form
        return self.post(who, "/waivers/new", **{k: v for k, v in whole.items() if v is not None})

    def get(self, who: str, address: str) -> Any:
        """Ask for something as JSON."""
        return self.world.by(who)[0].get(address, headers=JSON)

    def states(self, *flag_ids: int) -> list[str]:
        """How these flags are stored."""
        session = self.world.session
        found = [session.get_one(Flag, each, populate_existing=True).review for each in flag_ids]
        session.rollback()
        return found


@pytest.fixture
def play(world: World, clock: Clock) -> Play:
    """A play on day 0; each test has cadres or organizations of its own."""
    return Play(world, clock)


def test_it_covers_what_waits_and_occurred_in_its_days(play: Play) -> None:
    cadre = {"cadre": "A1"}
    inside = [
        play.flag(number, state=state, **cadre)
        for number, state in ((-5, "open"), (5, "acknowledged"), (0, "explained"))
    ]
    outside = [play.flag(-6, **cadre), play.flag(6, **cadre)]
    untouched = [
        play.flag(0, "major", **cadre),
        play.flag(0, **cadre, confidential=True),
        play.flag(0, **cadre, rule="discipline.late"),
        play.flag(0, **cadre, active=False),
        play.flag(0, cadre="A2"),
    ]
    decided = play.flag(0, **cadre, state="dismissed")
    seen = play.grant("sup1", preview="1", **cadre)
    assert seen.status_code == 200
    assert (seen.json["waiver"], seen.json["flags"]) == (None, 3)
    assert (seen.json["organizations"], seen.json["cadres"]) == (0, 1)
    assert play.states(*inside) == ["open", "acknowledged", "explained"]

    answer = play.grant("sup1", **cadre)
    assert answer.status_code == 200, answer.json
    assert answer.json["flags"] == 3
    # Flags of days to come are not of the past year; the others are, in whatever state.
    assert answer.json["past_year"] == seen.json["past_year"] == 5
    assert play.states(*inside) == ["waived"] * 3
    assert set(play.states(*outside, *untouched)) == {"open"}
    assert play.states(decided) == ["dismissed"]
    shown = play.get("cadre1", f"/flags/{inside[0]}").json
    last = shown["events"][-1]
    assert (last["verb"], last["from"], last["to"], last["day"]) == (
        "covered", "open", "waived", day(0),
    )  # fmt: skip
    assert (last["waiver"], last["text"], last["actor"]) == (answer.json["waiver"], TEXT, "sup1")
    assert shown["waiver"]["text"] == TEXT
    assert shown["waived_until"] is None
    page = play.world.by("cadre1")[0].get(f"/flags/{inside[0]}").text
    assert TEXT in page
    assert f"/waivers/{answer.json['waiver']}" in page


def test_the_end_alone_is_changed(play: Play) -> None:
    cadre = {"cadre": "A5"}
    flags = [play.flag(number, **cadre) for number in (-1, 0, 5, 6, 9, 10)]
    granted = play.grant("sup1", **cadre)
    address = f"/waivers/{granted.json['waiver']}/end"
    assert play.states(*flags) == ["waived", "waived", "waived", "open", "open", "open"]
    waive = play.post("sup1", f"/flags/{flags[0]}/waive", text="再", until=day(9))
    assert waive.status_code == 409

    assert play.post("sup1", address, until=day(9)).json["field"] == "text"
    assert play.post("cadre5", address, until=day(9), text="延长").status_code == 409
    assert play.post("sup2", address, until=day(9), text="延长").status_code == 404
    later = play.post("sup1b", address, until=day(9), text="延长")
    assert (later.status_code, later.json["state"]) == (200, "running")
    assert play.states(*flags) == ["waived"] * 5 + ["open"]

    for wrong in (day(-2), day(9), day(-5 + 366), "明年", ""):
        refused = play.post("sup1", address, until=wrong, text="x")
        assert (refused.status_code, refused.json["field"]) == (422, "until"), wrong
    # Reviewed again, it is no longer covered, and taking the waiver back does not touch it.
    shown = play.get("sup1", f"/flags/{flags[4]}").json
    seen = {
        "seen_state": "waived",
        "seen_revision": "1",
        "seen_events": str(len(shown["events"])),
    }
    again = play.post("sup1", f"/flags/{flags[4]}/reopen", text="复核", **seen)
    assert again.json["state"] == "acknowledged"
    back = play.post("sup1", address, until=day(-1), text="收回")
    assert (back.status_code, back.json["state"]) == (200, "ended")
    assert play.states(*flags) == ["waived", "open", "open", "open", "acknowledged", "open"]
    last = play.get("sup1", f"/flags/{flags[1]}").json["events"][-1]
    assert (last["verb"], last["to"], last["day"]) == ("uncovered", "open", day(0))
    # The longest there is.
    assert play.post("sup1", address, until=day(-5 + 365), text="延长").status_code == 200
    assert play.states(*flags) == ["waived"] * 6


@pytest.mark.parametrize(
    ("who", "form", "status"),
    [
        ("cadre1", {"cadre": "A1"}, 409),
        ("cadre1", {"text": None, "cadre": "A1"}, 409),
        ("adm", {"cadre": "A1"}, 409),
        ("supd", {"cadre": "CP"}, 409),
        ("supd", {"cadre": "CP", "text": None}, 409),
        ("supd", {"organization": "D1"}, 409),
        ("supd", {"organization": "D1", "below": "1", "preview": "1"}, 200),
        ("aud1", {"organization": "D1", "preview": "1"}, 200),
        ("aud1", {"cadre": "A1"}, 409),
        ("supd2", {"organization": "F2"}, 409),
        ("supd2", {"organization": "F2", "below": "1", "preview": "1"}, 200),
        ("sup1", {"organization": "E1", "preview": "1"}, 200),
        ("supx", {"cadre": "CX"}, 409),
        ("audx", {"cadre": "CX", "preview": "1"}, 200),
    ],
)
def test_who_reviews_the_subject_grants(
    play: Play, who: str, form: Mapping[str, Any], status: int
) -> None:
    assert play.grant(who, **form).status_code == status


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"cadre": "A1", "text": " "}, "text"),
        ({"cadre": "A1", "rule": None}, "rule"),
        ({"cadre": "A1", "rule": "discipline.nothing"}, "rule"),
        ({"cadre": "A1", "plugin": "discipline"}, "rule"),
        ({"cadre": "A1", "rule": None, "plugin": "nothing"}, "plugin"),
        ({}, "cadre"),
        ({"cadre": "A3"}, "cadre"),
        ({"cadre": "NOBODY"}, "cadre"),
        ({"cadre": "A1", "organization": "F1"}, "cadre"),
        ({"cadre": "A1", "below": "1"}, "below"),
        ({"cadre": "A1", "from": day(-367)}, "from"),
        ({"cadre": "A1", "from": ""}, "from"),
        ({"cadre": "A1", "until": day(-6)}, "until"),
        ({"cadre": "A1", "from": day(0), "until": day(366)}, "until"),
    ],
)
def test_what_is_wrong_is_named(play: Play, form: Mapping[str, Any], field: str) -> None:
    answer = play.grant("sup1", **form)
    assert (answer.status_code, answer.json.get("field")) == (422, field)


def test_the_farthest_and_the_longest(play: Play) -> None:
    far = {"cadre": "A6", "preview": "1", "from": day(-366), "until": day(-366 + 365)}
    assert play.grant("sup1", **far).status_code == 200
    client, _token = play.world.by("sup1")
    without = client.post("/waivers/new", data={"cadre": "A6"}, headers=JSON)
    assert without.status_code == 400
    stranger = play.world.app.test_client()
    assert stranger.post("/waivers/new", headers=JSON).status_code == 401
    assert stranger.get("/waivers", headers=JSON).status_code == 401
    assert play.get("sup1", "/waivers/987654").status_code == 404


def test_everything_below_but_what_the_giver_may_not_review(play: Play) -> None:
    rule = {"rule": "efficiency.task_unclear"}
    covered = [play.flag(0, org=code, **rule) for code in ("E1", "F4")]
    covered += [play.flag(0, cadre=code, **rule) for code in ("CE", "CA")]
    left = [play.flag(0, cadre="CP", **rule), play.flag(0, org="D1", **rule)]
    elsewhere = play.flag(0, org="F3", **rule)
    answer = play.grant("supd", organization="D1", below="1", rule=None, plugin="efficiency")
    assert (answer.status_code, answer.json["flags"]) == (200, 4)
    assert play.states(*covered) == ["waived"] * 4
    assert play.states(*left, elsewhere) == ["open"] * 3
    # Whoever chairs an organization does not waive its flags, but those of its cadres.
    own = [play.flag(0, org="F2", rule="meetings.x"), play.flag(0, cadre="A3", rule="meetings.x")]
    assert play.grant(
        "supd2", organization="F2", below="1", rule=None, plugin="meetings"
    ).json["flags"] == 1  # fmt: skip
    assert play.states(*own) == ["open", "waived"]


def test_the_giver_reviews_what_the_policy_says(play: Play) -> None:
    session, asked = play.world.session, 0
    posted = {code: place for code, place, _chairs in CADRES}
    for district, places in (("D1", {"D1", "F1", "E1", "F2", "F4"}), ("D2", {"D2", "F3"})):
        reviewers = read_reviewers(session, play.world.organizations[district], DAY_0)
        for code, place in [*posted.items(), *((None, each) for each, _k, _p in ORGANIZATIONS)]:
            if place not in places:
                continue
            on = {"cadre": code} if code else {"org": place}
            flag_id = play.flag(0, active=False, **on)
            whom = Whom(play.world.cadres[code] if code else None, play.world.organizations[place])
            for name, _cadre, _roles in ACCOUNTS:
                account = session.query(Account).filter_by(username=name).one()
                policy = is_reviewer(Flag, Account.id, None)  # type: ignore[arg-type] # not asked
                query = session.query(Flag.id).join(Account, Account.id == account.id)
                says = query.filter(Flag.id == flag_id, Account.active, policy).first() is not None
                assert reviewers.may_review(account.id, whom) == says, (name, code, place)
                asked += 1
    assert asked > 300
    session.rollback()


def test_both_kinds_are_listed_the_soonest_end_first(play: Play) -> None:
    flag_id = play.flag(0, cadre="A4")
    seen = {"seen_state": "open", "seen_revision": "1", "seen_events": "1"}
    one = play.post("sup1", f"/flags/{flag_id}/waive", text="单个", until=day(20), **seen)
    assert one.status_code == 200
    standing = [
        play.grant("sup1", cadre="A4", until=day(end), from_=day(0)).json["waiver"]
        for end in (30, 10)
    ]
    found = play.get("sup1", "/waivers?cadre=A4").json["waivers"]
    assert [each["until"] for each in found] == [day(10), day(20), day(30)]
    assert [each["kind"] for each in found] == ["standing", "single", "standing"]
    assert [each["giver"] for each in found] == ["sup1"] * 3
    assert [each.get("waiver") for each in found] == [standing[1], None, standing[0]]
    kinds = play.get("sup1", "/waivers?cadre=A4&kind=single&rule=" + RULE).json["waivers"]
    assert [each["text"] for each in kinds] == ["单个"]
    assert play.get("sup1", "/waivers?cadre=A4&plugin=meetings").json["waivers"] == []
    assert play.get("cadre1", "/waivers?cadre=A4").json["waivers"] == []
    assert len(play.get("multi", "/waivers?cadre=A4").json["waivers"]) == 3
    play.on(21)
    found = play.get("sup1", "/waivers?cadre=A4").json["waivers"]
    assert [each["until"] for each in found] == [day(30)]
    over = play.get("sup1", "/waivers?cadre=A4&state=ended").json["waivers"]
    assert [each["until"] for each in over] == [day(10)]
    assert "长期豁免" in play.world.by("sup1")[0].get(f"/waivers/{standing[0]}").text


@pytest.mark.parametrize(("number", "told"), [(12, False), (13, True), (20, True), (21, False)])
def test_whom_it_concerns_is_told_seven_days_before(play: Play, number: int, told: bool) -> None:
    flag_id = play.flag(0, cadre="A6", rule="discipline.late")
    seen = {"seen_state": "open", "seen_revision": "1", "seen_events": "1"}
    until = {"text": "单个", "until": day(20)}
    assert play.post("sup1", f"/flags/{flag_id}/waive", **until, **seen).status_code == 200
    standing = play.grant("sup1", cadre="A6", until=day(20)).json["waiver"]
    play.on(number)
    for who in ("cadre6", "sup1b", "supd"):
        home = play.world.by(who)[0].get("/").text
        # That it was granted is told there as well, from the day on which it was.
        ending = re.findall('<a href="([^"]+)">豁免即将到期', home.partition('id="told"')[2])
        assert (f"/waivers/{standing}" in ending) is told, who
        assert (f"/flags/{flag_id}" in ending) is told, who
    assert f'/waivers/{standing}"' not in play.world.by("cadre5")[0].get("/").text


def test_a_waiver_of_one_flag_has_ended_before_that_is_written(play: Play) -> None:
    flag_id = play.flag(0, cadre="A2", rule="discipline.late")
    seen = {"seen_state": "open", "seen_revision": "1", "seen_events": "1"}
    until = {"text": "暂缓", "until": day(5)}
    assert play.post("sup1", f"/flags/{flag_id}/waive", **until, **seen).status_code == 200
    listed = "/flags/?flt_rule=discipline.late&flt_cadre={}&flt_review={}"
    cadre_id = play.world.cadres["A2"]
    sup1 = play.world.by("sup1")[0]
    for number, state, events in ((5, "waived", 2), (6, "open", 3)):
        play.on(number)
        shown = play.get("sup1", f"/flags/{flag_id}").json
        assert (shown["state"], len(shown["events"])) == (state, events)
        sup1 = play.world.by("sup1")[0]
        page = sup1.get(f"/flags/{flag_id}").text
        assert (f'review-{state}"' in page, "豁免到期" in page) == (True, number == 6)
        assert f'/flags/{flag_id}"' in sup1.get(listed.format(cadre_id, state)).text
    assert f'/flags/{flag_id}"' not in sup1.get(listed.format(cadre_id, "waived")).text
    session = play.world.session
    events = session.query(FlagEvent).filter_by(flag_id=flag_id).count()
    session.rollback()
    # Looking has written nothing.
    assert (events, play.states(flag_id)) == (2, ["waived"])


def test_the_form_shows_whom_it_covers_before_it_grants(play: Play) -> None:
    client, token = play.world.by("sup1")
    play.flag(0, cadre="A1", rule="discipline.expense_unapproved")
    form = {
        "csrf_token": token, "rule": "discipline.expense_unapproved", "cadre": "A1",
        "from": day(0), "until": day(1), "text": TEXT,
    }  # fmt: skip
    assert "See whom" not in client.get("/waivers/new?rule=" + RULE).text
    shown = client.post("/waivers/new", data=form | {"preview": "1"})
    assert (shown.status_code, "干部A1" in shown.text, TEXT in shown.text) == (200, True, True)
    wrong = client.post("/waivers/new", data=form | {"until": ""})
    assert (wrong.status_code, TEXT in wrong.text) == (422, True)
    done = client.post("/waivers/new", data=form | {"once": "one"})
    assert done.status_code == 303
    assert client.post("/waivers/new", data=form | {"once": "one"}).location == done.location
    assert play.world.by("cadre1")[0].get("/waivers/new").status_code == 403
    assert client.get(done.location + "/end").status_code == 200


def test_rules_over_flags_follow_in_the_same_request(play: Play) -> None:
    repeated = "accountability.repeat_violations"
    for number in (-3, -2, -1):
        play.flag(number, cadre="CE", rule="discipline.off_post")
    first = play.flag(-20, cadre="CE", rule="discipline.late")

    def active() -> list[bool]:
        found = play.world.session.query(Flag).filter_by(rule=repeated)
        flags = found.filter_by(cadre_id=play.world.cadres["CE"]).populate_existing().all()
        held = [flag.active for flag in flags]
        play.world.session.rollback()
        return held

    seen = {"seen_state": "open", "seen_revision": "1", "seen_events": "1"}
    play.post("sup1", f"/flags/{first}/dismiss", text="不算", **seen)
    assert active() == [True]
    today = play.flag(0, cadre="CE", rule="discipline.off_post")
    granted = play.grant("sup1", cadre="CE", from_=day(-2), until=day(30))
    assert (granted.json["flags"], active()) == (3, [False])
    back = play.post("sup1", f"/waivers/{granted.json['waiver']}/end", until=day(-1), text="收")
    # What occurred before today is still covered; with today's there are two.
    assert (back.status_code, play.states(today), active()) == (200, ["open"], [False])
    play.on(1)
    play.flag(1, cadre="CE", rule="discipline.off_post")
    end = f"/waivers/{granted.json['waiver']}/end"
    assert play.post("sup1", end, until=day(0), text="延").json["state"] == "ended"
    assert (play.states(today), active()) == (["waived"], [False])
