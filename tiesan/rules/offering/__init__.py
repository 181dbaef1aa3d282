"""What may stand at each place of a rule, in words: for a form in which one chooses.

It reads texts leniently: a rule that is still being written names kinds and fields that there are
not yet, and what there is has to be offered all the same.

    paths       fields of a fact, those behind its references, and parts
    comparing   what a type can be compared by, and the words for it
    shapes      the fields that conditions, key and message of an unfinished rule may name
"""

from tiesan.rules.offering.comparing import MEASURE_WORDS, SIDE_WORDS, measures_of, op_words, takes
from tiesan.rules.offering.paths import Offer, offered, path_named
from tiesan.rules.offering.shapes import of_owners, of_result, of_selection

__all__ = (
    "MEASURE_WORDS",
    "SIDE_WORDS",
    "Offer",
    "measures_of",
    "of_owners",
    "of_result",
    "of_selection",
    "offered",
    "op_words",
    "path_named",
    "takes",
)
