"""What a change of a cadre would raise, clear and make them owe, told before it is saved."""

from collections import Counter
from collections.abc import Iterable, Mapping

from tiesan.access.announcing import announce, standing
from tiesan.access.announcing_duties import DAYS_AHEAD, Duties, by_rule, duties_of_cadres
from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.admin.forms.announced import announced
from tiesan.admin.shell.consequences import live_task
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.i18n import _, current_language
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Concerned
from tiesan.rules import Duty
from tiesan.words.duties import duty_title

# What rules read of a cadre; the postings besides.
READ_BY_RULES = frozenset({"organization", "professional", "joined_on", "left_on", "assessed_from"})


class Announcing:
    """What an evaluation finds of a cadre before a change, to be compared with what follows it.

    ``cadre`` is None for a new one; ``places`` are where they are and will be posted, ``further``
    entries of theirs that the change takes away. Of a posting the duties are told as well
    (``tells_duties``).
    """

    def __init__(
        self,
        cadre: Cadre | None,
        places: Iterable[Organization],
        further: Iterable[Cadre] = (),
        *,
        tells_duties: bool = False,
    ) -> None:
        """Look at how things stand, inside the transaction that is to change them."""
        self._task = live_task(current_viewer().actor)
        self._places = list(places)
        concerned = self._concerned(cadre, further)
        self._before = standing(db.session.connection(), self._task, concerned)
        self._tells_duties = tells_duties
        self._owed = self._duties(concerned)

    def __call__(self, cadre: Cadre) -> list[str]:
        """Return what the change of a cadre raises, clears and asks, as the viewer may see it."""
        concerned = self._concerned(cadre)
        found = announce(
            db.session.connection(), self._task, current_viewer(), self._before, concerned
        )
        owed = self._duties(concerned)
        return [*announced(found), *owed_from_then_on(self._owed, owed)]

    def _duties(self, concerned: Mapping[int, Concerned]) -> Duties:
        if not self._tells_duties:
            return frozenset()
        connection, catalog = db.session.connection(), self._task.catalog
        return duties_of_cadres(connection, catalog, current_viewer(), concerned, today())

    def _concerned(
        self, cadre: Cadre | None, further: Iterable[Cadre] = ()
    ) -> dict[int, Concerned]:
        """Whom the change concerns by district: the places, and the cadre where they are."""
        codes: dict[int, set[str]] = {}
        for place in self._places:
            codes.setdefault(place.district_id or 0, set()).add(place.code)
        persons = {each.code: each.organization.district_id for each in further}
        if cadre is not None:
            persons[cadre.code] = cadre.organization.district_id
        return {
            district_id: Concerned(
                frozenset(code for code, home in persons.items() if home == district_id),
                frozenset(places),
            )
            for district_id, places in codes.items()
        }


def owed_from_then_on(before: Duties, after: Duties) -> list[str]:
    """Return in words what is owed anew within the next days, and what no more."""
    said = []
    begins, ends = by_rule(after - before), by_rule(before - after)
    if begins:
        said.append(_("Owed anew within %(days)d days: %(which)s.",
                      days=DAYS_AHEAD, which=_named(begins)))  # fmt: skip
    if ends:
        said.append(_("Owed no more within %(days)d days: %(which)s.",
                      days=DAYS_AHEAD, which=_named(ends)))  # fmt: skip
    return said


def _named(numbers: Mapping[str, int]) -> str:
    """What is to be done, with a number each, as duties are called and not what is wrong."""
    catalog = installed()
    named: Counter[str] = Counter()
    for rule_id, number in numbers.items():
        rule = catalog.rules[rule_id]
        is_duty = isinstance(rule.form, Duty)
        title = rule.title.in_language(current_language())
        named[duty_title(rule, catalog.kinds) if is_duty else title] += number
    ordered = sorted(named.items(), key=lambda each: (-each[1], each[0]))
    text = _("%(title)s %(number)d")
    return _(", ").join(text % {"title": title, "number": number} for title, number in ordered)
