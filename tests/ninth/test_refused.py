"""A plugin that cannot be loaded stops every command with one clear line."""

from pathlib import Path

import pytest

from tiesan.cli import COMMANDS
from tiesan.testing.command import Tiesan

MODELS = """
from datetime import date
from sqlalchemy.orm import Mapped
from tiesan.plugin import Plugin
from tiesan.people.models import Organization
from tiesan.records.base import (
    Record, RecordKind, code_column, date_column, reference_column, referenced,
)
from tiesan.records.policy import OWN, Policy

class Bed(Record):
    __tablename__ = "{table}"
    record_kind = RecordKind(
        name="{kind}", file="{file}", title="Bed", plural="Beds",
        letters="{letters}", principal=("dug_on",), belongs_to=("organization",),
    )
    concerns = ("organization",)
    policy = Policy({policy})
    code: Mapped[str] = code_column()
    organization_id: Mapped[int] = reference_column("{to}", label="Whose", table="organization")
    dug_on: Mapped[date] = date_column("Dug on")
    organization: Mapped[Organization] = referenced(organization_id)
"""
PLUGIN = """
from tiesan.plugin import Plugin
plugin = Plugin(name='{name}', title='Garden'{more})
"""
HERE = "Path(__file__).parent"


def install(folder: Path, source: str, name: str = "garden") -> dict[str, str]:
    """Install a plugin of one module in a folder; gives the variables that have it on the path."""
    (folder / f"tiesan_{name}" / "versions").mkdir(parents=True)
    (folder / f"tiesan_{name}" / "__init__.py").write_text(source, encoding="utf-8")
    about = folder / f"tiesan_{name}-2.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: tiesan-{name}\nVersion: 2.0\n")
    (about / "entry_points.txt").write_text(f"[tiesan.plugins]\n{name} = tiesan_{name}:plugin\n")
    return {"PYTHONPATH": str(folder)}


def with_records(name: str = "garden", more: str = f", migrations={HERE}", **changed: str) -> str:
    """A plugin with one class of records, sound but for what is changed."""
    sound = {"table": f"{name}_bed", "kind": name, "file": f"{name}s", "to": "organization"}
    sound |= {"policy": "OWN", "letters": (name[:3] + name[-1]).upper()}
    text = MODELS.format(**(sound | changed))
    plugin = PLUGIN.format(name=name, more=f", contract=1, records=(Bed,){more}")
    return f"from pathlib import Path\n{text}{plugin}"


def plain(name: str, more: str, contract: str = "1") -> str:
    """A plugin without records."""
    imports = "from pathlib import Path\nfrom tiesan.facts.derived import Derivation\n"
    return f"{imports}{PLUGIN.format(name=name, more=f', contract={contract}{more}')}"


def _counting(name: str, figure: str, **changed: str) -> str:
    """A plugin with a figure, sound but for what is said of it."""
    imports = "from tiesan.records.figures import GIVEN, Figure\n"
    if "policy" in changed:
        imports += "from tiesan.records.policy import CONFIDENTIAL\n"
    sound = f"name='dug', title='Dug', kind='{name}', date='dug_on'"
    figures = f"figures=(Figure(**(dict({sound}) | dict({figure}))),)"
    return imports + with_records(name, f", migrations={HERE}, {figures}", **changed)


def _answering(name: str, answers: str) -> str:
    """A plugin whose answers are these."""
    imports = "from tiesan.records.answers import SUBJECT, TODAY, Answer\n"
    return imports + with_records(name, f", migrations={HERE}, answers=({answers},)")


def test_a_sound_one_is_loaded(tiesan: Tiesan, tmp_path: Path) -> None:
    env = install(tmp_path / "packages", with_records())
    assert "garden · Bed" in tiesan("rules", "facts", env=env).stdout


