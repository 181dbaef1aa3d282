"""What an import did, or would do."""

from dataclasses import dataclass
from typing import Any

from tiesan.records.exchange.problems import Remark


@dataclass(frozen=True, slots=True)
class FileReport:
    """The rows of one file: how many are new, changed and as they were."""

    stem: str
    name: str
    digest: str
    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The rows of all files, and the ids of the districts in which something changed.

    ``everywhere`` says that a calendar exception or a parameter changed, which concerns all
    districts. ``remarks`` are what was taken, but should be looked at. With ``dry_run`` nothing was
    stored.
    """

    files: tuple[FileReport, ...]
    districts: frozenset[int] = frozenset()
    everywhere: bool = False
    dry_run: bool = False
    remarks: tuple[Remark, ...] = ()

    @property
    def changes(self) -> int:
        """How many rows are new or changed."""
        return sum(each.added + each.changed for each in self.files)

    @property
    def district(self) -> int | None:
        """The one district in which something changed; None for several, or the installation."""
        alone = len(self.districts) == 1 and not self.everywhere
        return next(iter(self.districts)) if alone else None

    def as_json(self) -> dict[str, Any]:
        """The numbers as plain JSON: in all, and by file."""
        files = [
            {
                "stem": each.stem,
                "name": each.name,
                "new": each.added,
                "changed": each.changed,
                "unchanged": each.unchanged,
            }
            for each in self.files
        ]
        numbers = {
            "new": sum(each.added for each in self.files),
            "changed": sum(each.changed for each in self.files),
            "unchanged": sum(each.unchanged for each in self.files),
        }
        return {"counts": numbers, "files": files}
