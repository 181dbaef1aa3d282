"""What an import did, or would do."""

from dataclasses import dataclass

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
