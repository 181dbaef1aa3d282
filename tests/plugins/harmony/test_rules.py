"""The rule of harmony on stored records: raised, and cleared when the record is corrected."""

from datetime import date

from plugins.harmony.models import Conflict
from tiesan.testing.stage import Stage

OPENED = date(2026, 3, 1)
DEADLINE = date(2026, 3, 16)
AS_OF = date(2026, 3, 31)


def test_every_rule_is_raised_and_cleared(stage: Stage) -> None:
    stage.people(date(2026, 3, 1))
    conflict = stage.store(Conflict, code="H1", organization="F1", opened_on=OPENED)
    raised = stage.evaluate(AS_OF)
    assert raised == {("conflict_unmediated", "F1", "H1", DEADLINE)}
    assert {name for name, *_rest in raised} == stage.rules()
    stage.change(conflict, mediated_on=DEADLINE)
    assert stage.evaluate(AS_OF) == set()
    assert stage.cleared() == {("conflict_unmediated", "condition")}


def test_the_database_refuses_a_second_code_and_an_empty_one(stage: Stage) -> None:
    stage.people(date(2026, 3, 1))
    conflict = stage.store(Conflict, code="H1", organization="F1", opened_on=OPENED)
    assert conflict.subjects().organizations == {"F1"}
    assert conflict.subjects().cadres == frozenset()
    where = stage.id_of(type(conflict.organization), "F1")
    stage.void(conflict)
    assert stage.refused(Conflict(code="H1", organization_id=where, opened_on=OPENED))
    assert stage.refused(Conflict(code="", organization_id=where, opened_on=OPENED))
    assert not stage.refused(Conflict(code="H2", organization_id=where, opened_on=OPENED))
