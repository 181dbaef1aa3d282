"""Texts come in the language that holds where they are shown."""

import copy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from markupsafe import Markup, escape

from tiesan import i18n
from tiesan.i18n import _, _l, add_translations, current_language, ngettext, use_language

TEXT = "The database cannot be used: %(reason)s"


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(i18n, "_sources", [*i18n._sources])
    monkeypatch.setattr(i18n, "_folders", [*i18n._folders])
    yield
    i18n._catalogue.cache_clear()


def test_chinese_is_the_language_when_nothing_says_otherwise() -> None:
    assert current_language() == "zh_Hans_CN"
    assert _(TEXT, reason="x") == "数据库无法使用：x"


@pytest.mark.parametrize("tag", ["en", "en_GB", "en-US", "EN", "en_US.UTF-8"])
def test_a_stretch_of_code_has_its_language(tag: str) -> None:
    with use_language(tag):
        assert current_language() == "en"
        assert _(TEXT, reason="x") == "The database cannot be used: x"
        with use_language("zh"):
            assert _(TEXT, reason="x") == "数据库无法使用：x"
        assert current_language() == "en"
    assert current_language() == "zh_Hans_CN"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="fr"), use_language("fr"):
        pass


def test_the_source_answers_where_no_language_was_chosen() -> None:
    answers: list[str | None] = ["en_US", None, "fr", ""]
    i18n.set_language_source(lambda: answers.pop(0))
    assert [current_language() for _again in range(4)] == ["en", *["zh_Hans_CN"] * 3]
    with use_language("en"):
        assert current_language() == "en"


def test_a_text_without_variables_keeps_its_percent_signs() -> None:
    assert _("100 % of %(nothing)s") == "100 % of %(nothing)s"


def test_numbers_choose_their_form() -> None:
    with use_language("en"):
        assert ngettext("%(num)d row", "%(num)d rows", 1) == "1 row"
        assert (
            ngettext("%(num)d row of %(of)s", "%(num)d rows of %(of)s", 2, of="a") == "2 rows of a"
        )


def test_a_lazy_text_is_looked_up_when_it_is_shown() -> None:
    text = _l(TEXT, reason="<")
    with use_language("en"):
        assert str(text) == f"{text}" == "%s" % text == "The database cannot be used: <"  # noqa: UP031
        assert escape(text) == "The database cannot be used: &lt;"
        assert Markup("<b>{}</b>").format(text) == "<b>The database cannot be used: &lt;</b>"
    assert str(text) == "数据库无法使用：<"
    assert text + "!" == "数据库无法使用：<!"
    assert "!" + text == "!数据库无法使用：<"
    assert text.upper() == "数据库无法使用：<"
    assert f"{text:>10}" == " 数据库无法使用：<"


def test_lazy_texts_are_equal_by_msgid_in_every_language() -> None:
    text = _l(TEXT)
    number = hash(text)
    assert text == _l(TEXT)
    assert text != _l(TEXT, reason="x")
    assert text != _l("another")
    assert text == "数据库无法使用：%(reason)s"
    with use_language("en"):
        assert hash(text) == number
        assert text == TEXT
    assert repr(text) == f"_l({TEXT!r})"
    assert copy.copy(text) is copy.deepcopy(text) is text


def test_a_plugin_adds_its_texts_and_replaces_none(tmp_path: Path) -> None:
    catalogue = Catalog(locale="zh_Hans_CN")
    catalogue.add("Widgets", "零件")
    catalogue.add(TEXT, "别的")
    folder = tmp_path / "zh_Hans_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    assert _("Widgets") == "Widgets"
    add_translations(tmp_path)
    add_translations(tmp_path)
    assert _("Widgets") == "零件"
    assert _(TEXT) == "数据库无法使用：%(reason)s"
    with use_language("en"):
        assert _("Widgets") == "Widgets"


def test_texts_need_no_web_application() -> None:
    program = "import sys, tiesan.i18n; sys.exit('flask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
