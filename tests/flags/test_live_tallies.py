"""Saving records through a tally in a window, and one that is settled with its week, live.

After each record, changed or new, the flags are those that an evaluation of everybody finds.
"""

from datetime import date, timedelta
from random import Random

import pytest

from plugins.discipline.models import Expense
from tests.flags.conftest import District
from tests.flags.published import publish

TODAY = date(2026, 4, 10)
FIRST = date(2026, 2, 20)
WINDOW, SETTLED = "discipline.local_window", "discipline.local_settled"
TEXT = """plugin: discipline
rules:
  - id: {rule}
    title: {{zh: 累计, en: Adding up}}
    clause: {{zh: 财经纪律, en: Discipline in money}}
    severity: minor
    tally:
      of: {{fact: expense}}
      by: [cadre]
      date: spent_on
      {how}
    subject: cadre
    message: {{zh: "合计{{sum}}元", en: "{{sum}} yuan"}}
"""
WITHIN = "within: {days: 10}\n      at_least: {sum: {amount: 300}, count: 2}"
WEEKLY = "every: week\n      at_most: {sum: {amount: 130}}"


def found(district: District) -> dict[tuple[str, str], tuple[object, object]]:
    """The active flags of both rules: whom, on which day, and on which revision of what."""
    local = district.flags_of("discipline.local_", active=True)
    return {
        (each.rule, f"{each.cadre_id} {each.key}"): (each.occurred_on, each.revision)
        for each in local
    }


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("seed", range(3))
def test_a_saved_record_counts_as_in_an_evaluation_of_everybody(
    district: District, seed: int
) -> None:
    draw, session = Random(seed), district.session
    publish(session, TEXT.format(rule=WINDOW, how=WITHIN), date(2000, 1, 1))
    publish(session, TEXT.format(rule=SETTLED, how=WEEKLY), date(2000, 1, 1))
    district.up_to_now(TODAY)
    rows: list[Expense] = []
    seen = set[str]()
    for number in range(8):
        if rows and draw.random() < 0.3:
            row = draw.choice(rows)
            row.amount = draw.choice((40_00, 180_00, 320_00))
        else:
            day = FIRST + timedelta(days=draw.randrange(49))
            days = {"spent_on": day, "requested_on": day, "reimbursed_on": None}
            cadre, amount = draw.choice(("C1", "C2")), draw.choice((60_00, 120_00, 240_00))
            row = district.expense(f"T{number}", amount, cadre=cadre, **days)
            rows.append(row)
        district.touch(row, TODAY)
        live = found(district)
        assert district.up_to_now(TODAY).stored
        assert found(district) == live
        seen |= {rule for rule, _whose in live}
    # Both were flagged on the way, or nothing was shown.
    assert seen == {WINDOW, SETTLED}
    # The running week is not over: nothing of it is settled.
    settled = {key for (rule, key) in found(district) if rule == SETTLED}
    assert not any(key.endswith("2026-W15") for key in settled)
