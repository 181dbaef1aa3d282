"""Texts that a rule file gives in both languages: titles, clauses, labels, messages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in the language of a locale such as ``zh_Hans_CN`` or ``en``."""
        return self.en if language.startswith("en") else self.zh
