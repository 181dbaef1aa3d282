"""The inbox, by HTTP: what waits for whom and why, narrowed, grouped, one and many."""

import base64
import csv
import io
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from plugins.discipline.models import Attendance
from tests.reviews.conftest import Clock
from tests.reviews.test_sequences import JSON, seen, sent
from tests.reviews.world import AT, DAY_0, World, at
from tiesan.flags.models import RANKS, Flag
from tiesan.people.models import Cadre
from tiesan.people.phrases import Phrase
from tiesan.reviews.flag_course import FLAG_COURSE


def done(world: World, clock: Clock, actor: str, flag_id: int, verb: str, **given: Any) -> None:
    """Carry a verb out as somebody."""
    client, token = world.by(actor)
    form = sent(given, seen(world, flag_id, clock), clock) | {"csrf_token": token}
    answer = client.post(f"/flags/{flag_id}/{verb}", data=form, headers=JSON)
    assert answer.status_code == 200, answer.json


def inbox(world: World, actor: str, **filters: str) -> Any:
    """What waits for somebody."""
    answer = world.by(actor)[0].get(f"/inbox?{urlencode(filters)}", headers=JSON)
    assert answer.status_code == 200, answer.json
    return answer.json


def waits(world: World, actor: str, **filters: str) -> list[tuple[int, str]]:
    """The flags that wait for somebody, with the reasons."""
    return [(each["flag"], each["why"]) for each in inbox(world, actor, **filters)["flags"]]


def page(world: World, actor: str, address: str) -> str:
    """A page as somebody sees it."""
    answer = world.by(actor)[0].get(address)
    assert answer.status_code == 200
    return str(answer.text)


def change(world: World, flag_id: int, **values: Any) -> None:
    """Set columns of a flag, as an evaluation would have."""
    if "severity" in values:
        values["rank"] = RANKS[values["severity"]]
    world.session.execute(sa.update(Flag).where(Flag.id == flag_id).values(**values))
    world.session.commit()


def test_reasons_stand_in_their_order(world: World, clock: Clock) -> None:
    """Inside a reason the gravest, then the oldest first; inactive ones only as the first two."""
    rule = "discipline.left_early"
    names = (
        *("new_old", "new_grave", "new", "acknowledged", "explained", "appealed", "own_appeal"),
        *("changed", "reported", "back", "lapsed", "remedied"),
        *("inactive", "inactive_changed", "inactive_appeal"),
    )
    flags = {name: world.flag(rule=rule) for name in names}

    def act(actor: str, name: str, verb: str, **given: Any) -> None:
        done(world, clock, actor, flags[name], verb, **given)

    change(world, flags["new_old"], occurred_on=DAY_0 - timedelta(days=40))
    change(world, flags["new_grave"], severity="major")
    change(world, flags["back"], previous_id=flags["new"], severity="notice")
    act("sup1", "acknowledged", "acknowledge")
    act("cadre1", "explained", "explain")
    for name in ("own_appeal", "appealed", "changed", "reported", "remedied", "inactive_changed"):
        act("sup1" if name == "own_appeal" else "sup1b", name, "confirm")
    act("sup1b", "inactive_appeal", "confirm")
    for name in ("appealed", "own_appeal", "inactive_appeal"):
        act("cadre1", name, "appeal")
    act("cadre1", "reported", "report_remedy")
    act("sup1b", "remedied", "remedy")
    act("sup1b", "lapsed", "waive", until=0)
    for name in ("changed", "inactive_changed"):
        world.new_evidence(flags[name], DAY_0)
    for name in ("inactive", "inactive_changed", "inactive_appeal"):
        world.no_longer_active(flags[name], DAY_0)
    clock.moment = at(DAY_0 + timedelta(days=1))
    assert waits(world, "sup1", rule=rule) == [
        (flags["appealed"], "appealed"),
        (flags["inactive_appeal"], "appealed"),
        (flags["changed"], "changed"),
        (flags["inactive_changed"], "changed"),
        (flags["explained"], "explained"),
        (flags["reported"], "remedy_reported"),
        (flags["back"], "came_back"),
        (flags["new_grave"], "new"),
        (flags["new_old"], "new"),
        (flags["new"], "new"),
        (flags["lapsed"], "new"),
        (flags["acknowledged"], "acknowledged"),
    ]
    # Nobody may appeal any more: what was put right, or only established, can be closed.
    clock.moment = at(DAY_0 + timedelta(days=31))
    assert waits(world, "sup1", rule=rule)[-1] == (flags["remedied"], "to_close")
    # Somebody else decides what one has confirmed oneself, and whom it concerns decides nothing.
    assert (flags["own_appeal"], "appealed") in waits(world, "sup1b", rule=rule)
    assert waits(world, "supd2", rule=rule)
    for name in ("sup2", "supx", "aud1"):
        assert waits(world, name, rule=rule) == [], name
    # What waits is offered: the reason's verb is open to whom the flag waits for.
    verbs = {each.why: each.verb for each in FLAG_COURSE.waits}
    for flag_id, why in waits(world, "sup1", rule=rule):
        shown: Any = world.by("sup1")[0].get(f"/flags/{flag_id}", headers=JSON).json
        offered = shown["verbs"]
        assert verbs[why] in offered, (why, offered)


