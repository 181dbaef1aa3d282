"""The rules of innovation on stored records: raised, and cleared when the records are corrected."""

from datetime import date

from plugins.discipline.models import PostCheck
from plugins.innovation.models import Award, Innovation
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Concerned
from tiesan.testing.stage import Stage

LAST = date(2026, 12, 31)
NOMINATED = date(2026, 12, 1)


def test_every_rule_is_raised_and_cleared(stage: Stage) -> None:
    stage.people(date(2026, 1, 1))
    adopted = stage.store(
        Innovation,
        code="L1",
        organization="E1",
        title="职工书屋",
        proposed_on=date(2026, 2, 2),
        adopted_on=date(2026, 3, 1),
    )
    check = stage.store(
        PostCheck, code="J1", cadre="C1", checked_on=date(2026, 3, 5), on_post=False
    )
    for code, cadre in (("W1", "C1"), ("W2", "C2")):
        stage.store(Award, code=code, cadre=cadre, nominated_on=NOMINATED)
    stage.store(Award, code="W3", organization="F1", nominated_on=NOMINATED)
    raised = stage.evaluate(LAST)
    assert raised == {
        ("none", "F1", "2026", LAST),
        ("no_result", "E1", "L1", LAST),
        ("award_ineligible", "C1", "W1", NOMINATED),
    }
    assert {name for name, *_rest in raised} == stage.rules()
    values = {"organization": "F1", "title": "流动讲堂", "proposed_on": LAST}
    stage.store(Innovation, code="L2", **values)
    stage.change(adopted, result_on=LAST)
    # A flag that is gone counts no more.
    stage.change(check, on_post=True)
    assert stage.evaluate(LAST) == set()
    assert stage.cleared() == {(name, "condition") for name in stage.rules()}


def test_the_database_refuses_what_cannot_be(stage: Stage) -> None:
    stage.people(date(2026, 1, 1))
    values = {"organization": "F1", "title": "流动讲堂", "proposed_on": LAST}
    innovation = stage.store(Innovation, code="L1", **values)
    award = stage.store(
        Award, code="W1", cadre="C1", organization="E1", innovation=innovation, nominated_on=LAST
    )
    assert innovation.subjects().organizations == {"F1"}
    assert award.subjects() == Concerned(frozenset({"C1"}), frozenset({"E1"}))
    cadre, where = stage.id_of(Cadre, "C1"), stage.id_of(Organization, "F1")
    given = {"code": "W2", "nominated_on": NOMINATED}
    assert stage.refused(Award(**given))
    assert stage.refused(Award(cadre_id=cadre, innovation_id=999, **given))
    assert not stage.refused(Award(cadre_id=cadre, **given))
    assert not stage.refused(Award(organization_id=where, **given))
    proposed = {"organization_id": where, "proposed_on": LAST}
    assert stage.refused(Innovation(code="L1", title="又一", **proposed))
    assert stage.refused(Innovation(code="L2", **proposed))
