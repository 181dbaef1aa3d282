"""Build the catalogues: `python -m tiesan.translations.build [--check]`.

Every text marked in the program's Python files and templates needs a Chinese text in one of
`parts/*.po`. The tool gathers the marked texts, takes the Chinese from the parts, says what is
missing, contradictory or no longer used, and writes `<language>/LC_MESSAGES/<domain>.po` and
`.mo`. The English catalogue says what the msgids say. What it writes depends on nothing but its
input: no dates, no line numbers, sorted by msgid.

With `--check` nothing is written, and the exit status is 1 when there is a problem or when the
written catalogues are not what would be written.
"""

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

from tiesan.i18n import CHINESE, ENGLISH, LANGUAGES, TRANSLATIONS
from tiesan.paths import PACKAGE

# A text: its msgid, and its plural or an empty text.
Text = tuple[str, str]

TEMPLATES = [("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.xml", "jinja2")]
KEYWORDS: Mapping[str, tuple[int, ...] | None] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "_gettext": None,
    "ngettext": (1, 2),
    "_ngettext": (1, 2),
}
NAMED = re.compile(r"%\(\w+\)|\{\w+")
UNNAMED = re.compile(r"%[a-z]")
HEADERS = {
    CHINESE: "nplurals=1; plural=0;",
    ENGLISH: "nplurals=2; plural=(n != 1);",
}


@dataclass
class Domain:
    """One catalogue: the texts that the sources mark and the Chinese that the parts give them.

    ``complete``: whether every marked text must have its Chinese.
    """

    name: str
    sources: tuple[Path, ...]
    parts: tuple[Path, ...]
    complete: bool = True
    problems: list[str] = field(default_factory=list)


class PlainCatalogue(Catalog):
    """A catalogue whose header names neither dates nor people nor tools."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The lines that a reader of the catalogue needs."""
        language = str(self.locale)
        return [
            ("Language", language),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", HEADERS[language]),
        ]

    @mime_headers.setter
    def mime_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        """Ignore headers that were read: they are always the same."""


def domains(folder: Path = TRANSLATIONS, program: Path = PACKAGE.parent) -> list[Domain]:
    """Return the catalogues to build: the program's own, and one per file of `libraries`."""
    own = Domain(
        "messages",
        (program / "tiesan", program / "plugins"),
        tuple(sorted(folder.glob("parts/*.po"))),
    )
    libraries = sorted(folder.glob("libraries/*.po"))
    return [own, *(_library(part) for part in libraries)]


def _library(part: Path) -> Domain:
    spec = find_spec(part.stem)
    if spec is None or spec.origin is None:
        message = f"{part.name}: no such library is installed"
        raise ValueError(message)
    return Domain(part.stem, (Path(spec.origin).parent,), (part,), complete=False)


def marked_texts(source: Path) -> Iterator[tuple[Text, str]]:
    """Yield every text marked below a folder, with the place where it stands."""
    found = extract_from_dir(source, method_map=TEMPLATES, keywords=KEYWORDS)
    for file, line, message, *_rest in found:
        forms = (message,) if isinstance(message, str) else message
        yield _text(forms), f"{source.name}/{file}:{line}"
    for path in sorted(source.rglob("*.py")):
        for line, text in _marked_in(path):
            yield text, f"{source.name}/{path.relative_to(source)}:{line}"


def _marked_in(path: Path) -> Iterator[tuple[int, Text]]:
    # Not babel's extractor: what it finds in f-strings depends on the version of Python.
    for node in ast.walk(ast.parse(path.read_bytes(), path)):
        if isinstance(node, ast.Call):
            forms = _marked_by(node)
            if forms:
                yield node.lineno, _text(forms)


