"""The rules of efficiency on stored records: raised, and cleared when the records are corrected."""

from datetime import date

from plugins.efficiency.models import Task
from tiesan.people.models import Organization
from tiesan.testing.stage import Stage

ASSIGNED = date(2026, 3, 2)
DUE = date(2026, 3, 20)
AS_OF = date(2026, 3, 31)


def assign(stage: Stage, code: str, **changed: object) -> Task:
    """Store a task that was done as it should be, but for what is changed."""
    given = {
        "organization": "F1",
        "owner": "C1",
        "goal": "发展会员一百名",
        "measures": "逐户走访",
        "assigned_on": ASSIGNED,
        "started_on": ASSIGNED,
        "due_on": DUE,
        "completed_on": DUE,
    }
    return stage.store(Task, code=code, **(given | changed))


def test_every_rule_is_raised_and_cleared(stage: Stage) -> None:
    stage.people(date(2026, 3, 1))
    assign(stage, "T0")
    unclear = assign(stage, "T1", measures=None)
    # Completing is no starting.
    unstarted = assign(stage, "T2", started_on=None)
    overdue = assign(stage, "T3", completed_on=date(2026, 3, 21))
    raised = stage.evaluate(AS_OF)
    assert raised == {
        ("task_unclear", "F1", "T1", ASSIGNED),
        ("task_not_started", "F1", "T2", date(2026, 3, 5)),
        ("task_overdue", "F1", "T3", DUE),
    }
    assert {name for name, *_rest in raised} == stage.rules()
    stage.change(unclear, measures="逐户走访")
    stage.change(unstarted, started_on=date(2026, 3, 5))
    stage.change(overdue, completed_on=DUE)
    assert stage.evaluate(AS_OF) == set()
    assert stage.cleared() == {(name, "condition") for name in stage.rules()}


def test_the_database_refuses_what_cannot_be(stage: Stage) -> None:
    stage.people(date(2026, 3, 1))
    task = assign(stage, "T1")
    # A task is the organization's; its owner answers for none of these flags.
    assert task.subjects().organizations == {"F1"}
    assert task.subjects().cadres == frozenset()
    values = {"organization_id": stage.id_of(Organization, "F1"), "assigned_on": ASSIGNED}
    assert stage.refused(Task(code="T1", due_on=DUE, **values))
    assert stage.refused(Task(code="T2", **values))
    assert stage.refused(Task(code="T2", due_on=DUE, goal="", **values))
    assert stage.refused(Task(code="T2", due_on=DUE, owner_id=999, **values))
    # Planned dates may lie anywhere: rules judge them.
    assert not stage.refused(Task(code="T2", due_on=date(2026, 1, 1), **values))
