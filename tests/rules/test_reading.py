"""Reading rule files: whatever the bytes, the answer is a file or its problems, with places."""

import json
import re
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.support import file_text, load, problems, problems_of
from tests.rules.test_refused_files import FILES
from tiesan.flags.catalog import installed_catalog
from tiesan.i18n import use_language
from tiesan.paths import shipped
from tiesan.rules.positions import Problems, Refused, RuleFileError
from tiesan.rules.reading.files import load_rule_file, load_rule_text
from tiesan.rules.reading.nodes import Mapping, Scalar
from tiesan.rules.reading.reader import MAX_BYTES, read_bytes, read_text
from tiesan.rules.scenarios.files import load_tested_files, load_tested_text

PLACED = re.compile(r"[^:]+:[1-9][0-9]*:[1-9][0-9]*: \S")
RULE: dict[str, Any] = {
    "when": {"fact": "expense"},
    "subject": "cadre",
    "key": "code",
    "occurred_on": "spent_on",
}
CHINESE = re.compile("[\u4e00-\u9fff]")
# What the YAML parser says itself comes behind our own words, in its language.
PARSER_SAYS = re.compile("不是有效的YAML：.*")


def places(lines: list[str]) -> list[str]:
    return [line.split(": ")[0] for line in lines]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_broken_file_is_refused_in_chinese_at_the_same_place(path: Path) -> None:
    lines = {}
    for language in ("en", "zh"):
        with use_language(language), pytest.raises(RuleFileError) as refused:
            load_tested_files([path], installed_catalog().kinds)
        lines[language] = refused.value.lines
    assert places(lines["zh"]) == places(lines["en"])
    for chinese, english in zip(lines["zh"], lines["en"], strict=True):
        assert PLACED.match(chinese)
        assert CHINESE.search(chinese.removeprefix(str(path)))
        # No sentence is left in English: what is not Chinese are names of the language.
        said = PARSER_SAYS.sub("", chinese.split(": ", 1)[1])
        assert not re.search(r"[a-z]+ [a-z]+ [a-z]+", said), (chinese, english)


def test_every_problem_of_every_rule_is_listed_in_order() -> None:
    first = {
        "id": "discipline.Sample",
        "title": {"zh": "示例"},
        "severity": "grave",
        "enabled": "maybe",
        "in_force": {"from": "2026-02-30"},
        "when": {
            "fact": "expense",
            "where": [
                {"field": "amonut", "op": "present"},
                {"any": [{"field": "amount", "op": "eq", "value": "x"}, {"field": "code"}]},
                {"field": "payee", "op": "eq", "value": "甲"},
                {"field": "spent_on", "op": "contains", "value": "2026"},
            ],
        },
        "subject": "payee",
        "key": "{shop}",
        "occurred_on": "amount",
        "message": {"zh": "{amonut}", "en": "x"},
    }
    second = {**RULE, "id": "discipline.second", "severity": "slight"}
    lines = problems(first, second)
    found = [
        *("'discipline.Sample'", "lacks the key 'en'", "'grave'", "'maybe'", "'2026-02-30'"),
        *("'amonut' of expense", "'x' is no amount", "lacks the key 'op'", "no op 'contains'"),
        *("'payee' names neither", "'{shop}'", "not a date", "'{amonut}'", "'slight'"),
    ]
    assert len(lines) == len(found)
    assert all(words in line for words, line in zip(found, lines, strict=True)), lines
    assert all(PLACED.match(line) for line in lines)


def test_a_bad_parameter_does_not_make_its_uses_look_wrong() -> None:
    threshold = {"type": "amount", "label": {"zh": "起点", "en": "From"}, "value": "x"}
    where = [{"field": "amount", "op": "gte", "value": "$threshold"}]
    rule = {
        **RULE,
        "parameters": {"threshold": threshold},
        "when": {"fact": "expense", "where": where},
    }
    (problem,) = problems(rule)
    assert "'x' is no amount" in problem


def test_every_bad_scenario_is_listed() -> None:
    tests = [
        {"name": "one", "as_of": "2026-03-32", "flags": []},
        {"name": "two", "as_of": "2026-03-31", "flags": [{"subject": "C1"}]},
        {"name": "three", "as_of": "9999-12-31", "flags": []},
        {"name": "three", "as_of": "2026-03-31", "flags": [], "given": {"expanse": []}},
        {"name": "four", "as_of": "2026-03-31", "flags": [{"subject": "C1", "key": "1"}] * 2},
        {"name": "five", "as_of": "2026-03-31", "flags": [], "given": {"cadre": [{"name": "x"}]}},
    ]
    lines = problems({**RULE, "tests": tests})
    words = [
        "'2026-03-32'",
        "'key'",
        "1950 to 2100",
        "'expanse'",
        "C1 1 is expected twice",
        "'code'",
    ]
    assert len(lines) == len(words)
    assert all(word in line for word, line in zip(words, lines, strict=True)), lines


