"""Small random worlds of records, dense around the days on which something changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from random import Random
from typing import Any, TypeAlias

from tiesan.facts.kinds import Fact, Field, FieldType
from tiesan.flags.catalog import installed_catalog
from tiesan.rules.parameters import Parameter

Row: TypeAlias = dict[str, Any]
# The Spring Festival, the Tomb-Sweeping Festival and the change of two quarters lie in it.
FIRST, LAST = date(2025, 12, 15), date(2026, 7, 10)
RULES = (
    "discipline.late",
    "discipline.absent",
    "discipline.off_post",
    "discipline.frequent_late",
    "discipline.leave_unapproved",
    "discipline.leave_not_closed",
    "discipline.log_missing",
    "discipline.log_late",
    "discipline.expense_unapproved",
    "discipline.expense_split",
    "discipline.asset_not_counted",
    "meetings.office_missed",
    "meetings.enterprise_chairs_missed",
    "research.info_missed",
    "accountability.letter_missing",
    "accountability.repeat_violations",
    "innovation.no_result",
    "innovation.award_ineligible",
)
CHANGES: Sequence[tuple[str, str, Sequence[Any]]] = (
    ("discipline.late", "work_start", (time(8, 20), time(8, 30), time(8, 31))),
    ("discipline.frequent_late", "times", (1, 2, 3)),
    ("discipline.leave_not_closed", "working_days", (1, 2, 3)),
    ("discipline.log_missing", "working_days", (1, 2, 3)),
    ("discipline.log_late", "working_days", (1, 2, 3)),
    ("discipline.expense_unapproved", "threshold", (19_999, 20_000, 20_001)),
    ("discipline.expense_split", "threshold", (19_999, 20_000, 20_001)),
    ("discipline.asset_not_counted", "months", (1, 2, 3)),
    ("research.info_missed", "required", (1, 2)),
    ("accountability.repeat_violations", "times", (1, 3, 5)),
    ("accountability.repeat_violations", "counted", ("not_dismissed", "confirmed_only")),
    ("innovation.award_ineligible", "counted", ("not_dismissed", "confirmed_only")),
)


@dataclass
class RandomWorld:
    """Rows by kind, the days of the evaluation, and what an administrator set."""

    rows: dict[str, list[Row]]
    as_of: date
    judged_until: date
    exceptions: dict[date, bool]
    parameters: dict[str, dict[str, Parameter]] = field(default_factory=dict)


class Draw:
    """Draws rows with one source of chance."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        # Many dates fall on few days, so that boundaries meet.
        self.days = [self._any_day() for _number in range(8)]

    def _any_day(self) -> date:
        return FIRST + timedelta(days=self.random.randrange((LAST - FIRST).days))

    def day(self) -> date:
        """A day, most often next to one of the few."""
        return self.random.choice(self.days) + timedelta(days=self.random.randint(-2, 2))

    def near(self, day: date, spread: int = 3) -> date:
        """A day near another one."""
        return day + timedelta(days=self.random.randint(-spread, spread))

    def maybe(self, value: Any, share: float = 0.7) -> Any:
        """A value, or a blank."""
        return value if self.chance(share) else None

    def chance(self, share: float) -> bool:
        """Whether something is so."""
        return self.random.random() < share

    def one(self, *values: Any) -> Any:
        """One of these."""
        return self.random.choice(values)

    def some(self, most: int) -> range:
        """Numbers for up to so many rows."""
        return range(self.random.randint(0, most))


def draw_world(seed: int) -> RandomWorld:
    """The world of a seed: the same seed gives the same world."""
    draw = Draw(seed)
    rows = people(draw)
    for kind, rows_of in RECORDS.items():
        rows[kind] = rows_of(draw)
    as_of = max(draw.day(), date(2026, 1, 20))
    exceptions = {draw.day(): draw.chance(0.5) for _number in draw.some(6)}
    judged_until = as_of - timedelta(days=draw.one(0, 0, 1))
    return RandomWorld(rows, as_of, judged_until, exceptions, parameters(draw))