def assigned(world: World, flag_id: int) -> tuple[str | None, bool]:
    """Whom JSON says that a flag is assigned to, and whether its page names somebody."""
    shown: Any = world.by("sup1")[0].get(f"/flags/{flag_id}", headers=JSON).json
    return shown["assigned_to"], "<dt>指派给</dt>" in page(world, "sup1", f"/flags/{flag_id}")


def test_an_assigned_flag_waits_for_others_only_when_asked_for(world: World, clock: Clock) -> None:
    rule = "discipline.punch_missing"
    flag_id = world.flag(rule=rule)
    done(world, clock, "sup1", flag_id, "assign", to="sup1b")
    assert waits(world, "sup1", rule=rule) == []
    assert waits(world, "sup1", rule=rule, assigned="all") == [(flag_id, "new")]
    assert waits(world, "sup1", rule=rule, assigned="me") == []
    assert waits(world, "sup1b", rule=rule, assigned="me") == [(flag_id, "new")]
    # An assignment to somebody who reviews it no more holds nothing up.
    sql = "UPDATE account SET active = {} WHERE username = 'sup1b'"
    world.session.execute(sa.text(sql.format("false")))
    world.session.commit()
    assert waits(world, "sup1", rule=rule) == [(flag_id, "new")]
    assert assigned(world, flag_id) == (None, False)
    world.session.execute(sa.text(sql.format("true")))
    world.session.commit()
    assert assigned(world, flag_id) == ("sup1b", True)
    # It lapses with the decision, of an appeal as well, and with an appeal that is withdrawn.
    done(world, clock, "sup1", flag_id, "confirm")
    assert assigned(world, flag_id) == (None, False)
    for actor, verb in (("cadre1", "withdraw"), ("sup1b", "uphold")):
        done(world, clock, "sup1", flag_id, "reopen")
        done(world, clock, "sup1", flag_id, "confirm")
        done(world, clock, "cadre1", flag_id, "appeal")
        done(world, clock, "sup1", flag_id, "assign", to="sup1b")
        assert assigned(world, flag_id) == ("sup1b", True)
        done(world, clock, actor, flag_id, verb)
        assert assigned(world, flag_id) == (None, False)


