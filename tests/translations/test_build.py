"""The catalogues are complete, and the tool that builds them finds what is wrong."""

import gettext
from pathlib import Path

import pytest

from tiesan.i18n import TRANSLATIONS
from tiesan.paths import PACKAGE
from tiesan.translations.build import build, domains, main, marked_texts

MODULE = '''
from tiesan.i18n import _, _l, ngettext

TITLE = _l("Title")

def say(n, name):
    """Say "not marked"."""
    return f"{_('in an f-string')} " + ngettext(
        "%(num)d row of "
        "%(name)s", "%(num)d rows of %(name)s", n, name=_(name))
'''
TEMPLATE = "<h1>{{ _('In a template') }}</h1>{% trans n=3 %}{{ n }} things{% endtrans %}"
PART = """
msgid "Title"
msgstr "标题"

msgid "in an f-string"
msgstr "在句中"

msgid "%(num)d row of %(name)s"
msgid_plural "%(num)d rows of %(name)s"
msgstr[0] "%(name)s的%(num)d行"

msgid "In a template"
msgstr "模板里"

msgid "%(n)s things"
msgstr "%(n)s样东西"
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A small program with one module, one template and one part; all its texts have Chinese."""
    (tmp_path / "plugins/odd/templates").mkdir(parents=True)
    (tmp_path / "tiesan/translations/parts").mkdir(parents=True)
    (tmp_path / "tiesan/module.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "plugins/odd/templates/page.html").write_text(TEMPLATE, encoding="utf-8")
    write_part(tmp_path, PART)
    return tmp_path


def write_part(program: Path, content: str, name: str = "all.po") -> None:
    path = program / "tiesan/translations/parts" / name
    path.write_text(content, encoding="utf-8")


def run(program: Path, *, check: bool = False) -> list[str]:
    return build(program / "tiesan/translations", program, check=check)


def compiled(program: Path, language: str) -> gettext.GNUTranslations:
    path = program / f"tiesan/translations/{language}/LC_MESSAGES/messages.mo"
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)


def test_texts_are_found_in_modules_and_templates(program: Path) -> None:
    texts = {text for folder in ("tiesan", "plugins") for text, _ in marked_texts(program / folder)}
    assert texts == {
        ("Title", ""),
        ("in an f-string", ""),
        ("%(num)d row of %(name)s", "%(num)d rows of %(name)s"),
        ("In a template", ""),
        ("%(n)s things", ""),
    }


def test_the_catalogues_hold_both_languages(program: Path) -> None:
    assert run(program) == []
    chinese, english = compiled(program, "zh_Hans_CN"), compiled(program, "en")
    assert chinese.gettext("Title") == "标题"
    assert english.gettext("Title") == "Title"
    row, rows = "%(num)d row of %(name)s", "%(num)d rows of %(name)s"
    assert [chinese.ngettext(row, rows, n) for n in (1, 2)] == ["%(name)s的%(num)d行"] * 2
    assert [english.ngettext(row, rows, n) for n in (1, 2)] == [row, rows]


def test_checking_writes_nothing_and_sees_stale_catalogues(program: Path) -> None:
    assert len(run(program, check=True)) == 4
    assert not (program / "tiesan/translations/en").exists()
    run(program)
    assert run(program, check=True) == []
    write_part(program, PART.replace("标题", "题目"))
    assert run(program, check=True) == [
        "zh_Hans_CN/LC_MESSAGES/messages.po: is not up to date",
        "zh_Hans_CN/LC_MESSAGES/messages.mo: is not up to date",
    ]


def test_building_again_changes_no_byte(program: Path) -> None:
    run(program)
    files = sorted((program / "tiesan/translations").rglob("messages.*"))
    before = [file.read_bytes() for file in files]
    for file in files:
        file.unlink()
    run(program)
    assert [file.read_bytes() for file in files] == before


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('msgid "Title"\nmsgstr "标题"', "", "tiesan/module.py:4: no Chinese for 'Title'"),
        ("标题", "", "all.po: the Chinese of 'Title' is empty"),
        ('"Title"', '"Titel"', "all.po: nothing uses 'Titel'"),
        (
            "%(n)s样",
            "%(m)s样",
            "all.po: the placeholders of '%(n)s things' differ in '%(m)s样东西'",
        ),
    ],
)
def test_problems_name_their_place(program: Path, old: str, new: str, problem: str) -> None:
    write_part(program, PART.replace(old, new))
    assert problem in run(program)


def test_two_parts_may_agree_but_not_differ(program: Path) -> None:
    write_part(program, 'msgid "Title"\nmsgstr "标题"\n', "another.po")
    assert run(program) == []
    write_part(program, 'msgid "Title"\nmsgstr "题目"\n', "another.po")
    assert run(program) == ["another.po: 'Title' is '标题' in all.po"]


def test_a_part_that_is_none_is_named(program: Path) -> None:
    write_part(program, "msgid Title\n", "broken.po")
    with pytest.raises(ValueError, match=r"broken\.po"):
        run(program)


def test_every_text_of_the_program_has_its_chinese() -> None:
    assert build(TRANSLATIONS, PACKAGE.parent, check=True) == []


def test_the_texts_of_libraries_are_those_of_the_installed_ones() -> None:
    assert "click" in {domain.name for domain in domains()}


def test_the_tool_answers_with_its_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == (1 if capsys.readouterr().err else 0)
