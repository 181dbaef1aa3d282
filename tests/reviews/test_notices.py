"""Rectification notices by HTTP: who, from where, to where, and what becomes of their flags."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.reviews.conftest import Clock
from tests.reviews.following import DUE, Office
from tests.reviews.world import DAY_0, World, at
from tiesan.audit import AuditEntry
from tiesan.flags.follow_up import NoticeFinding
from tiesan.flags.models import FlagEvent


@pytest.fixture
def office(world: World, clock: Clock) -> Office:
    return Office(world, clock)


def verbs_of(office: Office, flag_id: int) -> list[str]:
    """What people have done with a flag, oldest first."""
    found = sa.select(FlagEvent.verb).where(FlagEvent.flag_id == flag_id).order_by(FlagEvent.id)
    verbs = list(office.world.session.scalars(found))
    office.world.session.rollback()
    return verbs[1:]


def test_a_notice_goes_its_way_and_its_flags_with_it(office: Office) -> None:
    one, other = office.confirmed(), office.confirmed()
    notice = office.issued(one, other)
    found = office.notice(notice)
    assert found["flags"] == [one, other]
    assert found["number"].startswith("D1督〔2026〕")
    assert (found["subject"], found["colour"], found["due_on"]) == ("A1", "blue", DUE)
    assert office.notice(notice, "cadre1")["verbs"] == ["receive"]
    assert office.acts("cadre1", notice, "answer") == 409
    assert office.acts("cadre1", notice, "receive", text="") == 200
    assert office.acts("cadre1", notice, "answer", text=" ") == 422
    assert office.acts("cadre1", notice, "answer", text="已补登") == 200
    assert office.notice(notice)["colour"] is None
    assert [verbs_of(office, each) for each in (one, other)] == [["confirm", "report_remedy"]] * 2
    assert office.acts("sup1", notice, "return", due_on="2026-03-31") == 200
    found = office.notice(notice)
    assert (found["state"], found["due_on"], found["colour"]) == ("returned", "2026-03-31", "blue")
    assert office.acts("sup1", notice, "accept") == 409
    assert office.acts("cadre1", notice, "answer") == 200
    assert office.acts("sup1b", notice, "accept", text="整改到位") == 200
    found = office.notice(notice)
    assert (found["state"], found["flags"]) == ("accepted", [])
    assert set(found["left"].values()) == {"remedied"}
    assert [each["verb"] for each in found["events"]] == [
        "issue", "receive", "answer", "return", "answer", "accept",
    ]  # fmt: skip
    assert [office.review(each) for each in (one, other)] == ["remedied"] * 2
    entries = sa.select(AuditEntry.verb).where(
        AuditEntry.object_kind == "notice", AuditEntry.object_id == notice
    )
    kept = list(office.world.session.scalars(entries.order_by(AuditEntry.id)))
    office.world.session.rollback()
    assert kept == ["issue", "receive", "answer", "return", "answer", "accept"]


# Who may what, of a notice on the cadre A1, in the state in which it could be done.
ACTORS = {
    "sup1b": {"receive": 409, "answer": 409, "accept": 200, "return": 200, "revoke": 409},
    "cadre1": {"receive": 200, "answer": 200, "accept": 409, "return": 409, "revoke": 409},
    "adm_f1": {"receive": 409, "answer": 409, "accept": 409, "return": 409, "revoke": 409},
    # Who does not see it is answered alike, whatever the verb.
    "chair1": {"receive": 404},
    "sup2": {"answer": 404},
    "aud1": {"accept": 404},
    "supx": {"return": 404},
}
# By which verbs a notice comes to a state.
WAYS: dict[str, tuple[tuple[str, str], ...]] = {
    "issued": (),
    "received": (("cadre1", "receive"),),
    "answered": (("cadre1", "receive"), ("cadre1", "answer")),
    "returned": (("cadre1", "receive"), ("cadre1", "answer"), ("sup1", "return")),
    "accepted": (("cadre1", "receive"), ("cadre1", "answer"), ("sup1", "accept")),
}
FITTING = {
    "receive": {"issued"},
    "answer": {"received", "returned"},
    "accept": {"answered"},
    "return": {"answered"},
    "revoke": set[str](),
}


@pytest.mark.parametrize("state", WAYS)
def test_each_verb_from_each_state_by_each_actor(office: Office, state: str) -> None:
    """Whom it does not fit, and where it does not fit, is refused, and nothing is changed."""
    notice = office.issued(office.confirmed())
    for who, verb in WAYS[state]:
        assert office.acts(who, notice, verb, due_on=DUE) == 200
    seen = office.as_seen(notice)
    for who, allowed in ACTORS.items():
        shown = office.notice(notice, who)
        offered = [] if shown is None else shown["verbs"]
        for verb, status in allowed.items():
            assert (verb in offered) is (status == 200 and state in FITTING[verb])
            if verb in offered:
                continue
            form = {"text": "已办", "due_on": DUE, **seen}
            answer = office.post(who, f"/notices/{notice}/{verb}", form)
            assert answer.status_code == (409 if status == 200 else status), (who, verb)
            assert answer.json["error"]
    assert office.notice(notice)["state"] == state


def test_each_way_of_being_refused(office: Office) -> None:
    notice = office.issued(office.confirmed())
    form = {"text": "", **office.as_seen(notice)}
    address = f"/notices/{notice}/receive"
    stranger = office.world.app.test_client()
    assert (
        stranger.post(address, data=form, headers={"Accept": "application/json"}).status_code == 401
    )
    assert stranger.post(address, data=form).status_code == 403
    assert office.post("cadre1", address, {**form, "csrf_token": "x"}).status_code == 400
    assert office.post("cadre1", "/notices/999999/receive", form).status_code == 404
    assert office.post("cadre1", f"/notices/{notice}/dance", form).status_code == 404
    for field in ("seen_state", "seen_version", "seen_events"):
        answer = office.post("cadre1", address, {**form, field: ""})
        assert (answer.status_code, answer.json["field"]) == (422, field)
        answer = office.post("cadre1", address, {**form, field: "7"})
        assert answer.status_code == 409, field
    # The same form sent twice acts once and answers alike.
    twice = {**form, "once": "the same"}
    answers = [office.post("cadre1", address, twice) for _each in range(2)]
    assert [each.json for each in answers] == [{"notice": notice, "state": "received"}] * 2
    assert len(office.notice(notice)["events"]) == 2
    page = office.post("cadre1", address, form, headers={})
    assert page.status_code == 409
    assert "督办单" in page.text


def test_what_a_notice_can_be_made_of(office: Office) -> None:
    ours, open_one = office.confirmed(), office.world.flag()
    other, elsewhere = office.confirmed(cadre="A2"), office.confirmed(by="sup2", cadre="A3")
    secret = office.confirmed(by="aud1", confidential=True)
    marked, gone = office.confirmed(), office.confirmed()
    office.world.new_evidence(marked, DAY_0)
    office.world.no_longer_active(gone, DAY_0)
    assert office.issues("sup1", ours, elsewhere).status_code == 404
    assert office.issues("sup1", ours, 999_999).status_code == 404
    assert office.issues("sup1", ours, secret).status_code == 404
    assert office.issues("cadre1", ours).status_code == 409
    assert office.issues("adm", ours).status_code == 409
    for refused in ((ours, open_one), (ours, other), (marked,), (gone,)):
        assert office.issues("sup1", *refused).status_code == 409
    # Who reviews both of a cadre still makes two notices of what is secret and what is not.
    assert office.issues("supd", ours, secret).status_code == 409
    for given, field in (
        ({"flags": []}, "flags"),
        ({"flags": ["nothing"]}, "flags"),
        ({"text": " "}, "text"),
        ({"text": "字" * 2001}, "text"),
        ({"due_on": ""}, "due_on"),
        ({"due_on": (DAY_0 - timedelta(days=1)).isoformat()}, "due_on"),
        ({"due_on": (DAY_0 + timedelta(days=367)).isoformat()}, "due_on"),
    ):
        answer = office.issues("sup1", ours, **given)
        assert (answer.status_code, answer.json["field"]) == (422, field), given
    # By person before anything is looked at that is given.
    assert office.issues("cadre1", ours, text="").status_code == 409
    notice = office.issued(ours)
    assert office.issues("sup1b", ours).status_code == 409
    assert office.notice(notice)["flags"] == [ours]


def test_the_database_holds_one_unfinished_notice_for_each_flag(office: Office) -> None:
    flag = office.confirmed()
    office.issued(flag)
    second = office.issued(office.confirmed())
    session = office.world.session
    values = {"message_zh": "", "message_en": "", "clause_zh": "", "clause_en": ""}
    row = NoticeFinding(notice_id=second, flag_id=flag, occurred_on=DAY_0, **values)
    session.add(row)
    with pytest.raises(sa.exc.IntegrityError, match="notice_finding"):
        session.flush()
    session.rollback()


LEAVING: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("sup1", "reopen", {}),
    ("sup1", "remedy", {}),
    ("cadre1", "appeal", {}),
)


@pytest.mark.parametrize(("who", "verb", "given"), LEAVING)
def test_a_flag_that_is_no_longer_confirmed_leaves_and_the_last_one_revokes(
    office: Office, who: str, verb: str, given: dict[str, Any]
) -> None:
    one, other = office.confirmed(), office.confirmed()
    notice = office.issued(one, other)
    number = office.notice(notice)["number"]
    assert office.does(who, one, verb, **given) == 200
    found = office.notice(notice)
    assert (found["state"], found["flags"]) == ("issued", [other])
    assert office.does(who, other, verb, **given) == 200
    found = office.notice(notice)
    assert (found["state"], found["flags"], found["number"]) == ("revoked", [], number)
    last = found["events"][-1]
    assert (last["verb"], last["actor"], last["from"]) == ("revoke", "", "issued")
    assert found["verbs"] == []
    assert office.acts("cadre1", notice, "receive") == 409


def test_a_flag_that_comes_back_to_confirmed_is_for_another_notice(office: Office) -> None:
    flag = office.confirmed()
    first = office.issued(flag)
    assert office.does("cadre1", flag, "appeal") == 200
    assert office.does("sup1b", flag, "uphold") == 200
    assert office.review(flag) == "confirmed"
    assert office.notice(first)["state"] == "revoked"
    second = office.issued(flag)
    numbers = [office.notice(each)["number"] for each in (first, second)]
    assert [int(each.rpartition("〕")[2].removesuffix("号")) for each in numbers] == [
        int(numbers[0].rpartition("〕")[2].removesuffix("号")) + step for step in range(2)
    ]


def test_one_flag_that_refuses_its_remedy_refuses_the_whole(office: Office) -> None:
    one, other = office.confirmed(), office.confirmed()
    notice = office.issued(one, other)
    office.acts("cadre1", notice, "receive")
    office.acts("cadre1", notice, "answer")
    office.world.new_evidence(other, DAY_0)
    assert office.acts("sup1", notice, "accept") == 409
    assert (office.review(one), office.review(other)) == ("confirmed", "confirmed")
    assert office.notice(notice)["state"] == "answered"
    assert office.does("sup1", other, "keep") == 200
    # What no longer holds is left as it is, and the notice says so.
    office.world.no_longer_active(one, DAY_0)
    assert office.acts("sup1", notice, "accept") == 200
    assert (office.review(one), office.review(other)) == ("confirmed", "remedied")
    assert office.notice(notice)["left"] == {str(one): "inactive", str(other): "remedied"}


def test_a_reviewer_stands_in_for_who_cannot_sign_in_and_for_nobody_else(office: Office) -> None:
    notice = office.issued(office.confirmed(cadre="A2"))
    assert office.acts("sup1", notice, "receive") == 200
    assert office.acts("sup1", notice, "answer") == 200
    assert {each["capacity"] for each in office.notice(notice)["events"][1:]} == {"stand_in"}
    # Nobody issues, accepts or returns what is about themself, whatever their roles.
    flag = office.world.flag(cadre="A4")
    assert office.does("sup1", flag, "confirm") == 200
    assert office.issues("multi", flag).status_code == 409
    notice = office.issued(flag)
    for verb in ("receive", "answer"):
        assert office.acts("multi", notice, verb) == 200
    for verb in ("accept", "return"):
        assert office.acts("multi", notice, verb, due_on=DUE) == 409


def test_an_organization_s_chair_is_addressed_and_barred(office: Office) -> None:
    flag = office.confirmed(by="sup2", org="F2", rule="efficiency.task_unclear")
    # supd2 supervises the district and chairs F2.
    assert office.issues("supd2", flag).status_code == 409
    notice = office.issued(flag, who="sup2")
    assert office.acts("supd2", notice, "receive", witness="sup2") == 200
    assert office.acts("supd2", notice, "answer", witness="sup2") == 200
    assert office.acts("supd2", notice, "accept", witness="sup2") == 409
    assert office.acts("supd", notice, "accept", witness="sup2") == 200


def test_what_is_secret_stays_with_who_reviews_it(office: Office) -> None:
    """Whom it is about, whom its evidence names, their supervisor: nobody of them learns of it."""
    flag = office.confirmed(by="aud1", confidential=True, named=("A5",))
    notice = office.issued(flag, who="aud1")
    number = office.notice(notice, "aud1")["number"]
    for who in ("cadre1", "cadre5", "sup1", "adm", "adm_f1", "chair1"):
        assert office.get(who, f"/notices/{notice}").status_code == 404
        assert office.get(who, f"/notices/{notice}/print", page=True).status_code == 404
        assert office.acts(who, notice, "receive", witness="aud1") == 404
        for address in ("/notices/", "/", "/audit/", "/notices/export/csv/"):
            assert number not in office.get(who, address, page=True).text, (who, address)
    looks = sa.select(sa.func.count()).where(
        AuditEntry.verb == "look", AuditEntry.object_kind == "flag", AuditEntry.object_id == flag
    )
    before = office.world.session.scalar(looks)
    office.world.session.rollback()
    assert number in office.get("supd", "/notices/", page=True).text
    assert number in office.get("supd", "/notices/export/csv/", page=True).text
    after = office.world.session.scalar(looks)
    office.world.session.rollback()
    assert (before or 0) < (after or 0)
    for verb in ("receive", "answer"):
        assert office.acts("supd", notice, verb, witness="aud1") == 200
    assert office.acts("aud1b", notice, "accept", witness="aud1") == 200


def test_pages_say_colour_and_number_in_words(office: Office) -> None:
    flag, further = office.confirmed(cadre="A6"), office.confirmed(cadre="A6")
    form = office.get("sup1", f"/notices/new?flags={flag}", page=True)
    assert form.status_code == 200
    assert f'value="{flag}" checked' in form.text
    assert f'value="{further}">' in form.text
    assert office.get("cadre6", f"/notices/new?flags={flag}", page=True).status_code == 409
    assert office.get("sup2", f"/notices/new?flags={flag}", page=True).status_code == 404
    assert f"/notices/new?flags={flag}" in office.get("sup1", f"/flags/{flag}", page=True).text
    answer = office.post("sup1", "/notices/new", {"flags": str(flag), "text": ""}, headers={})
    assert answer.status_code == 422
    assert "field-error" in answer.text
    due = (DAY_0 + timedelta(days=1)).isoformat()
    notice = office.issued(flag, due_on=due, text="三日内补登日志")
    number = office.notice(notice)["number"]
    for who, address in (
        ("sup1", "/notices/?flt_colour=yellow"),
        ("sup1", f"/notices/?search={number}"),
        ("sup1", f"/notices/{notice}"),
        ("sup1", f"/flags/{flag}"),
        ("cadre6", "/"),
    ):
        text = office.get(who, address, page=True).text
        assert number in text, address
        assert "临期（黄）" in text, address
    assert number not in office.get("sup1", "/notices/?flt_colour=red", page=True).text
    assert number not in office.get("sup1", "/", page=True).text
    sheet = office.get("cadre6", f"/notices/{notice}/print", page=True).text
    for said in (number, "三日内补登日志", "查岗时不在岗", "一、发现的问题", "D1总工会"):
        assert said in sheet
    office.clock.moment = at(DAY_0 + timedelta(days=2))
    for who in ("sup1", "cadre6"):
        home = office.get(who, "/", page=True).text
        assert number in home
        assert "超期（红）" in home
    assert number not in office.get("sup2", "/", page=True).text


def test_administrators_set_what_numbers_begin_with(office: Office) -> None:
    def sets(who: str, prefix: str, district: str = "D1") -> int:
        form = {"district": district, "prefix": prefix}
        return int(office.post(who, "/notices/prefix", form, headers={}).status_code)

    before = office.issued(office.confirmed())
    kept = office.notice(before)["number"]
    for who in ("sup1", "supd", "adm_f1", "cadre1"):
        assert sets(who, "铁督") == 404
    assert sets("adm", "铁督") == 303
    assert office.notice(office.issued(office.confirmed()))["number"].startswith("铁督〔2026〕")
    assert office.notice(before)["number"] == kept
    # Two districts never number alike; nothing is no prefix.
    for refused in ("铁督", " ", "字" * 11):
        assert sets("adm", refused, "D2") == 303
    assert sets("adm", "D1督") == 303
    assert office.notice(office.issued(office.confirmed()))["number"].startswith("D1督〔2026〕")


def test_a_number_begins_anew_with_the_year(office: Office) -> None:
    office.clock.moment = at(date(2031, 1, 4))
    flags = [office.confirmed() for _each in range(2)]
    numbers = [office.notice(office.issued(each, due_on="2031-02-01"))["number"] for each in flags]
    assert numbers == ["D1督〔2031〕1号", "D1督〔2031〕2号"]
