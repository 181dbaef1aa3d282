"""Whose rows of a kind of records a role reaches, and in short what somebody reaches.

``tiesan.access.criterion`` makes the conditions of this; here it can be told without any row.
"""

from dataclasses import dataclass

from tiesan.access.viewer import NOWHERE, Reach, Viewer
from tiesan.people.models import RoleName
from tiesan.records.base import Record
from tiesan.records.policy import Verb


def reach_for(model: type[Record], role: RoleName, viewer: Viewer) -> Reach:
    """What a role other than a cadre's reaches of a kind of records, of a viewer who has it."""
    reach = viewer.reaches[role]
    # Only who answers for a whole district, and never who is concerned.
    return Reach(districts=reach.districts) if model.policy.confidential else reach


@dataclass(frozen=True, slots=True)
class Extent:
    """Whose rows somebody reaches: their own and those of what they chair, and what a role does."""

    own: bool
    reach: Reach

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in it."""
        return not self.own and self.reach.is_empty


def extent(model: type[Record], verb: Verb, viewer: Viewer) -> Extent:
    """Return whose rows ``permitted`` lets a viewer have; to be told, where rows are not asked."""
    if viewer.left and verb is not Verb.READ:
        return Extent(own=False, reach=NOWHERE)
    roles = model.policy.access.roles(verb) & viewer.reaches.keys()
    found = NOWHERE
    for role in roles - {RoleName.CADRE}:
        found = found.joined(reach_for(model, role, viewer))
    return Extent(own=RoleName.CADRE in roles, reach=found)
