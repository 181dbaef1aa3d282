"""What a change of a cadre would raise and clear, in words, before it is saved."""

from collections.abc import Iterable, Mapping

from tiesan.access.announcing import announce, standing
from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.admin.shell.consequences import live_task
from tiesan.extensions import db
from tiesan.i18n import _, current_language, ngettext
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Concerned

# What rules read of a cadre; the postings besides.
READ_BY_RULES = frozenset({"organization", "professional", "joined_on", "left_on", "assessed_from"})


class Announcing:
    """What an evaluation finds of a cadre before a change, to be compared with what follows it.

    ``cadre`` is None for a new one; ``places`` are where they are and will be posted.
    """

    def __init__(self, cadre: Cadre | None, places: Iterable[Organization]) -> None:
        """Look at how things stand, inside the transaction that is to change them."""
        self._task = live_task(current_viewer().actor)
        self._places = list(places)
        concerned = self._concerned(cadre)
        self._before = standing(db.session.connection(), self._task, concerned)

    def __call__(self, cadre: Cadre) -> list[str]:
        """Return what the change of a cadre raises and clears, as far as the viewer may see it."""
        found = announce(
            db.session.connection(),
            self._task,
            current_viewer(),
            self._before,
            self._concerned(cadre),
        )
        raised, cleared = sum(found.raised.values()), sum(found.cleared.values())
        said = []
        if raised:
            said.append(ngettext(
                "Saved like this, it raises %(num)d suspected flag: %(which)s.",
                "Saved like this, it raises %(num)d suspected flags: %(which)s.",
                raised, which=_by_rule(found.raised),
            ))  # fmt: skip
        if cleared:
            said.append(ngettext(
                "Saved like this, it clears %(num)d flag: %(which)s.",
                "Saved like this, it clears %(num)d flags: %(which)s.",
                cleared, which=_by_rule(found.cleared),
            ))  # fmt: skip
        return said

    def _concerned(self, cadre: Cadre | None) -> dict[int, Concerned]:
        """Whom the change concerns by district: the places, and the cadre where they are."""
        codes: dict[int, set[str]] = {}
        for place in self._places:
            codes.setdefault(place.district_id or 0, set()).add(place.code)
        home = None if cadre is None else cadre.organization.district_id
        return {
            district_id: Concerned(
                frozenset({cadre.code} if cadre and district_id == home else ()), frozenset(places)
            )
            for district_id, places in codes.items()
        }


def _by_rule(numbers: Mapping[str, int]) -> str:
    """The titles of rules with a number each, the largest first."""
    rules, language = installed().rules, current_language()
    ordered = sorted(numbers.items(), key=lambda each: (-each[1], each[0]))
    return _(", ").join(
        _("%(title)s %(number)d", title=rules[rule].title.in_language(language), number=number)
        if rule in rules
        else f"{rule} {number}"
        for rule, number in ordered
    )