def test_filters_narrow_what_waits(world: World, clock: Clock) -> None:
    day = DAY_0 + timedelta(days=400)
    clock.moment = at(day)
    rule = "discipline.log_late"
    one = world.flag(rule=rule, cadre="A1")
    other = world.flag(rule=rule, cadre="A2")
    place = world.flag(rule="discipline.asset_not_counted", org="E1")
    for flag_id, days, severity in ((one, 0, "notice"), (other, 1, "major"), (place, 2, "minor")):
        change(world, flag_id, occurred_on=day + timedelta(days=days), severity=severity)
    since = day.isoformat()

    def ids(**filters: str) -> list[int]:
        return [each for each, _why in waits(world, "supd2", since=since, **filters)]

    assert ids() == [other, place, one]
    assert ids(rule=rule) == [other, one]
    assert ids(institution="study") == []
    assert ids(institution="discipline", severity="notice") == [one]
    assert ids(cadre="A2") == [other]
    assert ids(organization="F1") == [other, place, one]
    assert ids(organization="E1") == [place]
    assert ids(organization="F1", severity="minor") == [place]
    later = (day + timedelta(days=1)).isoformat()
    assert [each for each, _why in waits(world, "supd2", since=later)] == [other, place]
    client, _token = world.by("supd2")
    for query in ("severity=grave", "cadre=nobody", "since=yesterday", "rule=x", "assigned=you"):
        answer: Any = client.get(f"/inbox?{query}", headers=JSON)
        assert (answer.status_code, answer.json["field"]) == (422, query.partition("=")[0])
        assert "message-warning" in client.get(f"/inbox?{query}").text
    for group in ("cadre", "rule", "organization"):
        assert "inbox-group" in page(world, "supd2", f"/inbox?since={since}&group={group}")


def test_a_filter_acts_on_what_was_seen_and_nothing_newer(world: World, clock: Clock) -> None:
    rule = "discipline.no_receipt"
    flags = [world.flag(rule=rule) for _each in range(3)]
    found = inbox(world, "sup1", rule=rule)
    assert [each["flag"] for each in found["flags"]] == flags
    clock.moment = at(DAY_0) + timedelta(hours=1)
    done(world, clock, "cadre1", flags[0], "explain")
    client, token = world.by("sup1")

    def bulk(verb: str, **form: str) -> Any:
        given = {"csrf_token": token, "text": "核实", **form}
        return client.post(f"/flags/bulk/{verb}", data=given, headers=JSON)

    query = urlencode({"rule": rule})
    for form, field in (
        ({"filter": query}, "seen_at"),
        ({"filter": query, "seen_at": "yesterday"}, "seen_at"),
        ({"filter": "severity=grave", "seen_at": found["seen_at"]}, "filter"),
        ({"filter": query, "seen_at": found["seen_at"], "text": " "}, "text"),
    ):
        answer = bulk("confirm", **form)
        assert (answer.status_code, answer.json["field"]) == (422, field)
    answer = bulk("confirm", filter=query, seen_at=found["seen_at"])
    assert answer.status_code == 200
    assert [each["flag"] for each in answer.json["done"]] == flags[1:]
    assert [each["flag"] for each in answer.json["refused"]] == flags[:1]
    again = bulk("confirm", filter=query, seen_at=inbox(world, "sup1", rule=rule)["seen_at"])
    assert [each["flag"] for each in again.json["done"]] == flags[:1]


def test_many_are_named_once_more_and_the_result_is_a_file(world: World, clock: Clock) -> None:
    rule = "discipline.asset_not_counted"
    flags = [world.flag(rule=rule, org="F1") for _each in range(2)]
    client, token = world.by("sup1")
    asked = {"csrf_token": token, "inbox": urlencode({"rule": rule}), "all": "1"}
    asking = client.post("/inbox/chosen/waive", data=asked)
    assert asking.status_code == 200
    tokens = re.findall(r'name="ids" value="([^"]+)"', asking.text)
    assert {int(each.split(":")[0]) for each in tokens} >= set(flags)
    done(world, clock, "sup1b", flags[0], "acknowledge")
    until = clock.moment.date().isoformat()
    form = {"csrf_token": token, "ids": tokens, "text": "停电", "until": until}
    answer = client.post("/flags/bulk/waive", data={**form, "inbox": "", "keep": "1"})
    assert answer.status_code == 200
    link = re.search(r'href="data:text/csv;charset=utf-8;base64,([^"]+)"', answer.text)
    assert link is not None
    rows = list(csv.reader(io.StringIO(base64.b64decode(link.group(1)).decode("utf-8-sig"))))
    found = {int(row[0]): row[2:] for row in rows[1:]}
    assert found[flags[1]] == ["已办理", "豁免"]
    assert found[flags[0]][0] == "未办理"
    assert "他人已先办理" in found[flags[0]][1]
    kept = world.session.scalars(sa.select(Phrase.text)).all()
    world.session.rollback()
    assert "停电" in kept


