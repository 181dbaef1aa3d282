"""Which faces a PDF gets: those of the standard where they are there, others in their place."""

import shutil
import subprocess
from functools import cache
from importlib.util import find_spec

from tiesan.reports.documents import measures as form

# For each face of the standard, what stands for it, the best first; the last is shipped by Debian.
FACES: dict[str, tuple[str, ...]] = {
    form.TITLE_FACE: ("方正小标宋简体", "FZXiaoBiaoSong-B05S", "Noto Serif CJK SC"),
    form.BODY_FACE: ("仿宋_GB2312", "FangSong_GB2312", "仿宋", "FangSong", "Noto Serif CJK SC"),
    form.SECOND_FACE: ("楷体_GB2312", "KaiTi_GB2312", "楷体", "KaiTi", "Noto Serif CJK SC"),
    form.FIRST_FACE: ("黑体", "SimHei", "Noto Sans CJK SC"),
    form.PAGE_FACE: ("宋体", "SimSun", "Noto Serif CJK SC"),
}
_LISTING = "fc-list"


def pdf_possible() -> bool:
    """Return whether PDFs can be written here: WeasyPrint is an extra."""
    return find_spec("weasyprint") is not None


@cache
def installed_families() -> frozenset[str]:
    """Return the names of all faces of this machine; none where nothing tells."""
    program = shutil.which(_LISTING)
    if program is None:
        return frozenset()
    listed = subprocess.run(
        [program, ":", "family"], capture_output=True, check=True, text=True, encoding="utf-8"
    )
    lines = listed.stdout.splitlines()
    return frozenset(name.strip() for line in lines for name in line.split(","))


def replaced_faces() -> dict[str, str]:
    """Return the faces of the standard that are not here, with what stands for each in a PDF.

    A name in another script is the same face. Blank is what was found for none of them.
    """
    there = installed_families()
    found: dict[str, str] = {}
    for face, names in FACES.items():
        chosen = next((name for name in names if name in there), "")
        if chosen in ("", names[-1]):
            found[face] = chosen
    return found


def family(face: str) -> str:
    """Return the list of names by which a style sheet asks for a face."""
    return ", ".join(f'"{name}"' for name in FACES[face])
