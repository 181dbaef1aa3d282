"""The measures of the official form: millimetres and points, each as the standard has it.

Source: GB/T 9704-2012. Between its lines lie 22 lines of 28 characters of 3号 (16 pt) in a type
area of 156 by 225 mm; the grid of DOCX counts in twentieths of a point, and in 1/4096 of one.
"""

# --- the page, in millimetres ---------------------------------------------------------------------
PAGE_WIDTH, PAGE_HEIGHT = 210, 297
TOP, BOTTOM, LEFT, RIGHT = 37, 35, 28, 26
TYPE_WIDTH = PAGE_WIDTH - LEFT - RIGHT
ISSUER_BELOW = 35
RED_LINE_BELOW = 4
NUMBER_BELOW = 7
THICK, THIN = 0.35, 0.25

# --- type, in points ------------------------------------------------------------------------------
SIZE_2, SIZE_3, SIZE_4, SIZE_5 = 22, 16, 14, 10.5
LARGEST_ISSUER = 48
LINES, CHARACTERS = 22, 28

# --- the grid -------------------------------------------------------------------------------------
LINE_PITCH, CHARACTER_SPACE = 579, -849
PDF_LINE = 10.22
PDF_SPACING = -0.22

POINTS_PER_MILLIMETRE = 72 / 25.4

# The faces, by what they are for; all that a document names and none that it holds.
TITLE_FACE = "方正小标宋简体"
BODY_FACE = "仿宋_GB2312"
FIRST_FACE = "黑体"
SECOND_FACE = "楷体_GB2312"
PAGE_FACE = "宋体"
RED = "FF0000"


def issuer_size(text: str) -> float:
    """Return the size in points in which the issuer fits into one line of the type area."""
    return min(LARGEST_ISSUER, TYPE_WIDTH * POINTS_PER_MILLIMETRE // max(len(text), 1))