def test_own_phrases_are_for_their_owner(world: World, clock: Clock) -> None:
    flag_id = world.flag()
    done(world, clock, "sup1b", flag_id, "dismiss", text="查无此事", keep="1")
    assert "查无此事" in page(world, "sup1b", "/inbox/phrases")
    assert "查无此事" not in page(world, "sup2", "/inbox/phrases")
    client, token = world.by("sup2")
    phrase_id = world.session.scalar(sa.select(Phrase.id).where(Phrase.text == "查无此事"))
    world.session.rollback()
    drop = {"csrf_token": token}
    assert client.post(f"/inbox/phrases/{phrase_id}/drop", data=drop).status_code == 404
    owner, token = world.by("sup1b")
    drop = {"csrf_token": token}
    assert owner.post(f"/inbox/phrases/{phrase_id}/drop", data=drop).status_code == 303
    assert "查无此事" not in page(world, "sup1b", "/inbox/phrases")


def test_the_next_flag_comes_by_itself(world: World, clock: Clock) -> None:
    rule = "study.absent"
    first, second = (world.flag(rule=rule) for _each in range(2))
    query = urlencode({"rule": rule})
    shown = page(world, "sup1", f"/inbox?{query}&flag={first}")
    assert f'name="after" value="{second}"' in shown
    client, token = world.by("sup1")
    form = sent({"text": "属实"}, seen(world, first, clock), clock)
    form |= {"csrf_token": token, "inbox": query, "after": str(second)}
    answer = client.post(f"/flags/{first}/confirm", data=form)
    assert answer.status_code == 303
    assert answer.location == f"/inbox?{query}&flag={second}"
    # What is refused leads back to where it was seen, and an address of elsewhere nowhere.
    refused = client.post(f"/flags/{first}/confirm", data={**form, "once": "again"})
    assert refused.status_code == 409
    assert f"/inbox?rule={rule}&amp;flag={first}" in refused.text
    form |= {"inbox": "https://elsewhere.example/", "once": "third", "text": "再核"}
    form |= seen(world, first, clock)
    assert client.post(f"/flags/{first}/reopen", data=form).location.startswith("/inbox")


def test_flags_of_one_rule_place_and_day_are_one_group(world: World, clock: Clock) -> None:
    """Without any attendance row the group says so; with one it says what it has in common."""
    rule, day = "discipline.absent", date(2026, 2, 26)
    flags = [world.flag(rule=rule, cadre=code) for code in ("A1", "A2", "A5")]
    for flag_id in flags:
        change(world, flag_id, occurred_on=day)
    lacking = "F1总工会2026年2月26日没有考勤数据（3名干部）"
    shown = page(world, "sup1", f"/inbox?rule={rule}")
    assert lacking in shown
    of_group = urlencode({"rule": rule, "place": "F1", "day": day.isoformat()})
    group = page(world, "sup1", f"/inbox?{of_group}")
    assert lacking in group
    assert all(f"flag={flag_id}" in group for flag_id in flags)
    world.session.add(_attendance(world, "A4", day))
    world.session.commit()
    shown = page(world, "sup1", f"/inbox?rule={rule}")
    assert lacking not in shown
    assert "F1总工会，2026年2月26日（3个预警标记）" in shown
    client, token = world.by("sup1")
    asking = client.post(
        "/inbox/chosen/confirm", data={"csrf_token": token, "inbox": of_group, "all": "1"}
    )
    tokens = re.findall(r'name="ids" value="([^"]+)"', asking.text)
    form = {"csrf_token": token, "ids": tokens, "text": "考勤机故障已核实"}
    answer: Any = client.post("/flags/bulk/confirm", data=form, headers=JSON)
    assert sorted(each["flag"] for each in answer.json["done"]) == sorted(flags)


