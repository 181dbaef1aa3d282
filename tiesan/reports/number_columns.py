"""The columns of numbers: key, title in both languages, and the group under which they stand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tiesan.i18n import CHINESE, ENGLISH, _l, use_language
from tiesan.reports.asked import Asked
from tiesan.reports.balance_counts import DUTY, duty_rules
from tiesan.reports.figure_counts import Unit, figure_key, figures_told, unit_of
from tiesan.reports.flag_counts import OUTCOMES
from tiesan.reports.notice_counts import ANSWERED
from tiesan.reports.review_counts import IN_TIME
from tiesan.words.duties import duty_title


class Group(StrEnum):
    """The groups of columns, in the order in which they stand."""

    DUTIES = "duties"
    FIGURES = "figures"
    FLAGS = "flags"
    REVIEWS = "reviews"


OUTCOME_TITLES = {
    "raised": _l("Flags raised"),
    "confirmed": _l("Flags confirmed"),
    "dismissed": _l("Flags dismissed"),
    "waived": _l("Flags waived"),
    "remedied": _l("Flags remedied"),
}


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """A column: ``zh`` and ``en`` are its titles; ``institution`` is the plugin it belongs to."""

    key: str
    zh: str
    en: str
    group: Group
    institution: str = ""
    unit: Unit = Unit.NUMBER

    def as_json(self) -> dict[str, Any]:
        """Return the same as plain JSON."""
        return {
            "key": self.key,
            "title": {"zh": self.zh, "en": self.en},
            "group": self.group.value,
            "institution": self.institution,
            "unit": self.unit.value,
        }


def columns_of(asked: Asked) -> Iterator[NumberColumn]:
    """Yield the columns of numbers: duties, figures, flags by institution, reviews, notices."""
    for rule in duty_rules(asked):
        titles = _in_both(lambda: duty_title(rule, asked.catalog.kinds))  # noqa: B023
        yield NumberColumn(f"{DUTY}:{rule.id}", *titles, Group.DUTIES, rule.plugin)
    for plugin, figure in figures_told(asked):
        unit = unit_of(asked, figure)
        key, titles = figure_key(plugin, figure), in_both(figure.title)
        yield NumberColumn(key, *titles, Group.FIGURES, plugin.name, unit)
    for plugin in asked.catalog.plugins:
        if asked.tells_of_plugin(plugin.name):
            for outcome in OUTCOMES:
                titles = in_both(OUTCOME_TITLES[outcome])
                yield NumberColumn(f"{outcome}:{plugin.name}", *titles, Group.FLAGS, plugin.name)
    yield NumberColumn(IN_TIME, *in_both(_l("Reviewed within 10 working days")), Group.REVIEWS)
    yield NumberColumn(ANSWERED, *in_both(_l("Rectification notices answered")), Group.REVIEWS)


def in_both(text: str) -> tuple[str, str]:
    """Return a text in Chinese and in English."""
    return _in_both(lambda: str(text))


def _in_both(say: Callable[[], str]) -> tuple[str, str]:
    with use_language(CHINESE):
        chinese = say()
    with use_language(ENGLISH):
        return chinese, say()
