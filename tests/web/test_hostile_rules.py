"""Hundreds of random rules and hostile texts through the editor's address: told, or working.

How long each takes is measured elsewhere; here it is asserted that the work is bounded.
"""

import json
import re
from random import Random

import pytest
from flask import Flask

from tests.flags.published import LOCAL
from tests.rulebook.texts import with_tests
from tests.rules.naive_tallies import as_rule, draw_tally
from tests.rules.random_worlds import Draw
from tiesan.admin.rules.templates_of import template_text
from tiesan.flags.catalog import installed_catalog
from tiesan.rulebook.checking import LONGEST_YAML, failed_tests, read
from tiesan.rulebook.texts import shipped_text
from tiesan.rules import decide_plainly
from tiesan.rules.scenarios import MOST_COST, affordable, cost_of
from tiesan.testing.browsing import Person, person

_PROBLEM = re.compile(r"data-line=|message-error|message-warning")
_LINE = "        - {field: amount, op: gte, value: 1}\n"
_MARK = "        - {field: amount"
SCRIPT = "<script>alert(1)</script>"


def said(admin: Person, token: dict[str, object], text: str) -> str:
    """What the editor's address says of a text."""
    given = {**token, "rule": LOCAL, "yaml": text}
    answer = admin.client.post("/rule-versions/read", data=given)
    assert answer.status_code == 200, text[:400]
    html: str = answer.get_json()["html"]
    assert SCRIPT not in html
    return html


def conditions(number: int, line: str = _LINE) -> str:
    return with_tests().replace(_MARK, line * number + _MARK, 1)


HOSTILE = {
    "unknown fields": conditions(1_000, _LINE.replace("amount", "nothing")),
    "wrong types": conditions(50, _LINE.replace("value: 1", "value: [x]")),
    "depth 100": with_tests().replace("where:", "where: [" + "{any: [" * 100 + "]}" * 100 + "]\n"),
    "10,000 conditions": conditions(10_000),
    "as many conditions as are read": conditions(2_000),
    "a bomb": "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]",
    "a tag": "!!python/object/apply:os.system ['true']",
    "100,000 characters": with_tests().replace("大额开支", "长" * 100_000),
    "a long text": with_tests().replace("大额开支", "长" * 98_000),
    "a list of 5,000": conditions(1, "        - {field: payee, op: in, value: ["
                                     + ",".join(f"x{at}" for at in range(5_000)) + "]}\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_answered_with_what_is_wrong_or_read(lite_app: Flask, name: str) -> None:
    admin = person(lite_app, "admin")
    html = said(admin, admin.filled(f"/rule-versions/new?rule={LOCAL}"), HOSTILE[name])
    works = name in {"as many conditions as are read", "a long text"}
    assert ("message-error" in html) is not (works or name == "a list of 5,000")
    # However much is wrong, what is told of it is not longer than can be read.
    assert html.count("<li>") <= 101 or works


def test_script_in_every_text_is_text(lite_app: Flask) -> None:
    admin = person(lite_app, "admin")
    token = admin.filled(f"/rule-versions/new?rule={LOCAL}")
    words = {word for word in re.findall(r"[\w一-鿿]+", with_tests()) if not word.isdigit()}
    for word in sorted(words):
        said(admin, token, with_tests().replace(word, f'"{SCRIPT}"'))


def test_random_tallies_and_maimed_rules_are_told_or_work(lite_app: Flask) -> None:
    admin, catalog = person(lite_app, "admin"), installed_catalog()
    token = admin.filled(f"/rule-versions/new?rule={LOCAL}")
    told = 0
    for seed in range(150):
        draw, drawn = Random(seed), as_rule(draw_tally(Draw(seed)))
        text = template_text("tally", LOCAL)
        head, tests = text[: text.index("    tally:")], text[text.index("    tests:") :]
        more = "".join(f"    {name}: {json.dumps(one)}\n" for name, one in drawn.items())
        message = '    message: {zh: "一", en: "one"}\n'
        told += bool(_PROBLEM.search(said(admin, token, head + more + message + tests)))
        # A shipped rule of which something is left out, doubled, or put elsewhere.
        rule = draw.choice(sorted(catalog.shipped))
        lines = (shipped_text(catalog, rule) or "").replace(rule, LOCAL).splitlines()
        at, other = draw.randrange(len(lines)), draw.randrange(len(lines))
        lines[at : at + draw.randrange(2)] = draw.choice(([], [lines[other]], [lines[at][3:]]))
        told += bool(_PROBLEM.search(said(admin, token, "\n".join(lines))))
    assert 30 < told < 300


def test_only_so_many_tests_are_run_and_so_many_lines_told() -> None:
    catalog = installed_catalog()
    # Owed on every working day since 2000, as nothing else is said; a test of it costs a second.
    text = template_text("duty", LOCAL)
    text = re.sub(r"every: \w+", "every: working_day", text[: text.index("      - name:")])
    one = "      - {name: t%d, as_of: 2050-03-31, flags: []}\n"
    found = read(catalog, LOCAL, text + "".join(one % at for at in range(500)))
    assert found.file is not None
    scenarios = found.file.scenarios
    assert len(scenarios) == 500
    chosen = affordable(scenarios)
    assert sum(map(cost_of, chosen)) <= MOST_COST
    assert len(chosen) < 3
    lines = failed_tests(catalog, found.file, decide_plainly)
    assert len(lines) <= 101
    assert "tracked_from" in lines[-1]
    # What ships is far below, and so is what is written in the pages.
    for rule in catalog.shipped:
        shipped = read(catalog, rule, shipped_text(catalog, rule) or "")
        assert shipped.file is not None
        assert sum(map(cost_of, shipped.file.scenarios)) < MOST_COST // 5


def test_a_text_that_is_too_long_is_not_even_read() -> None:
    text = with_tests() + "#" * LONGEST_YAML
    found = read(installed_catalog(), LOCAL, text)
    assert (found.file, len(found.problems)) == (None, 1)
