"""Published versions of rules, stored as the rule book will have stored them."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tests.flags.conftest import NOW
from tiesan.errors import UserError
from tiesan.flags.catalog import installed_catalog, read_version
from tiesan.flags.versions import RuleVersion, count_change

UNAPPROVED = "discipline.expense_unapproved"
LOCAL = "discipline.local_big"
RULE = """plugin: discipline
rules:
  - id: {rule}
    title: {{zh: 大额开支, en: Big expense}}
    clause: {{zh: 财经纪律, en: Discipline in money}}
    severity: {severity}
    enabled: {enabled}
    when:
      fact: expense
      where:
        - {{field: reimbursed_on, op: present}}
        - {{field: amount, op: gte, value: {least}}}
    subject: cadre
    key: code
    occurred_on: reimbursed_on
    message: {{zh: "报销{{amount}}元", en: "{{amount}} yuan"}}
"""


def text_of(rule: str = LOCAL, **said: Any) -> str:
    """The text of a rule on expenses from an amount (yuan) on."""
    return RULE.format(
        **{"rule": rule, "least": 200, "severity": "minor", "enabled": "true"} | said
    )


def publish(session: Session, text: str, since: date, number: int = 1, **more: Any) -> RuleVersion:
    """Store a published version of the rule that a text has, and commit."""
    rule_id = text.partition("id: ")[2].partition("\n")[0]
    try:
        digest = read_version(installed_catalog().kinds, rule_id, text, number).digest
    except UserError:
        digest = ""
    row = RuleVersion(
        rule=rule_id,
        plugin=rule_id.partition(".")[0],
        number=number,
        state="published",
        since=since,
        text=text,
        digest=digest,
        author_name="甲",
        written_at=NOW,
        published_at=NOW,
        **more,
    )
    session.add(row)
    count_change(session)
    session.commit()
    return row
