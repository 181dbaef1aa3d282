"""Thirty rules about single expenses, and expenses to judge by them.

The rules are written in the product's own language, so that every contestant decides what its
parser read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from random import Random

from tiesan.facts.kinds import Fact, FactKind
from tiesan.flags.catalog import installed_catalog
from tiesan.rules import AllOf, Batch, Binding, Decision, When, load_rule_text

KIND = "expense"
PAYEES = (
    "图文快印店",
    "利民超市",
    "新华书店",
    "红旗饭店",
    "顺达快运",
    "晨光文具店",
    "同心花店",
    "鸿运租车行",
)
ITEMS = ("会议材料印刷", "办公用品", "快递费", "慰问鲜花", "租车费", "宣传展板")
YEAR = 2026
MOST_FEN = 300_000

CONDITIONS = (
    *(f"payee eq {payee} & amount gte {2600 + 40 * n}" for n, payee in enumerate(PAYEES)),
    *(f"item eq {item} & amount gt {2700 + 40 * n}" for n, item in enumerate(ITEMS)),
    *(f"payee eq {payee} & requested_on absent" for payee in PAYEES),
    "receipt eq false & amount gte 1000",
    "requested_on absent & amount gte 1500",
    "payee in [红旗饭店, 同心花店] & amount lt 0.50",
    "payee not_in [红旗饭店, 同心花店] & amount gt 2900",
    "any: item absent | item eq 租车费 & amount gte 2700",
    "item ne 租车费 & not: requested_on present | receipt eq true",
    f"spent_on gte {YEAR}-12-30",
    "amount gte 2980",
)


def _entry(text: str) -> str:
    """One entry of a condition in the rules language."""
    for group in ("any", "not"):
        if text.startswith(f"{group}: "):
            parts = text.removeprefix(f"{group}: ").split(" | ")
            return f"{{{group}: [{', '.join(map(_entry, parts))}]}}"
    field, op, *value = text.split(" ", 2)
    given = f", value: {value[0]}" if value else ""
    return f"{{field: {field}, op: {op}{given}}}"


def rule_file() -> str:
    """The thirty rules as the text of a rule file."""
    lines = ["plugin: discipline", "rules:"]
    for number, condition in enumerate(CONDITIONS):
        entries = ", ".join(map(_entry, condition.split(" & ")))
        lines += [
            f"  - id: discipline.claim_{number}",
            f"    title: {{zh: 第{number}条, en: Rule {number}}}",
            f"    clause: {{zh: 第{number}条, en: Rule {number}}}",
            "    severity: notice",
            f"    when: {{fact: {KIND}, where: [{entries}]}}",
            "    subject: cadre",
            "    key: code",
            "    occurred_on: spent_on",
            "    message: {zh: 命中, en: hit}",
        ]
    return "\n".join(lines)


def _always(_fact: Fact) -> int:
    """No rule has parameters: the only era holds for every fact."""
    return 0


@dataclass(frozen=True)
class Claims:
    """The rules as conditions by id, and the facts that they are held against."""

    facts: list[Fact]

    @property
    def kind(self) -> FactKind:
        """The kind of the facts."""
        return installed_catalog().kinds[KIND]

    @cached_property
    def conditions(self) -> dict[str, AllOf]:
        """The condition of each rule, as the parser read it."""
        file = load_rule_text(rule_file(), installed_catalog().kinds, "claims.yaml")
        return {
            rule.id: rule.form.anchor.where for rule in file.rules if isinstance(rule.form, When)
        }

    @property
    def binding(self) -> Binding:
        """A binding for conditions that follow no reference."""
        return Binding(installed_catalog().kinds, lambda _kind: {})

    def batch(self) -> Batch:
        """All facts, and all rules as decisions."""
        decisions = [
            Decision(rule, condition, (), ({},), _always)
            for rule, condition in self.conditions.items()
        ]
        return Batch(KIND, self.kind, self.facts, decisions)


def made_up(number: int, seed: int = 1) -> Claims:
    """So many expenses; about one in five of them is hit by some rule."""
    return Claims(list(_expenses(number, Random(seed))))


def _expenses(number: int, random: Random) -> Iterator[Fact]:
    kind, first = installed_catalog().kinds[KIND], date(YEAR, 1, 1)
    for position in range(number):
        spent_on = first + timedelta(random.randrange(365))
        reimbursed = random.random() < 0.8
        fact = {
            "code": f"BX{position:06}",
            "cadre": f"G{random.randrange(1100):04}",
            "payee": random.choice(PAYEES),
            "item": random.choice((*ITEMS, None)),
            "amount": int(random.random() ** 2 * MOST_FEN),
            "spent_on": spent_on,
            "requested_on": spent_on if random.random() < 0.97 else None,
            "reimbursed_on": spent_on + timedelta(5) if reimbursed else None,
            "receipt": random.random() < 0.95,
            "withdrawn_on": None,
        }
        yield tuple(fact[field.name] for field in kind.fields if not field.derived)
