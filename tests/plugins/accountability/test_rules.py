"""The rules of accountability on stored records: raised, and cleared by corrections."""

from datetime import date

from plugins.accountability.models import AccountabilityCase, Mistake, ResponsibilityLetter
from plugins.discipline.models import PostCheck
from tiesan.people.models import Cadre
from tiesan.testing.stage import Stage

JANUARY_31 = date(2026, 1, 31)
REPORTED = date(2026, 3, 2)
AS_OF = date(2026, 3, 31)
CHECKED = (date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 5))


def test_every_rule_is_raised_and_cleared(stage: Stage) -> None:
    stage.people(date(2026, 1, 1))
    # In post from December 31 on, so that the letter is owed; the day's log is not looked at here.
    stage.cadre("C3", professional=True, joined_on=date(2025, 12, 31))
    days = {"occurred_on": REPORTED, "reported_on": REPORTED}
    mistake = stage.store(Mistake, code="Z1", cadre="C2", level="major", **days)
    stage.store(Mistake, code="Z2", cadre="C2", level="minor", **days)
    case = stage.store(AccountabilityCase, code="A1", cadre="C2", opened_on=date(2026, 2, 1))
    checks = [
        stage.store(PostCheck, code=f"J{day.day}", cadre="C1", checked_on=day, on_post=False)
        for day in CHECKED
    ]
    raised = stage.evaluate(AS_OF)
    violations = {each for each in raised if each[1] == "C3" and each[0] == "repeat_violations"}
    assert raised - violations == {
        ("letter_missing", "C3", "2026", JANUARY_31),
        # Ten working days after Monday, March 2; thirty days after February 1.
        ("mistake_unpursued", "F1", "Z1", date(2026, 3, 16)),
        ("case_overdue", "F1", "A1", date(2026, 3, 3)),
        ("repeat_violations", "C1", "2026", CHECKED[-1]),
    }
    # Absent since January, C3 has serious flags of discipline as well.
    assert len(violations) == 1
    assert {name for name, *_rest in raised} == stage.rules()
    stage.store(ResponsibilityLetter, code="R1", cadre="C3", year=2026, signed_on=JANUARY_31)
    pursued = {"mistake": mistake, "cadre": "C1", "opened_on": date(2026, 3, 16)}
    stage.store(AccountabilityCase, code="A2", **pursued)
    stage.change(case, decided_on=date(2026, 3, 3))
    stage.change(checks[0], on_post=True)
    assert stage.evaluate(AS_OF) == violations
    assert stage.cleared() == {(name, "condition") for name in stage.rules()}


def test_the_database_refuses_what_cannot_be(stage: Stage) -> None:
    stage.people(date(2026, 1, 1))
    days = {"occurred_on": REPORTED, "reported_on": REPORTED}
    mistake = stage.store(Mistake, code="Z1", cadre="C2", level="major", **days)
    case = stage.store(
        AccountabilityCase, code="A1", cadre="C1", mistake=mistake, opened_on=REPORTED
    )
    # The case speaks of two cadres: whom it is against, and whose mistake it pursues.
    assert case.subjects().cadres == {"C1", "C2"}
    assert case.subjects().organizations == {"F1"}
    cadre = stage.id_of(Cadre, "C1")
    assert stage.refused(Mistake(code="Z1", cadre_id=cadre, level="minor", **days))
    assert stage.refused(Mistake(code="Z2", cadre_id=cadre, level="grave", **days))
    letter = {"code": "R1", "cadre_id": cadre, "signed_on": REPORTED}
    assert stage.refused(ResponsibilityLetter(year=1899, **letter))
    assert not stage.refused(ResponsibilityLetter(year=2026, **letter))
    opened = {"code": "A2", "cadre_id": cadre, "opened_on": REPORTED}
    assert stage.refused(AccountabilityCase(mistake_id=999, **opened))
    assert not stage.refused(AccountabilityCase(**opened))
