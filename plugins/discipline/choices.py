"""What the choices of the records of discipline may be, with their words."""

from tiesan.i18n import _l

LEAVE_KINDS = {
    "annual": _l("Annual leave"),
    "sick": _l("Sick leave"),
    "personal": _l("Personal leave"),
    "parental": _l("Parental leave"),
    "official": _l("Official outing"),
    "other": _l("Other leave"),
}
# A leave begins in the morning and ends in the afternoon unless it says otherwise.
FIRST_HALVES = {"pm": _l("Afternoon")}
FROM_MORNING = _l("Morning (whole day)")
LAST_HALVES = {"am": _l("Morning")}
TO_EVENING = _l("Afternoon (whole day)")

APPROVING_BODIES = {
    "audit_committee": _l("Audit committee"),
    "chair": _l("Chair"),
}
DECISIONS = {
    "approved": _l("Approved"),
    "rejected": _l("Rejected"),
}
CONDUCT_KINDS = {
    "political": _l("Political discipline"),
    "integrity": _l("Integrity"),
    "conduct": _l("Conduct"),
}
