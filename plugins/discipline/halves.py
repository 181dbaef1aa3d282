"""The halves of a day from which and to which a leave lasts; a blank is the whole day."""

from tiesan.i18n import _l

FIRST_HALVES = {"pm": _l("Afternoon")}
LAST_HALVES = {"am": _l("Morning")}
FROM_MORNING = _l("Morning (whole day)")
TO_EVENING = _l("Afternoon (whole day)")
