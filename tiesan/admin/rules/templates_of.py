"""Texts to start a new rule from, one for each form of rules."""

from collections.abc import Collection, Mapping
from itertools import count

from tiesan.i18n import _l
from tiesan.rules.editing import put

_HEAD = """plugin: {plugin}
rules:
  - id: {rule}
    title: {{zh: 规则名称, en: Title of the rule}}
    clause: {{zh: 制度条款原文, en: What the institution says}}
    severity: minor
"""
_WHEN = """    # 记录有误：下面的条件全部成立即预警
    parameters:
      threshold: {type: amount, label: {zh: 起点（元）, en: From (yuan)}, value: 1000}
    when:
      fact: expense
      where:
        - {field: reimbursed_on, op: present}
        - {field: amount, op: gte, value: $threshold}
    subject: cadre
    key: code
    occurred_on: reimbursed_on
    message:
      zh: "{cadre}报销{amount}元（{code}）"
      en: "{cadre} was reimbursed {amount} yuan ({code})"
    tests:
      - name: 达到起点
        given:
          expense:
            - {code: E1, cadre: C1, amount: 1000, spent_on: 2026-03-02, reimbursed_on: 2026-03-05}
        as_of: 2026-03-31
        flags: [{subject: C1, key: E1}]
      - name: 差一分
        given:
          expense:
            - {code: E1, cadre: C1, amount: 999.99, spent_on: 2026-03-02, reimbursed_on: 2026-03-05}
        as_of: 2026-03-31
        flags: []
"""
_DEADLINE = """    # 逾期未办：从某日起算，限期内没有办理即预警
    parameters:
      days: {type: integer, label: {zh: 天数, en: Days}, value: 15}
    deadline:
      fact: conflict
      from: opened_on
      days: $days
      done: mediated_on
    subject: organization
    key: code
    message:
      zh: "“{code}”应于{deadline}前调解"
      en: "{code} was to be mediated by {deadline}"
    tests:
      - name: 逾期
        given:
          conflict: [{code: M1, organization: F1, opened_on: 2026-03-01}]
        as_of: 2026-03-31
        flags: [{subject: F1, key: M1}]
      - name: 最后一天办理
        given:
          conflict: [{code: M1, organization: F1, opened_on: 2026-03-01, mediated_on: 2026-03-16}]
        as_of: 2026-03-31
        flags: []
"""
_DUTY = """    # 每期应办：每个周期至少办理若干次，不足即预警
    parameters:
      required: {type: integer, label: {zh: 次数, en: Times}, value: 2}
    duty:
      owed_by: {fact: organization, where: [{field: kind, op: eq, value: federation}]}
      every: quarter
      counts: {fact: study_session, by: organization, date: held_on}
      required: $required
    message:
      zh: "{label}学习会{done}次，应为{required}次"
      en: "{done} of {required} study sessions in {label}"
    tests:
      - name: 一次不够
        given:
          organization: [{code: D1, tracked_from: 2026-01-01}]
          study_session: [{code: S1, organization: F1, held_on: 2026-02-03}]
        as_of: 2026-03-31
        flags: [{subject: F1, key: 2026-Q1}]
      - name: 两次足够
        given:
          organization: [{code: D1, tracked_from: 2026-01-01}]
          study_session:
            - {code: S1, organization: F1, held_on: 2026-02-03}
            - {code: S2, organization: F1, held_on: 2026-03-31}
        as_of: 2026-03-31
        flags: []
"""
_TALLY = """    # 次数过多：同一对象在一个周期内累计达到若干次即预警
    parameters:
      times: {type: integer, label: {zh: 次数, en: Times}, value: 2}
    tally:
      of: {fact: expense, where: [{field: receipt, op: eq, value: false}]}
      by: [cadre]
      date: spent_on
      every: month
      at_least: {count: $times}
    occurred_on: reached
    message:
      zh: "{period}无票据开支{count}笔"
      en: "{count} expenses without a receipt in {period}"
    tests:
      - name: 达到次数
        given:
          expense:
            - {code: E1, cadre: C1, amount: 10, spent_on: 2026-03-02, receipt: false}
            - {code: E2, cadre: C1, amount: 10, spent_on: 2026-03-03, receipt: false}
        as_of: 2026-03-31
        flags: [{subject: C1, key: 2026-03}]
      - name: 差一次
        given:
          expense:
            - {code: E1, cadre: C1, amount: 10, spent_on: 2026-03-02, receipt: false}
        as_of: 2026-03-31
        flags: []
"""
FORMS: Mapping[str, tuple[str, str]] = {
    "when": (_l("A record is wrong"), _WHEN),
    "deadline": (_l("Not done in time"), _DEADLINE),
    "duty": (_l("Owed once per period"), _DUTY),
    "tally": (_l("Too often"), _TALLY),
}


# Rules to start from by form, each worked out with its tests: simple, usual, with everything.
EXAMPLES: Mapping[str, tuple[str, str, str]] = {
    "when": ("discipline.no_receipt", "study.no_main_speaker", "discipline.expense_unapproved"),
    "deadline": (
        "harmony.conflict_unmediated",
        "meetings.minutes_late",
        "discipline.leave_not_closed",
    ),
    "duty": ("study.session_missed", "research.info_missed", "discipline.log_missing"),
    "tally": ("discipline.frequent_late", "discipline.log_copied", "study.attendance_low"),
}


def example_text(text: str, rule_id: str) -> str:
    """Return the text of a rule as that of another one, whose id is free."""
    return put(put(text, ("plugin",), rule_id.partition(".")[0]), ("rules", 0, "id"), rule_id)


def template_text(form: str, rule_id: str) -> str:
    """Return the text to start from for a form of rules, as a rule of an id."""
    _word, text = FORMS.get(form, FORMS["when"])
    return _HEAD.format(plugin=rule_id.partition(".")[0], rule=rule_id) + text


def free_id(taken: Collection[str], plugin: str = "discipline") -> str:
    """Return an id to start a rule of the house with, which none of those taken is."""
    return next(name for at in count(1) if (name := f"{plugin}.local_new{at}") not in taken)