def people(draw: Draw) -> dict[str, list[Row]]:
    """A district with two federations, three enterprise unions and four cadres."""
    since = date(2000, 1, 1)

    def organization(code: str, kind: str, parent: str | None, **values: Any) -> Row:
        founded = draw.one(since, since, draw.day())
        ended = draw.maybe(max(draw.day(), founded + timedelta(days=1)), 0.3)
        standing = {"code": code, "kind": kind, "parent": parent, "name": code}
        return {**standing, "founded_on": founded, "dissolved_on": ended, **values}

    tracked = draw.one(FIRST, draw.day(), date(2026, 1, 1))
    organizations = [
        organization("D1", "district", None, tracked_from=tracked, founded_on=since),
        organization("F1", "federation", "D1"),
        organization("F2", "federation", "D1"),
        *(organization(f"E{n}", "enterprise", draw.one("F1", "F1", "F2")) for n in (1, 2, 3)),
    ]
    cadres = []
    for number in range(1, 5):
        joined = draw.one(since, since, draw.day())
        cadres.append(
            {
                "code": f"C{number}",
                "name": f"张{number}",
                "organization": draw.one("D1", "F1", "F2", "E1"),
                "professional": draw.chance(2 / 3),
                "joined_on": joined,
                "left_on": draw.maybe(max(draw.day(), joined), 0.3),
            }
        )
    return {"organization": organizations, "cadre": cadres}


def cadre(draw: Draw) -> str:
    """The code of a cadre, the first one most often."""
    return str(draw.one("C1", "C1", "C2", "C3", "C4"))


def attendance(draw: Draw) -> list[Row]:
    """At most one row for a cadre and a day."""
    rows = {}
    for _number in range(60):
        who, day = cadre(draw), draw.near(draw.day(), 8)
        came = draw.maybe(time(8, draw.one(19, 20, 21, 30, 30, 31, 31, 45)), 0.9)
        rows[who, day] = {"cadre": who, "day": day, "clock_in": came, "clock_out": time(17, 30)}
    return list(rows.values())


def work_log(draw: Draw) -> list[Row]:
    """At most one row for a cadre and a day, written around its deadline."""
    rows = {}
    for _number in range(60):
        who, day = cadre(draw), draw.near(draw.day(), 8)
        written = day + timedelta(days=draw.one(-1, 0, 1, 1, 2, 3, 4, 5))
        rows[who, day] = {"cadre": who, "day": day, "written_on": written}
    return list(rows.values())


def leave(draw: Draw) -> list[Row]:
    """Leaves, some of half days, some of months, some approved late."""
    rows = []
    for number in draw.some(10):
        first = draw.day()
        last = first + timedelta(days=draw.one(0, 0, 1, 5, 40, 70))
        halves = ("pm", None) if draw.chance(0.5) else (None, "am")
        first_half, last_half = draw.one((None, None), (None, None), halves)
        rows.append(
            {
                "code": f"L{number}",
                "cadre": cadre(draw),
                "kind": draw.one("annual", "sick", "official"),
                "first_day": first,
                "first_half": first_half,
                "last_day": last,
                "last_half": last_half,
                "requested_on": draw.maybe(draw.near(first), 0.6),
                "approved_on": draw.maybe(draw.near(first, 1), 0.8),
                "closed_on": draw.maybe(last + timedelta(days=draw.one(0, 1, 2, 4))),
            }
        )
    return rows


def expense(draw: Draw) -> list[Row]:
    """Expenses around the threshold, often several to one payee on one day."""
    rows = []
    for number in draw.some(16):
        spent = draw.one(*draw.days[:3])
        rows.append(
            {
                "code": f"B{number}",
                "cadre": draw.one("C1", "C1", "C2"),
                "payee": draw.one("甲（A）", "甲(a) ", "甲(Ａ)", "甲\u3000(a)", "乙/甲", "甲(a)。"),
                "amount": draw.one(10_000, 9_999, 10_001, 19_999, 20_000, 20_001, 50),
                "spent_on": spent,
                "reimbursed_on": draw.maybe(draw.near(spent, 2), 0.85),
            }
        )
    return rows


def expense_approval(draw: Draw) -> list[Row]:
    """Approvals that fit, and approvals that miss by one thing."""
    return [
        {
            "code": f"A{number}",
            "expense": f"B{draw.random.randint(0, 15)}",
            "body": draw.one("audit_committee", "audit_committee", "chair"),
            "approver": cadre(draw),
            "decision": draw.one("approved", "approved", "rejected"),
            "amount": draw.one(None, None, 9_999, 10_000, 20_000),
            "decided_on": draw.near(draw.one(*draw.days[:3]), 2),
        }
        for number in draw.some(10)
    ]


