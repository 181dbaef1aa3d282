"""Values as words: choices by label, references by name, amounts and dates by locale."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date, get_day_names
from babel.numbers import format_decimal

from tiesan.facts.kinds import Fact, FactKinds, FieldType, Value
from tiesan.i18n import _, use_language
from tiesan.rules.item_list import ItemList
from tiesan.rules.judging.conditions import Binding
from tiesan.rules.literals import raw_text
from tiesan.rules.parameters import Parameter, ParameterValue, Values
from tiesan.rules.parts import DatePart
from tiesan.rules.tree import ParameterRef, Path, Rule, Template

LOCALES: Mapping[str, str] = {"zh": "zh_Hans_CN", "en": "en"}


class Printer:
    """Prints the values of one world's facts in either language."""

    def __init__(
        self, kinds: FactKinds, binding: Binding, names: Mapping[str, Mapping[str, str]]
    ) -> None:
        """Take the names of rows by kind and code, for references."""
        self.kinds, self.binding, self._names = kinds, binding, names

    def filled(
        self, template: Template, rule: Rule, fact: Fact, values: Values, language: str
    ) -> str:
        """A message with its placeholders filled in; a blank is printed as "not given"."""
        texts = []
        for part in template.parts:
            if isinstance(part, str):
                texts.append(part)
            elif isinstance(part, ParameterRef):
                texts.append(self._parameter(rule, part, values, language))
            else:
                value = self.binding.getter(part, rule.shape)(fact)
                texts.append(self.value(value, part, language))
        return "".join(texts)

    def _parameter(self, rule: Rule, part: ParameterRef, values: Values, language: str) -> str:
        declared = rule.parameters[part.name]
        return in_words(declared, values[part.name], language)

    def value(self, value: Value, path: Path, language: str) -> str:
        """The value of a path, in words."""
        field = path.last
        if value is not None and field.to is not None and path.part is None:
            return self._names.get(field.to, {}).get(str(value), str(value))
        if isinstance(value, str) and value in field.choices:
            with use_language(LOCALES[language]):
                return str(field.choices[value])
        if path.part is DatePart.WEEKDAY and isinstance(value, int):
            return weekday_name(value, language)
        return printed(value, path.type, language)


def in_words(declared: Parameter, value: ParameterValue, language: str) -> str:
    """A parameter's value as a message has it: choices by label, the items of a list joined."""
    items = value.items if isinstance(value, ItemList) else (value,)
    with use_language(LOCALES[language]):
        return _(", ").join(_item(declared, each, language) for each in items)


def _item(declared: Parameter, value: Value, language: str) -> str:
    if isinstance(value, str) and value in declared.choices:
        return declared.choices[value].in_language(language)
    return printed(value, declared.type, language)


def weekday_name(number: int, language: str) -> str:
    """The name of a day of the week, 1 being Monday; a number that is none is given as it is."""
    names = get_day_names("wide", locale=LOCALES[language])
    return str(names[number - 1]) if number - 1 in names else str(number)


def printed(value: Value, kind: FieldType, language: str) -> str:
    """A value in words, without labels and names."""
    if value is None:
        with use_language(LOCALES[language]):
            return _("(not given)")
    if isinstance(value, bool):
        with use_language(LOCALES[language]):
            return _("yes") if value else _("no")
    if isinstance(value, date):
        return printed_date(value, language)
    if kind is FieldType.AMOUNT:
        return format_decimal(Decimal(raw_text(value, kind)), "#,##0.00", locale=LOCALES[language])
    return raw_text(value, kind)


@lru_cache(maxsize=4096)
def printed_date(day: date, language: str) -> str:
    """A date as people write it: 2026年3月5日, Mar 5, 2026."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return format_date(day, format="medium", locale="en")
