"""How bulletins are numbered: by district and year, without gaps, each district with its prefix.

A district's prefix is 工通 behind its short name (铁山区总工会: 铁工通), until another one is set.
"""

from tiesan.bulletins.models import BulletinSeries
from tiesan.records.numbering import Series

BULLETIN_SERIES = Series(BulletinSeries, "工通", "bulletin_prefix")