def test_problems_are_sorted_by_line_and_column() -> None:
    text = "plugin: discipline\nrules:\n- {severity: x}\n- title: 1\n- id: 1\n  name: 2\n- 5\n"
    lines = places(problems_of(text))
    assert lines == [f"sample.yaml:{place}" for place in ("3:3", "4:3", "6:3", "7:3")]


def test_the_same_file_as_json_and_as_yaml() -> None:
    path = shipped("rules") / "study.yaml"
    kinds = installed_catalog().kinds
    plain = as_json(read_text(path.read_text(encoding="utf-8"), "x"))
    for indent in (None, 2, "\t"):
        text = json.dumps(plain, indent=indent, ensure_ascii=indent == 2)
        loaded = load_rule_text(text, kinds, "study.json")
        original = load_rule_file(path, kinds)
        assert [rule.digest for rule in loaded.rules] == [rule.digest for rule in original.rules]


def as_json(node: Any) -> Any:
    if isinstance(node, Scalar):
        return node.text or None
    if isinstance(node, Mapping):
        return {key: as_json(value) for key, value in node.entries.items()}
    return [as_json(item) for item in node.items]


def test_the_digest_leaves_out_tests_and_comments_and_nothing_else() -> None:
    one = load(RULE).rules[0]
    tested = load({**RULE, "tests": [{"name": "x", "as_of": "2026-01-01", "flags": []}]}).rules[0]
    assert tested.digest == one.digest
    assert load({**RULE, "severity": "major"}).rules[0].digest != one.digest
    commented = load_rule_text("# Why.\n" + file_text(RULE), installed_catalog().kinds, "x").rules[
        0
    ]
    assert commented.digest == one.digest


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('plugin: "\\ud800"', "cannot be stored"),
        ('plugin: "\\0"', "cannot be stored"),
        ('plugin: "\\x1b"', "cannot be stored"),
        ('plugin: "\\U00110000"', "beyond the end of Unicode"),
        ('plugin: "\\UFFFFFFFF"', "beyond the end of Unicode"),
        ("%YAML 1.3\n---\nplugin: x", "another version"),
        ("%YAML 2.0\n---\nplugin: x", "another version"),
        ("%YAML a.b\n---\nplugin: x", "no valid YAML"),
        ("plugin: x\x00", "sample.yaml:1:10: the text holds a character that cannot be stored"),
        ("a: b\r\nc: d\x07e", "sample.yaml:2:5: the text holds a character"),
        ("? [a]\n: b", "a key must be a plain text"),
        ("<<: {plugin: x}", "unknown key '<<'"),
        ("- " * 100_000, "nested too deeply"),
        ("{a: " * 100_000, "nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
        ("plugin: [", "no valid YAML"),
        ("*a", "aliases"),
        ("!!python/object:os.system x", "tags"),
        ("plugin: x\n---\nplugin: y", "only one document"),
        ("plugin: x\n...\nplugin: y", "only one document"),
    ],
)
def test_texts_that_are_no_rule_files(text: str, words: str) -> None:
    lines = problems_of(text)
    assert any(words in line for line in lines), lines
    assert all(PLACED.match(line) for line in lines)


@pytest.mark.parametrize(
    ("text", "place", "words", "translated"),
    [
        ("a:\n\tb: 1", "2:1", "allowed for indentation: spaces", "缩进只能用空格"),
        ("a: @b", "1:4", "no value can begin with '@'", "值不能以'@'开头"),
        ("a: b: c", "1:5", "a colon that follows no key", "冒号前面没有键"),
        ("a: 1\nb\nc: 2", "3:1", "a key without a colon", "键后面缺少冒号和空格"),
        ("a: {zh: 甲，en: b}", "1:13", "the closing '}' is missing", "全角标点不算"),
        ("a: [1, 2\nb: 3", "2:2", "the closing ']' is missing", "右括号“]”"),
        ("a:\n    - b: 1\n   - c: 2", "3:4", "the indentation does not", "缩进与上面的行不一致"),
        (" a: 1\nb: 2", "2:1", "the indentation does not fit", "缩进与上面的行不一致"),
        ('a: "b" c', "1:8", "a text behind the end of a value", "后面多出了文本"),
        ("a: {b: 1}}", "1:10", "'}' does not belong here", "此处多出了“}”"),
        ('a: "b', "1:6", "a quotation mark that is never closed", "引号没有闭合"),
        ("a: - b", "1:4", "must begin on its own line", "列表项须另起一行"),
        ('a: "\\q"', "1:6", "a backslash before 'q'", "'q'前有反斜杠"),
        ("a: *\n", "1:4", "aliases (*name) are not allowed", "不允许使用别名"),
        ("a: &中 b", "1:4", "anchors (&name) are not allowed", "不允许使用锚点"),
        ("a: !<b", "1:4", "tags (!name) are not allowed", "不允许使用标签"),
        ("a: {b: :c}}", "1:8", "a colon that follows no key", "冒号前面没有键"),
        ("a: >\n\tb\n", "2:1", "allowed for indentation: spaces", "缩进只能用空格"),
    ],
)
def test_slips_of_the_pen_are_named(text: str, place: str, words: str, translated: str) -> None:
    for language, said in (("en", words), ("zh", translated)):
        (line,) = problems_of(text, language)
        assert line.startswith(f"sample.yaml:{place}: ")
        assert said in line