# An archive is looked at before anything is loaded that reads what was in it.
@pytest.mark.parametrize("name", [each for each in COMMANDS if each != "restore"])
def test_every_command_says_what_is_wrong(tiesan: Tiesan, tmp_path: Path, name: str) -> None:
    env = install(tmp_path / "packages", "import no_such_package\n")
    words = {
        "audit": ["verify"],
        "backup": ["kept"],
        "import": ["."],
        "export": ["out"],
        "template": ["t.xlsx"],
        "rules": ["list"],
        "parameter": ["set", "a.b", "c", "1", "--from", "2026-01-01"],
        "plugins": ["list"],
        "user": ["list"],
    }
    done = tiesan(name, *words.get(name, []), env=env, status=1)
    line = (
        "Plugin garden (tiesan-garden 2.0) cannot be loaded:"
        " ModuleNotFoundError: No module named 'no_such_package'"
    )
    if name == "doctor":
        # That is one of the things it looks at; it goes on with the others.
        assert line in done.stdout
    else:
        assert done.stderr == f"{line}\n"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("plugin = \n", "SyntaxError: invalid syntax (__init__.py, line 1)"),
        ("plugin = 1 / 0\n", "ZeroDivisionError: division by zero"),
        ("other = 1\n", "AttributeError: module 'tiesan_garden' has no attribute 'plugin'"),
        (
            with_records().replace("principal=", "identity=('lawn', 'dug_on'), principal="),
            "TypeError: Bed is identified by lawn, which is no field of it",
        ),
        (with_records(table="study_session"), "InvalidRequestError: Table 'study_session' is"),
    ],
)
def test_what_fails_while_it_is_imported_is_said(
    tiesan: Tiesan, tmp_path: Path, source: str, problem: str
) -> None:
    env = install(tmp_path / "packages", source)
    [line] = tiesan("rules", "list", env=env, status=1).stderr.splitlines()
    assert line.startswith(f"Plugin garden (tiesan-garden 2.0) cannot be loaded: {problem}")


@pytest.mark.parametrize("source", ["plugin = 'garden'\n", plain("other", "")])
def test_what_is_no_plugin_of_that_name_is_refused(
    tiesan: Tiesan, tmp_path: Path, source: str
) -> None:
    env = install(tmp_path / "packages", source)
    assert tiesan("rules", "list", env=env, status=1).stderr == (
        "Plugin garden (tiesan-garden 2.0) is no plugin of that name.\n"
    )


