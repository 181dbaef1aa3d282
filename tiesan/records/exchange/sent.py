"""Files that somebody sent, as the folder or the workbook that a command would be given."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.records.exchange.reading import CSV, WORKBOOK
from tiesan.records.imports.values import Sent

_LONGEST_NAME = 80


def sent_name(name: str) -> str | None:
    """What a file is called that a browser sends; None for one that lies deeper in a folder.

    Of a folder that was chosen the browser gives the way from it on, with its own name.
    """
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return parts[-1] if 0 < len(parts) <= _FOLDER_AND_NAME else None


_FOLDER_AND_NAME = 2


def chosen(names: Sequence[str]) -> None:
    """Raise UserError for files that are neither one workbook nor files of one folder."""
    books = [each for each in names if _is_book(each)]
    if len(books) > 1 or (books and len(names) > 1):
        raise UserError(_("Choose either one workbook, or CSV files: not both."))
    if len(set(names)) < len(names):
        raise UserError(_("Two of these files have the same name."))
    if any(len(each) > _LONGEST_NAME or "\0" in each for each in names):
        raise UserError(_("The name of a file is too long."))
    if len(names) == 1 and not books and not names[0].lower().endswith(CSV):
        text = _("%(path)s: neither a folder of CSV files nor an .xlsx file", path=names[0])
        raise UserError(text)


@contextmanager
def as_path(files: Sequence[Sent]) -> Iterator[Path]:
    """The workbook, or the folder of files, under the names that they had."""
    with TemporaryDirectory(prefix="tiesan-") as folder:
        for each in files:
            (Path(folder) / each.name).symlink_to(each.path.absolute())
        alone = len(files) == 1 and _is_book(files[0].name)
        yield Path(folder) / files[0].name if alone else Path(folder)


def _is_book(name: str) -> bool:
    return name.lower().endswith(WORKBOOK)
