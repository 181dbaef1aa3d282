"""The tables of `docs/exchange.md`, written from the record classes: `python -m tests.docs.tables`.

What stands between the two marks of the page is written anew; everything else is by hand.
"""

from collections.abc import Iterator

from tests.docs.pages import DOCS, text_of
from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import use_language
from tiesan.discovery import load_plugins
from tiesan.records.exchange.files import ExchangeFile, exchange_files

PAGE = DOCS / "exchange.md"
BEGIN, END = "<!-- files: begin -->\n", "<!-- files: end -->\n"


def tables() -> str:
    """The tables of all files, in the order in which they are imported."""
    files = exchange_files(load_plugins().records)
    by_kind = {file.kind.name: file for file in files}
    return "\n".join(line for file in files for line in _table(file, by_kind)) + "\n"


def _table(file: ExchangeFile, by_kind: dict[str, ExchangeFile]) -> Iterator[str]:
    kind = file.kind
    yield f"\n### {file.stem}.csv\n"
    with use_language("zh"):
        chinese = str(kind.plural)
    identity = " + ".join(f"`{name}`" for name in kind.identity)
    known = " or, if that is empty, ".join(f"`{name}`" for name in kind.principal)
    yield (
        f"{_english(kind.plural)} ({chinese}). A row is told apart by {identity}"
        + (f" and known from {known} on." if known else " and always known.")
    )
    yield "\n| column | Chinese heading | must not be empty | holds |\n|---|---|---|---|"
    for field, default in zip(file.fields, file.defaults, strict=True):
        with use_language("zh"):
            heading = str(field.label)
        needed = "yes" if field.required else ""
        holds = _holds(field, default, by_kind)
        yield f"| `{field.name}` | {heading} | {needed} | {holds} |"


def _english(text: str) -> str:
    with use_language("en"):
        return str(text)


def _holds(field: Field, default: object, by_kind: dict[str, ExchangeFile]) -> str:
    if field.type is FieldType.REFERENCE:
        return f"`code` of a row of {by_kind[str(field.to)].stem}.csv"
    if field.type is FieldType.CHOICE:
        with use_language("zh"):
            return ", ".join(f"`{value}` {label}" for value, label in field.choices.items())
    words = {
        FieldType.TEXT: f"text, at most {field.max_length or 0:,} characters",
        FieldType.AMOUNT: "amount in yuan, at most two decimals",
        FieldType.TIME: "time, `HH:MM`",
        FieldType.DATE: f"{'planned ' if field.planned else ''}date, `YYYY-MM-DD`",
        FieldType.BOOLEAN: "`true` or `false`",
        FieldType.INTEGER: "whole number",
    }
    empty = "" if default is None else f"; empty = `{str(default).lower()}`"
    return words[field.type] + empty


def written(text: str) -> str:
    """The page with the tables as they are now."""
    before, _begin, rest = text.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    return f"{before}{BEGIN}{tables()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(text_of(PAGE)), encoding="utf-8")
