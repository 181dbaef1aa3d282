"""The world of every scenario test before anything is given (rules-language.md)."""

from collections.abc import Mapping
from datetime import date

from tiesan.facts.kinds import Value

_SINCE = date(2000, 1, 1)
Row = Mapping[str, Value]

WORLD: Mapping[str, tuple[Row, ...]] = {
    "organization": (
        {
            "code": "D1",
            "name": "甲区总工会",
            "kind": "district",
            "founded_on": _SINCE,
            "tracked_from": _SINCE,
        },
        {
            "code": "F1",
            "name": "乙联合会",
            "kind": "federation",
            "parent": "D1",
            "founded_on": _SINCE,
        },
        {
            "code": "E1",
            "name": "丙企业工会",
            "kind": "enterprise",
            "parent": "F1",
            "founded_on": _SINCE,
        },
    ),
    "cadre": (
        {
            "code": "C1",
            "name": "张一",
            "organization": "F1",
            "professional": True,
            "joined_on": _SINCE,
        },
        {
            "code": "C2",
            "name": "李二",
            "organization": "F1",
            "professional": True,
            "joined_on": _SINCE,
        },
    ),
}
