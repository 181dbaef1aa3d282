"""The seven rules of the book, each as what an administrator chooses and presses in the form.

A step is what is done where: ("value", address, what is chosen or typed), ("press", address, the
words on the button). An address is written with blanks; the rule itself is left out.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Step: TypeAlias = tuple[str, str, str]


def titled(zh: str, en: str, message: str) -> list[Step]:
    """What a rule is called, and what its flags say."""
    return [
        ("put", "title zh", zh),
        ("put", "title en", en),
        ("put", "clause zh", "区总工会内部管理制度"),
        ("put", "message zh", message),
        ("put", "message en", message),
    ]


def given(test: int, kind: str, rows: Sequence[Mapping[str, str]]) -> list[Step]:
    """A table of records in a test; each row but the first begins as a copy of the one before."""
    place = f"tests {test} given {kind}"
    steps: list[Step] = [("given", f"tests {test} given", kind)]
    for number, row in enumerate(rows):
        if number:
            steps.append(("press", place, "再加一条"))
        steps += [("put", f"{place} {number} {name}", value) for name, value in row.items()]
    return steps


def instead(test: int, kind: str, rows: Sequence[Mapping[str, str]], key: str = "") -> list[Step]:
    """Other records in a test of the rule that one starts from, and the key of its flag."""
    steps: list[Step] = [("press", f"tests {test} given expense", "删除这些数据")]
    steps += given(test, kind, rows)
    return steps + ([("put", f"tests {test} flags 0 key", key)] if key else [])


LOGS = [{"cadre": "C1", "day": f"2026-03-0{day}", "content": "下企业走访"} for day in range(2, 7)]
SICK = {"code": "L1", "cadre": "C1", "kind": "sick", "first_day": "2026-03-02"}
MEETING = {"code": "M1", "organization": "F1"}
PRESENT = [
    {"session": "S1", "cadre": "C1", "status": "present"},
    {"session": "S1", "cadre": "C2", "status": "present"},
]
ABSENT = [PRESENT[0], PRESENT[1] | {"status": "absent"}]
SESSION = [{"code": "S1", "organization": "F1", "held_on": "2026-02-03"}]

# By letter: the form to start from, and the steps.
RULES: Mapping[str, tuple[str, list[Step]]] = {
    "a": (
        "duty",
        titled("每季度学习会不足两次", "Too few study sessions", "{label}学习会只有{done}次"),
    ),
    "b": (
        "tally",
        [
            ("fact", "tally of fact", "work_log"),
            ("press", "tally of where 0", "删除"),
            ("press", "tally by", "再加一项分组"),
            ("put", "tally by 1", "content.folded"),
            ("put", "tally date", "day"),
            ("put", "parameters times value", "5"),
            ("put", "key", "{period}/{content.folded}"),
            *titled("日志内容相同", "Logs with the same words", "{period}有{count}篇日志内容相同"),
            *instead(0, "work_log", LOGS, "2026-03/下企业走访"),
            *instead(1, "work_log", LOGS[:4]),
        ],
    ),
    "c": (
        "when",
        [
            ("press", "parameters list1", "添加列表参数"),
            ("put", "parameters list1 label zh", "重点收款单位"),
            ("lines", "parameters list1 value", "铁山打印店\n老张, 五金"),
            ("field", "when where 0 field", "payee"),
            ("op", "when where 0 op", "matches_text"),
            ("source", "when where 0 value", "$list1"),
            ("op", "when where 1 op", "gt"),
            ("press", "when where", "添加条件"),
            ("field", "when where 2 field", "receipt"),
            ("op", "when where 2 op", "eq"),
            ("put", "when where 2 value", "false"),
            *titled("重点单位大额开支无票据", "No receipt", "{payee}{amount}元无票据"),
            ("put", "tests 0 given expense 0 payee", "老张,五金"),
            ("put", "tests 0 given expense 0 amount", "1000.01"),
            ("put", "tests 0 given expense 0 receipt", "false"),
            ("put", "tests 1 given expense 0 payee", "老张,五金"),
            ("put", "tests 1 given expense 0 amount", "1000"),
            ("put", "tests 1 given expense 0 receipt", "false"),
        ],
    ),
    "d": (
        "tally",
        [
            ("fact", "tally of fact", "leave"),
            ("field", "tally of where 0 field", "kind"),
            ("put", "tally of where 0 value", "sick"),
            ("open", "tally of lengths", ""),
            ("press", "tally of lengths days1", "添加天数"),
            ("put", "tally of lengths days1 span 0", "first_day"),
            ("put", "tally of lengths days1 span 1", "last_day"),
            ("put", "tally date", "first_day"),
            ("period", "tally", "year"),
            ("measure", "tally at_least count", "sum"),
            ("side", "tally at_least sum", "more_than"),
            ("over", "tally more_than sum", "days1"),
            ("source", "tally more_than sum days1", "$times"),
            ("put", "parameters times value", "10"),
            *titled("全年病假超过10天", "More than 10 days of sick leave", "{period}年病假{sum}天"),
            *instead(0, "leave", [SICK | {"last_day": "2026-03-12"}], "2026"),
            *instead(1, "leave", [SICK | {"last_day": "2026-03-11"}]),
        ],
    ),
    "e": (
        "when",
        [
            ("fact", "when fact", "meeting"),
            ("field", "when where 0 field", "held_on.working_day"),
            ("op", "when where 0 op", "eq"),
            ("put", "when where 0 value", "false"),
            ("press", "when where 1", "删除"),
            ("press", "parameters threshold", "删除"),
            ("put", "subject", "organization"),
            ("put", "occurred_on", "held_on"),
            *titled("休息日开会", "A meeting on a day off", "{held_on}不是工作日"),
            *instead(0, "meeting", [MEETING | {"held_on": "2026-03-07"}], "M1"),
            ("put", "tests 0 flags 0 subject", "F1"),
            *instead(1, "meeting", [MEETING | {"held_on": "2026-03-06"}]),
        ],
    ),
    "f": (
        "tally",
        [
            ("fact", "tally of fact", "attendance"),
            ("press", "tally of where 0", "删除"),
            ("put", "tally date", "day"),
            ("measure", "tally at_least count", "avg"),
            ("side", "tally at_least avg", "more_than"),
            ("over", "tally more_than avg", "clock_in"),
            ("put", "tally more_than avg clock_in", "08:45"),
            ("press", "parameters times", "删除"),
            ("occurred", "occurred_on", ""),
            *titled("月平均上班打卡晚于8:45", "Late on average", "{period}平均{avg}上班"),
            *instead(
                0,
                "attendance",
                [
                    {"cadre": "C1", "day": "2026-03-02", "clock_in": "08:45"},
                    {"day": "2026-03-03", "clock_in": "08:46"},
                ],
                "2026-03",
            ),
            *instead(1, "attendance", [{"cadre": "C1", "day": "2026-03-02", "clock_in": "08:45"}]),
        ],
    ),
    "g": (
        "tally",
        [
            ("fact", "tally of fact", "study_attendance"),
            ("field", "tally of where 0 field", "status"),
            ("op", "tally of where 0 op", "ne"),
            ("put", "tally of where 0 value", "leave"),
            ("put", "tally by 0", "session.organization"),
            ("put", "tally date", "session.held_on"),
            ("period", "tally", "quarter"),
            ("measure", "tally at_least count", "share"),
            ("side", "tally at_least share", "less_than"),
            ("field", "tally less_than share where 0 field", "status"),
            ("op", "tally less_than share where 0 op", "eq"),
            ("put", "tally less_than share where 0 value", "present"),
            ("source", "tally less_than share percent", "$times"),
            ("put", "parameters times value", "80"),
            ("occurred", "occurred_on", ""),
            *titled("当季学习会出勤率不足", "Low attendance", "{period}出勤率{share}%"),
            *instead(0, "study_session", SESSION),
            *given(0, "study_attendance", ABSENT),
            ("put", "tests 0 flags 0 subject", "F1"),
            ("put", "tests 0 flags 0 key", "2026-Q1"),
            *instead(1, "study_session", SESSION),
            *given(1, "study_attendance", PRESENT),
        ],
    ),
}
