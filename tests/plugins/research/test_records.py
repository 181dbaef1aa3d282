"""The records of research are those of the exchange format."""

from plugins.research import plugin
from plugins.research.models import InfoReport, ResearchPaper
from tests.plugins.shapes import shape

COLUMNS = "code* cadre* submitted_on* title* content"


def test_information_reports() -> None:
    assert shape(InfoReport) == ("info_reports", COLUMNS, ("submitted_on",))
    assert InfoReport.concerns == ("cadre",)


def test_research_papers() -> None:
    assert shape(ResearchPaper) == ("research_papers", COLUMNS, ("submitted_on",))
    assert ResearchPaper.concerns == ("cadre",)


def test_the_plugin_offers_both() -> None:
    assert plugin.records == (InfoReport, ResearchPaper)
