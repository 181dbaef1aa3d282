"""The circuit breaker: a disastrous rule is held, everything else goes on, and a person decides."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.flags.conftest import NOW, District
from tests.flags.published import LOCAL, UNAPPROVED, publish, text_of
from tiesan.audit import COMMAND_LINE, AuditEntry
from tiesan.engine.deciding import Engine
from tiesan.errors import UserError
from tiesan.flags.evaluation import Outcome
from tiesan.flags.evaluation.guarding import MOST_RUNS
from tiesan.flags.halts import RuleHalt, let_go
from tiesan.flags.services import set_parameter
from tiesan.people.models import Cadre, Organization
from tiesan.records.pending import PendingEvaluation
from tiesan.records.settings import RuleParameterValue
from tiesan.rules import NotEvaluated, Verdicts

DAY = date(2026, 3, 31)
FIRST = date(2026, 3, 5)


def crowd(district: District, number: int, spending: int) -> None:
    """A district of some cadres, of whom some have spent 150.00 each."""
    session = district.session
    place = session.scalars(select(Organization).filter_by(code="F1")).one()
    for at in range(number - 2):
        session.add(
            Cadre(
                code=f"N{at:03}",
                name=f"N{at}",
                organization_id=place.id,
                professional=False,
                joined_on=date(2000, 1, 1),
            )
        )
    session.commit()
    for at in range(spending):
        district.expense(f"X{at:03}", 150_00, cadre=f"N{at:03}")


def held(outcome: Outcome) -> list[str]:
    return [each.rule for _district, each in outcome.not_evaluated]


def of_rule(district: District, rule: str) -> int:
    return len([name for name, _key in district.names() if name == rule])


def halts(district: District) -> list[tuple[str, str, int, int]]:
    rows = district.session.scalars(select(RuleHalt).order_by(RuleHalt.rule))
    return [(each.rule, each.kind, each.subjects, each.among) for each in rows]


@pytest.mark.parametrize(
    ("number", "spending", "is_held"),
    [(50, 11, True), (50, 10, False), (20, 10, True), (20, 9, False)],
)
def test_a_change_is_held_above_a_fifth_and_from_ten_on(
    district: District, number: int, spending: int, is_held: bool
) -> None:
    crowd(district, number, spending)
    district.evaluate(DAY)
    publish(district.session, text_of(LOCAL, least=100), FIRST)
    outcome = district.evaluate(DAY)
    assert (LOCAL in held(outcome)) is is_held
    assert of_rule(district, LOCAL) == (0 if is_held else spending)
    assert halts(district) == ([(LOCAL, "held", spending, number)] if is_held else [])


def test_a_disastrous_rule_is_held_while_all_else_goes_on_until_somebody_confirms(
    district: District,
) -> None:
    crowd(district, 20, 15)
    district.evaluate(DAY)
    publish(district.session, text_of(LOCAL, least=1), FIRST)
    district.expense("Y1", 300_00)
    outcome = district.evaluate(DAY)
    assert LOCAL in held(outcome)
    assert of_rule(district, UNAPPROVED) == 1
    # A saved record of somebody does not let it through.
    assert district.touch(district.expense("Y2", 300_00), DAY) == 1
    assert of_rule(district, LOCAL) == 0
    [halt] = district.session.scalars(select(RuleHalt)).all()
    assert (halt.subjects, halt.among, len(halt.flags)) == (16, 20, 16)
    let_go(COMMAND_LINE, district.session, halt, at=NOW)
    district.session.commit()
    assert held(district.evaluate(DAY)) == []
    assert of_rule(district, LOCAL) == 17
    entry = district.session.scalars(select(AuditEntry).filter_by(verb="let go")).one()
    assert entry.object_code == LOCAL
    with pytest.raises(UserError):
        let_go(COMMAND_LINE, district.session, halt, at=NOW)
    # What was confirmed was that rule: changed once more, it is held once more.
    publish(district.session, text_of(UNAPPROVED, least=1), FIRST)
    assert UNAPPROVED in held(district.evaluate(DAY))
    assert (of_rule(district, LOCAL), of_rule(district, UNAPPROVED)) == (17, 2)


def test_a_record_saved_in_between_is_not_judged_by_what_changed(district: District) -> None:
    crowd(district, 20, 15)
    district.evaluate(DAY)
    publish(district.session, text_of(LOCAL, least=1), FIRST)
    # All other rules judge what is saved, and nothing of it is left to be tried again.
    assert district.touch(district.expense("Y1", 300_00), DAY) == 1
    assert (of_rule(district, UNAPPROVED), of_rule(district, LOCAL)) == (1, 0)
    waiting = district.session.scalars(select(PendingEvaluation)).all()
    assert [(each.kind, each.whole, each.attempts) for each in waiting] == [("rules", True, 0)]
    assert LOCAL in held(district.evaluate(DAY))
    assert of_rule(district, LOCAL) == 0


def test_a_changed_rule_says_nothing_of_its_flags_until_the_whole_district_is_judged(
    district: District,
) -> None:
    crowd(district, 20, 0)
    row = district.expense("Y1", 300_00)
    district.evaluate(DAY)
    publish(district.session, text_of(UNAPPROVED, least=1000), FIRST)
    assert district.touch(row, DAY) == 0
    # Neither cleared by the new text nor found again by the old one.
    assert of_rule(district, UNAPPROVED) == 1
    assert district.evaluate(DAY).not_evaluated == []
    assert of_rule(district, UNAPPROVED) == 0
    assert district.touch(district.expense("Y2", 1500_00), DAY) == 1


def test_a_parameter_is_held_like_a_rule_and_gone_when_it_is_taken_back(
    district: District,
) -> None:
    crowd(district, 20, 15)
    session, catalog = district.session, district.task(DAY).catalog
    district.evaluate(DAY)
    values = {"rule": UNAPPROVED, "name": "threshold", "valid_from": FIRST, "now": NOW}
    set_parameter(COMMAND_LINE, session, catalog, value="100", **values)  # type: ignore[arg-type]
    assert UNAPPROVED in held(district.evaluate(DAY))
    row = session.scalars(select(RuleParameterValue)).one()
    session.delete(row)
    assert held(district.evaluate(DAY)) == []
    assert halts(district) == []


def test_records_and_a_first_evaluation_hold_nothing(district: District) -> None:
    crowd(district, 20, 15)
    publish(district.session, text_of(LOCAL, least=100), FIRST)
    assert held(district.evaluate(DAY)) == []
    assert of_rule(district, LOCAL) == 15
    for at in range(16):
        district.expense(f"Z{at}", 900_00, cadre=f"N{at:03}")
    assert held(district.evaluate(DAY)) == []
    assert of_rule(district, UNAPPROVED) == 16


def test_what_fails_in_run_after_run_is_off_until_somebody_lets_it_go(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(district, 20, 1)
    district.evaluate(DAY)
    publish(district.session, text_of(LOCAL, least=100), FIRST)
    decide = type(district.engine).decide
    broken = True

    def failing(self: Engine, *asked: Any) -> Verdicts:
        verdicts = decide(self, *asked)
        if broken:
            for name in [each for each in verdicts.hits if each.startswith(LOCAL)]:
                del verdicts.hits[name]
                verdicts.not_evaluated.append(NotEvaluated(name, "all facts", "no answer"))
        return verdicts

    monkeypatch.setattr(type(district.engine), "decide", failing)
    for run in range(1, MOST_RUNS + 1):
        assert LOCAL in held(district.evaluate(DAY + timedelta(days=run)))
        [halt] = district.session.scalars(select(RuleHalt)).all()
        assert (halt.runs, halt.kind) == (run, "off" if run == MOST_RUNS else "failing")
    broken = False
    assert LOCAL in held(district.evaluate(DAY + timedelta(days=8)))
    [halt] = district.session.scalars(select(RuleHalt)).all()
    let_go(COMMAND_LINE, district.session, halt, at=NOW)
    assert held(district.evaluate(DAY + timedelta(days=9))) == []
    assert (of_rule(district, LOCAL), halts(district)) == (1, [])
