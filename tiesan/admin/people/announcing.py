"""What a change of a cadre would raise and clear, in words, before it is saved."""

from collections.abc import Iterable

from tiesan.access.announcing import announce, standing
from tiesan.access.viewer import current_viewer
from tiesan.admin.forms.announced import announced
from tiesan.admin.shell.consequences import live_task
from tiesan.extensions import db
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Concerned

# What rules read of a cadre; the postings besides.
READ_BY_RULES = frozenset({"organization", "professional", "joined_on", "left_on", "assessed_from"})


class Announcing:
    """What an evaluation finds of a cadre before a change, to be compared with what follows it.

    ``cadre`` is None for a new one; ``places`` are where they are and will be posted, ``further``
    entries of theirs that the change takes away.
    """

    def __init__(
        self,
        cadre: Cadre | None,
        places: Iterable[Organization],
        further: Iterable[Cadre] = (),
    ) -> None:
        """Look at how things stand, inside the transaction that is to change them."""
        self._task = live_task(current_viewer().actor)
        self._places = list(places)
        concerned = self._concerned(cadre, further)
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
        return announced(found)

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