def test_problems_of_both_languages_of_a_message_are_listed() -> None:
    found = problems({**RULE, "message": {"zh": "{amonut}", "en": "{shop}"}})
    assert ["{amonut}" in found[0], "{shop}" in found[1], len(found)] == [True, True, 2]


def test_pairs_of_surrogates_as_json_writes_them_are_one_character() -> None:
    node = read_text('{"a": "\\ud83d\\ude00"}', "x")
    assert isinstance(node, Mapping)
    value = node.entries["a"]
    assert isinstance(value, Scalar)
    assert value.text == "\U0001f600"


def test_bytes_that_are_too_many_or_no_text() -> None:
    for content in (b"\xff\xfe\x00", b"\x80", b"plugin: \xb9\xe6", b"#" * (MAX_BYTES + 1)):
        with pytest.raises(Refused, match=r"UTF-8|1 MB"), use_language("en"):
            read_bytes(content, "x")
    assert read_bytes(b"\xef\xbb\xbfa: 1", "x") == read_bytes(b"a: 1", "x")


def test_a_folder_is_no_rule_file(tmp_path: Path) -> None:
    with use_language("zh"), pytest.raises(RuleFileError, match="这是文件夹"):
        load_rule_file(tmp_path, installed_catalog().kinds)


def test_problems_remember_what_was_tried() -> None:
    found = Problems()
    assert found.tried(lambda: 1, 2) == 1
    found.raise_if_any()


def lines_of(text: str) -> list[str]:
    """The problems of a text; none when it is a sound rule file."""
    try:
        load_tested_text(text, installed_catalog().kinds, "sample.yaml")
    except RuleFileError as error:
        return error.lines
    return []


@given(st.text())
def test_any_text_is_a_file_or_is_refused(text: str) -> None:
    assert all(PLACED.match(line) for line in lines_of(text))


@given(st.binary())
def test_any_bytes_are_a_file_or_are_refused(content: bytes) -> None:
    with suppress(Refused):
        read_bytes(content, "sample.yaml")


SNIPPETS = [
    *("{", "}", "[", "]", ",", ":", "- ", "? ", "'", '"', "\\U", "\\x", "\\ud8", "&a ", "*a", "!"),
    *("\n", "  ", "\t", "|", ">", "#", "%YAML 1.", "%TAG ", "---\n", "...\n", "~", "null", "中"),
    *("rules", "plugin", "when", "0", "2026-01-01", "\x85", "\u2028", "\ufeff", "\r", "<<", "="),
]


@given(st.lists(st.sampled_from(SNIPPETS), max_size=40).map("".join))
def test_any_yaml_is_a_file_or_is_refused(text: str) -> None:
    assert all(PLACED.match(line) for line in lines_of(text))


TOKENS = re.compile(r"[\w.$]+|[{}\[\],:]")
STRANGE = [
    *(
        "9999-12-31",
        "0001-01-01",
        "-1",
        "0",
        "{}",
        "[]",
        "~",
        '""',
        '"{"',
        "$x",
        ".x",
        "{literal: x}",
    ),
    *("999999999999999999", '"\\ud800"', "not: [", "cadre.organization.name", "1e5", "２００"),
]
SAMPLE = (shipped("rules") / "harmony.yaml").read_text(encoding="utf-8")


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_a_rule_file_with_slips_of_the_pen_is_read_or_refused(seed: int) -> None:
    random, text = Random(seed), SAMPLE
    words = TOKENS.findall(text)
    for _slip in range(random.randint(1, 3)):
        token = random.choice(list(TOKENS.finditer(text)))
        new = random.choice(["", token[0] * 2, random.choice(words), random.choice(STRANGE)])
        text = text[: token.start()] + new + text[token.end() :]
    assert all(PLACED.match(line) for line in lines_of(text))


@pytest.mark.parametrize(
    ("written", "column"),
    [
        ('"金额{amonut}"', 10),
        ("'{code}：{amonut}'", 15),
        ('"  {amonut}"', 10),
        ('"e\u0301{amonut}"', 10),
        ('"\\u91d1额{amonut}"', 7),
        ("'it''s {amonut}'", 7),
        ('"金额\n   {amonut}"', 7),
    ],
)
def test_an_unknown_placeholder_is_told_at_its_own_place(written: str, column: int) -> None:
    """Where an escape or a further line stands before it: at the place of the text."""
    text = file_text({**RULE, "message": {"zh": "X", "en": "x"}})
    (line,) = problems_of(text.replace('"zh": "X"', f"\nzh:   {written}\n"))
    assert line.startswith(f"sample.yaml:2:{column}: unknown placeholder '{{amonut}}'")