def _attendance(world: World, code: str, day: date) -> Attendance:
    cadre = world.session.get_one(Cadre, world.cadres[code])
    return Attendance(
        cadre=cadre,
        day=day,
        clock_out_next_day=False,
        district_id=cadre.organization.district_id,
        recorded_at=AT,
        source="import",
    )


def test_what_came_back_shows_how_it_was_decided_before(world: World, clock: Clock) -> None:
    rule = "meetings.federation_absent"
    earlier = world.flag(rule=rule, org="F1")
    done(world, clock, "sup1", earlier, "dismiss", text="会议改期")
    world.no_longer_active(earlier, DAY_0)
    later = world.flag(rule=rule, org="F1")
    change(world, later, previous_id=earlier, episode=2)
    assert waits(world, "sup1", rule=rule) == [(later, "came_back")]
    shown = page(world, "sup1", f"/inbox?rule={rule}")
    assert "会议改期" in shown
    assert f"/flags/{earlier}" in shown
    assert f"/flags/{later}" in page(world, "sup1", f"/flags/{earlier}")


STEPS: Mapping[str, str] = {
    "new": "请说明情况",
    "explained": "等待核查",
    "confirmed": "请认可或者申诉：含今天还剩31天",
    "accepted": "请报告整改情况",
    "reported": "等待核查",
}


def test_my_flags_say_what_comes_next(world: World, clock: Clock) -> None:
    flags = {name: world.flag(cadre="A6", rule="study.absent") for name in STEPS}
    done(world, clock, "cadre6", flags["explained"], "explain")
    for name in ("confirmed", "accepted", "reported"):
        done(world, clock, "sup1", flags[name], "confirm")
    for name in ("accepted", "reported"):
        done(world, clock, "cadre6", flags[name], "accept")
    done(world, clock, "cadre6", flags["reported"], "report_remedy")
    shown = page(world, "cadre6", "/my/flags")
    for name, words in STEPS.items():
        line = shown.split(f'href="/flags/{flags[name]}"')[1].split("</li>")[0]
        assert words in line, name
    # The menu counts what the page lists, three of them and what the rules over flags have raised.
    number = _told("我的预警", shown)
    assert number == _told("待我办理", shown) >= 3
    form = sent({"text": "说明"}, seen(world, flags["new"], clock), clock)
    client, token = world.by("cadre6")
    form |= {"csrf_token": token, "own": "1"}
    answer = client.post(f"/flags/{flags['new']}/explain", data=form)
    assert answer.location == "/my/flags"
    assert _told("我的预警", page(world, "cadre6", "/my/flags")) == number - 1


def _told(words: str, shown: str) -> int:
    """The number that stands behind some words."""
    [found] = re.findall(rf'{words} <span class="count">(\d+)</span>', shown)
    return int(found)


def test_a_chair_answers_for_the_organization(world: World, clock: Clock) -> None:
    flag_id = world.flag(org="E1", rule="study.session_missed")
    shown = page(world, "chair_e", "/my/flags")
    assert f'href="/flags/{flag_id}"' in shown
    assert "本人任主席的E1总工会" in shown
    secret = world.flag(org="E1", rule="discipline.conduct_unhandled", confidential=True)
    assert f'href="/flags/{secret}"' not in page(world, "chair_e", "/my/flags")
    assert f'href="/flags/{flag_id}"' not in page(world, "cadre1", "/my/flags")