# By name: the source of a plugin that breaks the contract in one way, and what is said about it.
BROKEN = {
    "core": (plain("core", ""), "a name has up to 40 small letters and digits, and is not “core”"),
    "two_words": (
        plain("two_words", ""),
        "a name has up to 40 small letters and digits, and is not “core”",
    ),
    "study": (plain("study", ""), "there are two of that name"),
    "table": (
        with_records("table", table="bed"),
        "the name of the table bed has to begin with table_",
    ),
    "kind": (
        with_records("kind", kind="expense"),
        "there is a kind of records “expense” or a file “kinds” already",
    ),
    "flags": (
        with_records("flags", kind="flag"),
        "there is a kind of records “flag” or a file “flagss” already",
    ),
    "files": (
        with_records("files", file="expenses"),
        "there is a kind of records “files” or a file “expenses” already",
    ),
    "nobody": (
        with_records("nobody", to="lawn"),
        "nobody.organization refers to “lawn”, which is no kind of records",
    ),
    "others": (
        with_records("others", to="meeting"),
        "others.organization refers to records of another plugin",
    ),
    "uncoded": (
        with_records("uncoded", to="uncoded").replace(
            "principal=", "identity=('organization', 'dug_on'), principal="
        ),
        "uncoded.organization refers to “uncoded”, whose rows have no code",
    ),
    "rules": (plain("rules", ", rules=Path('/no/rules.yaml')"), "there is no /no/rules.yaml"),
    "history": (plain("history", ", migrations=Path('/no')"), "there is no /no/versions"),
    "texts": (plain("texts", ", translations=Path('/no')"), "there is no /no"),
    "derived": (
        plain("derived", ", derivations=(Derivation('expense', (), print),)"),
        "“expense” is no kind of its own records",
    ),
    "policy": (
        with_records("policy", policy="OWN, by_staff=frozenset({'mown_on'})"),
        "the policy of policy names “mown_on”, which is no field of it",
    ),
    "unlettered": (
        with_records("unlettered", letters="x"),
        "the codes of “unlettered” need two to four capital letters to begin with",
    ),
    "spending": (
        with_records("spending", letters="BX"),
        "the codes of “spending” begin with BX, as those of “expense” do",
    ),
    "secret": (
        with_records("secret", policy="OWN)\n    confidential = bool(True"),
        "secret states its “confidential” beside the policy, which alone says that",
    ),
    "twice": (
        with_records("twice", policy="OWN)\n    access = Policy(OWN"),
        "twice states its “access” beside the policy, which alone says that",
    ),
    "dated": (
        with_records("dated", policy="OWN, days_done=frozenset({'code'})"),
        "the policy of dated has “code” dated, which is no date",
    ),
    "back": (
        with_records("back", policy="OWN, days_back=3"),
        "the policy of back looks back no number of days on a day done",
    ),
    "private": (
        with_records("private", policy="OWN)\n    files_are_private = bool(True"),
        "the files of private are private, and it takes none or has no “cadre”",
    ),
    "written": (
        with_records("written", policy="OWN, written=frozenset({'dug_on'})"),
        "the policy of written has “dug_on” written, which is no text",
    ),
    "tables": (with_records("tables", more=""), "it has records and no migrations"),
    "later": (
        plain("later", ", views=7", contract="2"),
        "written for contract 2; this program has 1",
    ),
    "untitled": (
        plain("untitled", "").replace("'Garden'", "None"),
        "its title has to be a text",
    ),
    "beds": (
        plain("beds", ", records=(Plugin,)"),
        "its records has to be a tuple of subclasses of Record",
    ),
    "sums": (
        plain("sums", ", derivations=[print]"),
        "its derivations has to be a tuple of Derivation",
    ),
    "excused": (plain("excused", ", excuse='garden'"), "its excuse has to be an Excuse"),
    "file": (plain("file", ", rules='rules.yaml'"), "its rules has to be a Path"),
    "classes": (
        plain("classes", ", views=(Plugin,)"),
        "its views has to be a name such as package.module or package.module:name",
    ),
    "sentence": (
        plain("sentence", ", courses='the courses'"),
        "its courses has to be a name such as package.module or package.module:name",
    ),
    "figured": (
        with_records("figured", more=f", migrations={HERE}, figures=('figured',)"),
        "its figures has to be a tuple of Figure",
    ),
    "foreign": (
        _counting("foreign", "kind='expense'"),
        "its figure “dug” counts “expense”, no kind of its own records",
    ),
    "hushed": (
        _counting("hushed", "", policy="CONFIDENTIAL"),
        "its figure “dug” counts “hushed”, which is confidential",
    ),
    "undatable": (
        _counting("undatable", "date='code'"),
        "its figure “dug” counts by “code”, which is no date of “undatable”",
    ),
    "unsummed": (
        _counting("unsummed", "sum='code'"),
        "its figure “dug” sums up “code”, which is no number of it",
    ),
    "endless": (
        _counting("endless", "until='code'"),
        "its figure “dug” counts until “code”, which is no date of it",
    ),
    "unhalved": (
        _counting("unhalved", "until='dug_on', halves=('code', 'code')"),
        "its figure “dug” has halves by “code”, which is no choice",
    ),
    "unasked": (
        _counting("unasked", "where={'deep': 3}"),
        "its figure “dug” asks of “deep” what it cannot be",
    ),
    "nobodys": (
        _counting("nobodys", "by='code'"),
        "its figure “dug” counts for “code”, no cadre or organization",
    ),
    "answered": (
        with_records("answered", more=f", migrations={HERE}, answers=('answered',)"),
        "its answers has to be a tuple of Answer",
    ),
    "other": (
        _answering("other", "Answer('expense')"),
        "it answers by “expense”, which is no kind of its own records",
    ),
    "again": (
        _answering("again", "Answer('again'), Answer('again')"),
        "there are two answers for “again”",
    ),
    "unfilled": (
        _answering("unfilled", "Answer('unfilled', verb='dig')"),
        "its answer for “unfilled” has a verb and no field that the verb fills",
    ),
    "undated": (
        _answering("undated", "Answer('undated', 'organization', verb='dig')"),
        "its answer for “undated.organization” names no date of that kind",
    ),
    "both": (
        _answering("both", "Answer('both', 'dug_on', prefill={'dug_on': TODAY})"),
        "its answer for “both.dug_on” fills in a form and names a field",
    ),
    "unfit": (
        _answering("unfit", "Answer('unfit', prefill={'dug_on': SUBJECT})"),
        "its answer for “unfit” fills in “dug_on”, which cannot be",
    ),
    "pages": (
        plain("pages", ", views='tiesan_pages.views'"),
        "there is no module tiesan_pages.views, which its views names",
    ),
    "invented": (
        plain("invented", ", demo='nowhere.at.all:write'"),
        "there is no module nowhere.at.all, which its demo names",
    ),
    "welcome": (
        plain("welcome", ", home='tiesan_welcome.home'"),
        "there is no module tiesan_welcome.home, which its home names",
    ),
    "lessons": (
        plain("lessons", ", courses='tiesan_lessons.courses'"),
        "there is no module tiesan_lessons.courses, which its courses names",
    ),
}


