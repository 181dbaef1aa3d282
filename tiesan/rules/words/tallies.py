"""A tally in plain words: what is measured of a group, and when it is judged.

Source: rules-language-2.md, "Plain words". The words for a bound say which side it lies on, as
everywhere: ``at least`` is never "more than".
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from tiesan.calendar.periods import Every
from tiesan.facts.kinds import FieldType
from tiesan.i18n import _, _l
from tiesan.rules.choices import Edge, Excused
from tiesan.rules.measured import Measured, Side
from tiesan.rules.tree import Bound, Literal, Measure, ParameterRef, Path, Tally
from tiesan.rules.words.phrases import EDGES, EXCUSED, STANDING

# The value of a bound, and behind it which parameter that is.
Numbers: TypeAlias = Callable[[Literal | ParameterRef], tuple[str, str]]

_COUNTED: Mapping[Side, str] = {
    Side.AT_LEAST: _l("of at least %(number)s%(note)s"),
    Side.MORE_THAN: _l("of more than %(number)s%(note)s"),
    Side.AT_MOST: _l("of at most %(number)s%(note)s"),
    Side.LESS_THAN: _l("of fewer than %(number)s%(note)s"),
}
_DIFFERENT: Mapping[Side, str] = {
    Side.AT_LEAST: _l("with at least %(number)s different %(field)s%(note)s"),
    Side.MORE_THAN: _l("with more than %(number)s different %(field)s%(note)s"),
    Side.AT_MOST: _l("with at most %(number)s different %(field)s%(note)s"),
    Side.LESS_THAN: _l("with fewer than %(number)s different %(field)s%(note)s"),
}
_TAKEN: Mapping[Measured, str] = {
    Measured.SUM: _l("total %s"),
    Measured.AVG: _l("average %s"),
    Measured.MIN: _l("least %s"),
    Measured.MAX: _l("greatest %s"),
}
_TAKEN_OF_TIMES: Mapping[Measured, str] = {
    Measured.AVG: _l("%s on average"),
    Measured.MIN: _l("%s at the earliest"),
    Measured.MAX: _l("%s at the latest"),
}
_COMPARED: Mapping[Side, str] = {
    Side.AT_LEAST: _l("with %(what)s at least %(number)s%(note)s"),
    Side.MORE_THAN: _l("with %(what)s above %(number)s%(note)s"),
    Side.AT_MOST: _l("with %(what)s at most %(number)s%(note)s"),
    Side.LESS_THAN: _l("with %(what)s below %(number)s%(note)s"),
}
_COMPARED_TIMES: Mapping[Side, str] = {
    Side.AT_LEAST: _l("with %(what)s not earlier than %(number)s%(note)s"),
    Side.MORE_THAN: _l("with %(what)s later than %(number)s%(note)s"),
    Side.AT_MOST: _l("with %(what)s not later than %(number)s%(note)s"),
    Side.LESS_THAN: _l("with %(what)s earlier than %(number)s%(note)s"),
}
_SHARED: Mapping[Side, str] = {
    Side.AT_LEAST: _l("at least %(number)s %%%(note)s"),
    Side.MORE_THAN: _l("more than %(number)s %%%(note)s"),
    Side.AT_MOST: _l("at most %(number)s %%%(note)s"),
    Side.LESS_THAN: _l("less than %(number)s %%%(note)s"),
}


class TallyWords:
    """The sentences about the bounds of one tally, and about when it is judged."""

    def __init__(self, form: Tally, path: Callable[[Path], str], number: Numbers) -> None:
        """Take the tally, and how its rule names paths and values."""
        self._form, self._path, self._number = form, path, number

    def flagged(self) -> str:
        """Which group is flagged; behind a share its conditions are still to be said."""
        shared = [each for each in self._form.bounds if each.measure.where is not None]
        bounds = [self._bound(each) for each in self._form.bounds if each not in shared]
        if self._form.within is not None:
            days, note = self._number(self._form.within)
            named = {"group": _listed(bounds), "days": days, "note": note}
            text = _(
                "Flagged as suspected is a group %(group)s on any day, within the %(days)s"
                " days%(note)s that end with it; flagged once as long as it lasts."
            )
            return text % named
        if not shared:
            return _("Flagged as suspected is a group %s.") % _listed(bounds)
        share = _(" and ").join(self._share(each) for each in shared)
        if not bounds:
            text = _("Flagged as suspected is a group of which %s meet all of the following:")
            return text % share
        text = _(
            "Flagged as suspected is a group %(group)s, of which %(share)s meet all of the"
            " following:"
        )
        return text % {"group": _listed(bounds), "share": share}

    def judged(self) -> Iterator[str]:
        """When it is judged, who is, and which date the flag bears."""
        form = self._form
        if form.within is not None:
            yield _("Date of the flag: the day that fills the window.")
        elif form.latest is not None:
            yield _("Date of the flag: the latest %s among them.") % self._path(form.latest)
        elif form.settled:
            if form.owed_by is not None:
                yield _("Judged when the period is over; date: its last day.")
            else:
                yield _(
                    "Judged when the period is over; date: its last day."
                    " Who has no such record is not judged."
                )
        else:
            yield _("Date of the flag: that of the record with which the group gets there.")

    def owed(self) -> Iterator[str]:
        """Who of those who owe it is left out."""
        form = self._form
        if form.owed_by is None:
            return
        daily, edge = form.every is Every.WORKING_DAY, EDGES[False, Edge.LAST_DAY]
        yield str(STANDING[form.owed_by.kind, daily]) % {"edge": edge}
        if form.owed_by.kind == "cadre" and form.excused is not Excused.NEVER:
            yield str(EXCUSED[form.excused, daily])

    def _bound(self, bound: Bound) -> str:
        measure, side = bound.measure, bound.side
        number, note = self._number(bound.value)
        named = {"number": number, "note": note, "field": "", "what": ""}
        if measure.path is None:
            return str(_COUNTED[side]) % named
        if measure.kind is Measured.COUNT_DISTINCT:
            return str(_DIFFERENT[side]) % {**named, "field": self._path(measure.path)}
        times = measure.path.type is FieldType.TIME
        compared = _COMPARED_TIMES if times else _COMPARED
        return str(compared[side]) % {**named, "what": self._taken(measure, times=times)}

    def _taken(self, measure: Measure, *, times: bool) -> str:
        taken = _TAKEN_OF_TIMES if times else _TAKEN
        return "" if measure.path is None else str(taken[measure.kind]) % self._path(measure.path)

    def _share(self, bound: Bound) -> str:
        number, note = self._number(bound.value)
        return str(_SHARED[bound.side]) % {"number": number, "note": note}


def _listed(bounds: list[str]) -> str:
    """All bounds but that of a share, one behind the other."""
    text, *others = bounds
    for other in others:
        text = _("%(first)s, %(second)s") % {"first": text, "second": other}
    return text
