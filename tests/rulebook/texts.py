"""Texts of rules on expenses from an amount on, with tests on both sides of it."""

from tests.flags.published import LOCAL, text_of

TESTS = """\
    tests:
      - name: from the amount on
        given:
          expense: [{{code: E1, cadre: C1, payee: 甲, amount: {least}, spent_on: 2026-03-02, \
reimbursed_on: 2026-03-05}}]
        as_of: 2026-03-31
        flags: [{{subject: C1, key: E1}}]
      - name: below it
        given:
          expense: [{{code: E1, cadre: C1, payee: 甲, amount: {below}, spent_on: 2026-03-02, \
reimbursed_on: 2026-03-05}}]
        as_of: 2026-03-31
        flags: []
"""


def with_tests(rule: str = LOCAL, least: int = 200, **said: object) -> str:
    """The text of such a rule."""
    return text_of(rule, least=least, **said) + TESTS.format(least=least, below=least - 1)