def test_everything_that_breaks_the_contract_is_said(tiesan: Tiesan, tmp_path: Path) -> None:
    for name, (source, _problem) in BROKEN.items():
        env = install(tmp_path / "packages", source, name)
    refused = tiesan("rules", "list", env=env, status=1).stderr.splitlines()
    problems = {name: problem for name, (_source, problem) in BROKEN.items()}
    assert refused == [f"Plugin {name}: {problems[name]}" for name in sorted(problems)]


def test_a_plugin_says_for_which_contract_it_was_written(tiesan: Tiesan, tmp_path: Path) -> None:
    env = install(tmp_path / "packages", PLUGIN.format(name="garden", more=""))
    [line] = tiesan("rules", "list", env=env, status=1).stderr.splitlines()
    assert line.startswith("Plugin garden (tiesan-garden 2.0) cannot be loaded: TypeError: ")
    assert "'contract'" in line


def test_a_plugin_of_a_later_contract_is_refused(tiesan: Tiesan, tmp_path: Path) -> None:
    env = install(tmp_path / "packages", plain("garden", "", contract="2"))
    refused = tiesan("rules", "list", env=env, status=1, lang="zh").stderr
    assert refused == "插件 garden：按第 2 版插件约定编写；本程序为第 1 版\n"


def test_views_that_cannot_be_loaded_stop_the_application_and_no_command(
    tiesan: Tiesan, tmp_path: Path
) -> None:
    more = f", migrations={HERE}, views='tiesan_garden.views'"
    env = install(tmp_path / "packages", with_records(more=more))
    (tmp_path / "packages/tiesan_garden/views.py").write_text("import no_such_package\n")
    tiesan("init-db", env=env)
    [line] = tiesan("serve", "--port", "0", env=env, status=1).stderr.splitlines()
    assert line == (
        "Plugin garden: its views (tiesan_garden.views) cannot be loaded:"
        " ModuleNotFoundError: No module named 'no_such_package'"
    )


def test_demo_records_that_cannot_be_written_are_said(tiesan: Tiesan, tmp_path: Path) -> None:
    more = f", migrations={HERE}, demo='tiesan_garden:write_demo'"
    env = install(tmp_path / "packages", with_records(more=more))
    tiesan("init-db", env=env)
    [line] = tiesan("demo", "--no-evaluate", env=env, status=1).stderr.splitlines()
    assert line == (
        "Plugin garden: its demo (tiesan_garden:write_demo) cannot be loaded: AttributeError:"
        " module 'tiesan_garden' has no attribute 'write_demo'"
    )


def test_only_one_plugin_excuses(tiesan: Tiesan, tmp_path: Path) -> None:
    more = f", migrations={HERE}, excuse=Excuse('garden', print)"
    source = "from tiesan.facts.derived import Excuse\n" + with_records(more=more)
    env = install(tmp_path / "packages", source)
    refused = tiesan("rules", "list", env=env, status=1, lang="zh").stderr
    assert refused == "插件 garden：何种情形免除应尽事项，已由另一个插件规定\n"


def test_rules_of_another_plugin_are_refused(tiesan: Tiesan, tmp_path: Path) -> None:
    rules = tmp_path / "packages/tiesan_garden/rules.yaml"
    env = install(tmp_path / "packages", plain("garden", f", rules={HERE} / 'rules.yaml'"))
    rules.write_text("plugin: lawn\nrules: []\n", encoding="utf-8")
    refused = tiesan("rules", "list", env=env, status=1).stderr
    assert refused == f"{rules}: the rules are those of the plugin “lawn”, not of “garden”\n"