def asset(draw: Draw) -> list[Row]:
    """Assets acquired at month ends and elsewhere."""
    return [
        {
            "code": f"Z{number}",
            "organization": draw.one("F1", "E1"),
            "name": "桌",
            "acquired_on": draw.one(
                draw.day(), date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31)
            ),
        }
        for number in draw.some(4)
    ]


def asset_count(draw: Draw) -> list[Row]:
    """Counts on days that assets are due, and around them."""
    near = (draw.day(), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2025, 2, 1))
    identities = {
        (f"Z{draw.random.randint(0, 3)}", draw.near(draw.one(*near), 1)) for _number in draw.some(8)
    }
    return [{"asset": one, "counted_on": day} for one, day in sorted(identities)]


def meeting(draw: Draw) -> list[Row]:
    """Meetings of any kind, of the district and the federations."""
    return [
        {
            "code": f"M{number}",
            "organization": draw.one("D1", "D1", "F1", "F2", "E1"),
            "kind": draw.one("office", "enterprise_chairs", "chairs"),
            "held_on": draw.near(draw.day(), 20),
            "bulletin": True,
        }
        for number in draw.some(40)
    ]


def post_check(draw: Draw) -> list[Row]:
    """Checks that mostly found the cadre away."""
    return [
        {
            "code": f"K{number}",
            "cadre": cadre(draw),
            "checked_on": draw.day(),
            "on_post": draw.chance(1 / 3),
        }
        for number in draw.some(8)
    ]


def info_report(draw: Draw) -> list[Row]:
    """Reports, a few a month."""
    return [
        {
            "code": f"I{number}",
            "cadre": cadre(draw),
            "submitted_on": draw.near(draw.day(), 10),
            "title": "动态",
        }
        for number in draw.some(20)
    ]


def responsibility_letter(draw: Draw) -> list[Row]:
    """Letters signed around January 31."""
    return [
        {
            "code": f"R{number}",
            "cadre": cadre(draw),
            "year": draw.one(2025, 2026, 2026),
            "signed_on": draw.one(date(2025, 12, 20), date(2026, 1, 31), date(2026, 2, 1)),
        }
        for number in draw.some(5)
    ]


def innovation(draw: Draw) -> list[Row]:
    """Innovations adopted at the turn of the year."""
    return [
        {
            "code": f"N{number}",
            "organization": "F1",
            "title": "亮点",
            "proposed_on": draw.one(FIRST, draw.day()),
            "adopted_on": draw.maybe(draw.one(FIRST, date(2025, 12, 31), draw.day())),
            "result_on": draw.maybe(draw.one(date(2025, 12, 31), date(2026, 1, 1))),
        }
        for number in draw.some(4)
    ]


def award(draw: Draw) -> list[Row]:
    """Nominations of cadres and of organizations."""
    rows = []
    for number in draw.some(4):
        names = draw.one({"cadre": cadre(draw)}, {"cadre": cadre(draw)}, {"organization": "F1"})
        rows.append({"code": f"W{number}", "nominated_on": draw.day(), **names})
    return rows


RECORDS: Mapping[str, Callable[[Draw], list[Row]]] = {
    "attendance": attendance,
    "work_log": work_log,
    "leave": leave,
    "expense": expense,
    "expense_approval": expense_approval,
    "asset": asset,
    "asset_count": asset_count,
    "meeting": meeting,
    "post_check": post_check,
    "info_report": info_report,
    "responsibility_letter": responsibility_letter,
    "innovation": innovation,
    "award": award,
}


def parameters(draw: Draw) -> dict[str, dict[str, Parameter]]:
    """The rules' parameters, some of them changed on some days."""
    rules = installed_catalog().rules
    found = {rule: dict(rules[rule].parameters) for rule in RULES}
    for rule, name, values in CHANGES:
        changes = {draw.day(): draw.one(*values) for _number in draw.some(2)}
        found[rule][name] = found[rule][name].changed(changes)
    return found


def facts(world: RandomWorld) -> dict[str, list[Fact]]:
    """The rows as stored facts: blank booleans are false, as the exchange format has them."""
    kinds = installed_catalog().kinds

    def cell(row: Row, each: Field) -> Any:
        blank = False if each.type is FieldType.BOOLEAN else None
        return row.get(each.name, blank)

    return {
        name: [
            tuple(cell(row, each) for each in kinds[name].fields if not each.derived)
            for row in rows
        ]
        for name, rows in world.rows.items()
    }
