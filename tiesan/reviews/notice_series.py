"""How notices are numbered: by district and year, without gaps, each district with its own prefix.

A district's prefix is 督 behind its short name (铁山区总工会: 铁督), until another one is set.
"""

from tiesan.flags.follow_up import NoticeSeries
from tiesan.records.numbering import Series

_NOTICES = Series(NoticeSeries, "督", "notice_prefix")
prefix_of = _NOTICES.prefix_of
set_prefix = _NOTICES.set_prefix
