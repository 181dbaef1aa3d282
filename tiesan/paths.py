"""Where the files that travel with the program lie.

Rules and migrations stand at the top of the repository; a wheel carries the same folders
inside the package, as `tiesan/_shipped/<name>`.
"""

from pathlib import Path
from typing import Literal

PACKAGE = Path(__file__).resolve().parent

ShippedFolder = Literal["rules", "migrations"]


def shipped(name: ShippedFolder) -> Path:
    """Return the folder of the shipped rules or migrations.

    In an installed wheel this is `tiesan/_shipped/<name>`, otherwise the repository's
    folder of that name. The path is absolute; whether it exists is not checked.
    """
    packed = PACKAGE / "_shipped" / name
    return packed if packed.is_dir() else PACKAGE.parent / name