def _marked_by(call: ast.Call) -> list[str]:
    """Return the msgid, or singular and plural, that a call such as `_("…")` marks, if any."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name not in KEYWORDS:
        return []
    forms = KEYWORDS[name] or (1,)
    words = [each.value for each in call.args[: len(forms)] if isinstance(each, ast.Constant)]
    texts = [word for word in words if isinstance(word, str)]
    return texts if len(texts) == len(forms) else []


def string_constants(source: Path) -> Iterator[str]:
    """Yield every string that stands in the Python files below a folder."""
    for path in sorted(source.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes(), path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def read_part(path: Path) -> Catalog:
    """Return the texts of a part; raises ValueError when it is no such file."""
    with path.open("rb") as file:
        try:
            return read_po(file, locale=CHINESE, abort_invalid=True)
        except (PoFileError, UnicodeDecodeError) as error:
            message = f"{path.name}: {error}"
            raise ValueError(message) from error


def translations(domain: Domain) -> dict[Text, str]:
    """Return the Chinese of every marked text; what is wrong is added to the domain's problems."""
    marked: dict[Text, str] = {}
    for source in domain.sources:
        for text, place in marked_texts(source):
            marked.setdefault(text, place)
    given = _given(domain)
    if domain.complete:
        missing = (text for text in sorted(marked) if text not in given)
        domain.problems += [f"{marked[text]}: no Chinese for {text[0]!r}" for text in missing]
    unused = [text for text in sorted(given) if text not in marked]
    if not domain.complete:
        # A library may keep a text in a table, and mark only the look-up.
        tables = {text for source in domain.sources for text in string_constants(source)}
        unused = [text for text in unused if text[0] not in tables]
    domain.problems += [f"{given[text][1]}: nothing uses {text[0]!r}" for text in unused]
    return {text: given[text][0] for text in given if text not in unused}


def _given(domain: Domain) -> dict[Text, tuple[str, str]]:
    """Return the Chinese that the parts give to each text, with the part it comes from."""
    given: dict[Text, tuple[str, str]] = {}
    for path in domain.parts:
        for message in read_part(path):
            if not message.id:
                continue
            text = _text(_forms(message.id))
            # Chinese has one form for all numbers.
            chinese = _forms(message.string)[0]
            domain.problems += [f"{path.name}: {what}" for what in _faults(text, chinese)]
            other, where = given.setdefault(text, (chinese, path.name))
            if other != chinese:
                domain.problems.append(f"{path.name}: {text[0]!r} is {other!r} in {where}")
    return given


def _text(forms: Sequence[str]) -> Text:
    singular, *plural = forms
    return singular, "".join(plural)


def _forms(strings: str | Sequence[str] | None) -> Sequence[str]:
    return [strings or ""] if isinstance(strings, str | None) else strings


def _faults(text: Text, chinese: str) -> Iterator[str]:
    if not chinese:
        yield f"the Chinese of {text[0]!r} is empty"
    elif _placeholders(text[1] or text[0]) != _placeholders(chinese):
        yield f"the placeholders of {text[0]!r} differ in {chinese!r}"


def _placeholders(text: str) -> tuple[set[str], list[str]]:
    # Named ones may change places or be repeated, those without a name may not.
    return set(NAMED.findall(text)), UNNAMED.findall(text)


def catalogue(language: str, chinese: Mapping[Text, str]) -> Catalog:
    """Return the catalogue of one language; the English one repeats the msgids."""
    result = PlainCatalogue(locale=language, header_comment="", fuzzy=False)
    for text, translated in sorted(chinese.items()):
        singular, plural = text
        if plural:
            forms = (translated,) if language == CHINESE else (singular, plural)
            result.add((singular, plural), forms)
        else:
            result.add(singular, translated if language == CHINESE else singular)
    return result


def files(domain: Domain, folder: Path) -> dict[Path, bytes]:
    """Return what the compiled files of a domain are to hold; problems go to the domain."""
    chinese = translations(domain)
    result = {}
    for language in LANGUAGES:
        stem = folder / language / "LC_MESSAGES" / domain.name
        built = catalogue(language, chinese)
        for suffix, write in ((".po", _write_po), (".mo", write_mo)):
            buffer = io.BytesIO()
            write(buffer, built)
            result[stem.with_suffix(suffix)] = buffer.getvalue()
    return result


def _write_po(buffer: io.BytesIO, built: Catalog) -> None:
    write_po(buffer, built, no_location=True, width=0)


def build(folder: Path, program: Path, *, check: bool) -> list[str]:
    """Write all catalogues, or with ``check`` none; return the problems, an empty list if none."""
    problems = []
    for domain in domains(folder, program):
        wanted = files(domain, folder)
        problems += domain.problems
        stale = [path for path, content in wanted.items() if not _holds(path, content)]
        if check:
            problems += [f"{path.relative_to(folder)}: is not up to date" for path in stale]
        else:
            for path in stale:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(wanted[path])
    return problems


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def main(words: list[str] | None = None) -> int:
    """Build or check the catalogues of this program; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tiesan.translations.build")
    parser.add_argument("--check", action="store_true", help="write nothing, only report")
    arguments = parser.parse_args(words)
    problems = build(TRANSLATIONS, PACKAGE.parent, check=arguments.check)
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
