"""An installation with a rule whose parameters are lists, which none of those shipped has."""

from dataclasses import replace
from pathlib import Path

from tiesan.discovery import Plugins
from tiesan.flags.catalog import Catalog, build_catalog, installed_catalog

WATCHED_RULE = "discipline.watched"
WATCHED = """
  - id: discipline.watched
    title: {zh: 重点单位开支, en: Expense at a watched payee}
    clause: {zh: 财经纪律, en: Financial discipline}
    severity: minor
    parameters:
      payees:
        {type: list, of: text, label: {zh: 收款单位, en: Payees}, value: [铁山打印店, "老张; 五金"]}
      kinds:
        type: list
        of: choice
        choices:
          chairs: {zh: 主席会, en: Chairs}
          office: {zh: 办公会, en: Office}
          enterprise_chairs: {zh: 企业主席会, en: Enterprise chairs}
        label: {zh: 会议, en: Meetings}
        value: [chairs]
      mark: {type: text, label: {zh: 字样, en: Mark}, value: 发票}
      least: {type: amount, label: {zh: 起点, en: From}, value: 1}
    when:
      fact: expense
      where:
        - {field: payee, op: in, value: $payees}
        - {field: amount, op: gte, value: $least}
        - not: [{field: item, op: contains, value: $mark}]
      with: {fact: meeting, where: [{field: kind, op: in, value: $kinds}]}
    subject: cadre
    key: code
    occurred_on: spent_on
    message: {zh: "属于{payees}", en: "among {payees}"}
"""


def catalog_with_lists(folder: Path) -> Catalog:
    """The installation with that rule beside those of discipline, in a file in ``folder``."""
    found = installed_catalog().plugins
    shipped = found.by_name["discipline"].rules
    if shipped is None:
        raise AssertionError("discipline has rules")
    file = folder / "discipline.yaml"
    file.write_text(shipped.read_text(encoding="utf-8") + WATCHED, encoding="utf-8")
    changed = [
        replace(each, plugin=replace(each.plugin, rules=file))
        if each.plugin.name == "discipline"
        else each
        for each in found.found
    ]
    return build_catalog(Plugins(changed))
