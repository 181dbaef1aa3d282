"""Texts in the reader's language.

Every text that a person sees passes through here. The msgids are English; Chinese
(zh_Hans_CN) is the language when nothing says otherwise. A stretch of code is given its language
with `use_language`; where it is not, the language source that the web application sets answers
with the language of the running request.

This module knows no Flask, so that a rule or a command can speak without a web application.
"""

import gettext as catalogues
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from functools import cache
from pathlib import Path
from typing import cast

from babel.support import LazyProxy

from tiesan.paths import PACKAGE

CHINESE = "zh_Hans_CN"
ENGLISH = "en"
LANGUAGES = (CHINESE, ENGLISH)
DEFAULT_LANGUAGE = CHINESE
TRANSLATIONS = PACKAGE / "translations"

LanguageSource = Callable[[], str | None]


def _no_source() -> str | None:
    return None


_chosen: ContextVar[str | None] = ContextVar("language", default=None)
_sources: list[LanguageSource] = [_no_source]
_folders: list[Path] = [TRANSLATIONS]


def set_language_source(source: LanguageSource) -> None:
    """Let a function say which language holds where none was chosen.

    It returns a language tag (`zh`, `en-GB`, `zh_Hans_CN`), or None when it does not know, for
    instance outside a request. A later source replaces an earlier one.
    """
    _sources[:] = [source]


def add_translations(folder: Path) -> None:
    """Read further texts from a plugin's folder of catalogues.

    The folder is laid out as `<language>/LC_MESSAGES/messages.mo`. Texts that the application has
    itself are not replaced. Naming a folder again changes nothing.
    """
    if folder not in _folders:
        _folders.append(folder)
        _catalogue.cache_clear()


def language_of(tag: str) -> str | None:
    """Return which of the `LANGUAGES` a tag such as `zh-CN` or `en_US.UTF-8` means, if any."""
    head = tag.replace("-", "_").split("_")[0].split(".")[0].lower()
    return {"zh": CHINESE, "en": ENGLISH}.get(head)


@contextmanager
def use_language(tag: str) -> Iterator[None]:
    """Speak the language of a tag inside a `with`; raises ValueError when it is none of ours."""
    language = language_of(tag)
    if language is None:
        message = f"no such language: {tag}"
        raise ValueError(message)
    token = _chosen.set(language)
    try:
        yield
    finally:
        _chosen.reset(token)


def begin_to_speak() -> Token[str | None]:
    """Settle the language that the source says now, so that it is not asked for every text.

    What is returned is given to ``end_speaking`` when the stretch of work is over.
    """
    return _chosen.set(current_language())


def end_speaking(token: Token[str | None]) -> None:
    """End what ``begin_to_speak`` began."""
    _chosen.reset(token)


def current_language() -> str:
    """Return the language in which texts are given now: one of the `LANGUAGES`."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    tag = _sources[0]()
    return (tag and language_of(tag)) or DEFAULT_LANGUAGE


def gettext(msgid: str, **variables: object) -> str:
    """Return a text in the current language, its `%(name)s` filled when variables are given."""
    text = _catalogue(current_language()).gettext(msgid)
    return text % variables if variables else text


def ngettext(singular: str, plural: str, num: int, **variables: object) -> str:
    """Return a text for a number of things in the current language; `%(num)d` is the number."""
    text = _catalogue(current_language()).ngettext(singular, plural, num)
    return text % {"num": num, **variables}


def lazy_gettext(msgid: str, **variables: object) -> str:
    """Return a text that is looked up whenever it is shown, for texts declared at import.

    The result is no `str`, although it is declared as one, because every place that takes a
    title or label takes it: `str()`, formatting, concatenation and templates give the text in the
    current language. `",".join` and JSON do not know it; give them `str()` of it.
    """
    return cast("str", LazyText(gettext, msgid, enable_cache=False, **variables))


class LazyText(LazyProxy):
    """A text that is looked up whenever it is shown; equal to another one of the same msgid."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        """Compare by msgid with another lazy text, by the shown text with anything else."""
        if isinstance(other, LazyText):
            return (self._args, self._kwargs) == (other._args, other._kwargs)
        return bool(self.value == other)

    def __ne__(self, other: object) -> bool:
        """Return the opposite of equal."""
        return not self == other

    def __hash__(self) -> int:
        """Return a number that stays the same in every language."""
        return hash(self._args)

    def __format__(self, spec: str) -> str:
        """Format the text in the current language."""
        return format(str(self), spec)

    def __copy__(self) -> "LazyText":
        """Return itself: it never changes."""
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> "LazyText":
        """Return itself: it never changes."""
        return self

    def __repr__(self) -> str:
        """Return the call that makes this text."""
        return f"_l({self._args[0]!r})"


@cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    first, *others = (_read_catalogue(folder, language) for folder in _folders)
    for other in others:
        first.add_fallback(other)
    return first


def _read_catalogue(folder: Path, language: str) -> catalogues.NullTranslations:
    path = folder / language / "LC_MESSAGES" / "messages.mo"
    if not path.is_file():
        return catalogues.NullTranslations()
    with path.open("rb") as file:
        return catalogues.GNUTranslations(file)


_ = gettext
_l = lazy_gettext
