"""The rules of research on stored records: raised, and cleared when the records are corrected."""

from datetime import date

from plugins.research.models import InfoReport, ResearchPaper
from tiesan.people.models import Cadre
from tiesan.testing.stage import Stage

LAST = date(2026, 12, 31)


def test_every_rule_is_raised_and_cleared(stage: Stage) -> None:
    stage.people(date(2026, 1, 1), professional=True)
    for month in (each for each in range(1, 13) if each != 3):
        stage.store(
            InfoReport,
            code=f"I{month}",
            cadre="C1",
            submitted_on=date(2026, month, 1),
            title="信息",
        )
    # A paper too early for the year, and one of somebody else.
    for code, cadre, day in (("P1", "C1", date(2025, 12, 31)), ("P2", "C2", LAST)):
        stage.store(ResearchPaper, code=code, cadre=cadre, submitted_on=day, title="论文")
    raised = stage.evaluate(LAST)
    assert raised == {
        ("info_missed", "C1", "2026-03", date(2026, 3, 31)),
        ("paper_missed", "C1", "2026", LAST),
    }
    assert {name for name, *_rest in raised} == stage.rules()
    stage.store(InfoReport, code="I3", cadre="C1", submitted_on=date(2026, 3, 31), title="信息")
    stage.store(ResearchPaper, code="P3", cadre="C1", submitted_on=LAST, title="论文")
    assert stage.evaluate(LAST) == set()
    assert stage.cleared() == {(name, "condition") for name in stage.rules()}


def test_the_database_refuses_what_cannot_be(stage: Stage) -> None:
    stage.people(date(2026, 1, 1))
    report = stage.store(InfoReport, code="I1", cadre="C1", submitted_on=LAST, title="信息")
    paper = stage.store(ResearchPaper, code="I1", cadre="C2", submitted_on=LAST, title="论文")
    assert report.subjects().cadres == {"C1"}
    assert paper.subjects().cadres == {"C2"}
    values = {"cadre_id": stage.id_of(Cadre, "C1"), "submitted_on": LAST}
    for model in (InfoReport, ResearchPaper):
        assert stage.refused(model(code="I1", title="又一", **values))
        assert stage.refused(model(code="I2", title="", **values))
        assert stage.refused(model(code="I2", **values))
        assert stage.refused(model(code="I2", title="无人", submitted_on=LAST))
        assert not stage.refused(model(code="I2", title="又一", **values))
