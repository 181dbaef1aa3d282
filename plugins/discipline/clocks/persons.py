"""Whom the rows of a clock mean: by our code, by a number that was answered once, or by name.

Nothing is guessed: who is not found in exactly one way is asked about.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from plugins.discipline.clocks.entries import Who
from tiesan.facts.folding import folded
from tiesan.i18n import _
from tiesan.people.merges import aliases
from tiesan.people.models import Cadre, Organization, Posting
from tiesan.records.imports.models import ImportPerson
from tiesan.records.imports.values import Question, Setting
from tiesan.records.kinds import table_of

SKIP = "skip"
_MOST_CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class Person:
    """A cadre in the importer's reach, with the days in post (both ends included)."""

    id: int
    code: str
    name: str
    district_id: int
    place_id: int
    place: str
    spans: Sequence[tuple[date, date]] = ()

    def in_post(self, day: date) -> bool:
        """Whether the cadre is in post on a day."""
        return any(first <= day <= last for first, last in self.spans)

    @property
    def words(self) -> str:
        """Who it is, for a list to choose from."""
        return f"{self.name} {self.code} · {self.place}"


@dataclass(slots=True)
class People:
    """The cadres in reach, by each way to find them."""

    by_id: dict[int, Person] = field(default_factory=dict)
    by_code: dict[str, Person] = field(default_factory=dict)
    by_name: dict[str | None, list[Person]] = field(default_factory=lambda: defaultdict(list))
    kept: dict[tuple[str, str], list[tuple[str, Person]]] = field(
        default_factory=lambda: defaultdict(list)
    )


def read_people(setting: Setting, sources: Iterable[str]) -> People:
    """Read the cadres in reach, and the numbers that were answered for these sources."""
    session, cadre, place = setting.session, table_of(Cadre), table_of(Organization)
    spans: Mapping[int, list[tuple[date, date]]] = defaultdict(list)
    posting = table_of(Posting)
    for cadre_id, first, last in session.execute(
        select(posting.c.cadre_id, posting.c.from_on, posting.c.until_on)
    ):
        spans[cadre_id].append((first, last or date.max))
    statement = (
        select(Cadre.id, Cadre.code, Cadre.name, place.c.district_id, place.c.id, place.c.name)
        .join(place, place.c.id == cadre.c.organization_id)
        .where(setting.reached)
    )
    people = People()
    for row in session.execute(statement):
        cadre_id, code, name, district_id, place_id, called = row
        of_person = spans.get(cadre_id, ())
        person = Person(cadre_id, code, name, district_id, place_id, called, of_person)
        people.by_id[person.id] = person
        people.by_code[person.code] = person
        people.by_name[folded(person.name)].append(person)
    for code, cadre_id in aliases(session).items():
        if cadre_id in people.by_id:
            people.by_code[code] = people.by_id[cadre_id]
    kept = table_of(ImportPerson)
    answered = select(kept.c.source, kept.c.number, kept.c.name, kept.c.cadre_id).where(
        kept.c.source.in_(sorted(set(sources)))
    )
    for source, number, name, cadre_id in session.execute(answered):
        if cadre_id in people.by_id:
            people.kept[source, number].append((name, people.by_id[cadre_id]))
    return people


def key_of(who: Who) -> str:
    """By what a question about somebody is told from others."""
    return "|".join((who.source, *who.numbers, who.name))


@dataclass(slots=True)
class Finding:
    """Whom each row means: found, left out on purpose, or asked about; out of post on a day."""

    questions: dict[Who, Sequence[Person]] = field(default_factory=dict)
    skipped: set[Who] = field(default_factory=set)
    answered: dict[Who, Person] = field(default_factory=dict)
    out_of_post: dict[Who, int] = field(default_factory=lambda: defaultdict(int))


class Finder:
    """Finds whom the rows of clocks mean, and remembers whom it did not find."""

    def __init__(self, people: People, answers: Mapping[str, str]) -> None:
        """Take the cadres in reach and what was answered."""
        self._people, self._answers = people, answers
        self.finding = Finding()
        self._known: dict[Who, Person | None] = {}

    def person(self, who: Who, day: date) -> Person | None:
        """Whom a row of a day means; None for who is asked about, left out, or out of post."""
        answer = self._answers.get(key_of(who))
        if answer == SKIP:
            self.finding.skipped.add(who)
            return None
        if answer is not None and answer.isdecimal() and int(answer) in self._people.by_id:
            found = self.finding.answered[who] = self._people.by_id[int(answer)]
            return self._in_post(who, found, day)
        if who not in self._known:
            self._known[who] = self._by_number(who)
        known = self._known[who]
        if known is not None:
            return self._in_post(who, known, day)
        return self._by_name(who, day)

    def _in_post(self, who: Who, person: Person, day: date) -> Person | None:
        if person.in_post(day):
            return person
        self.finding.out_of_post[who] += 1
        return None

    def _by_number(self, who: Who) -> Person | None:
        """The cadre whose code is one of the numbers, or for whom one of them was answered.

        Where the file has another name for that person it is asked.
        """
        for number in who.numbers:
            found = self._people.by_code.get(number)
            if found is not None and (not who.name or folded(who.name) == folded(found.name)):
                return found
        for number in who.numbers:
            named = self._people.kept.get((who.source, number), [])
            same = [person for name, person in named if folded(name) == folded(who.name)]
            if len(same) == 1:
                return same[0]
        return None

    def _by_name(self, who: Who, day: date) -> Person | None:
        alike = self._people.by_name.get(folded(who.name), []) if who.name else []
        there = [each for each in alike if each.in_post(day)]
        contradicted = any(number in self._people.by_code for number in who.numbers)
        contradicted = contradicted or any(
            (who.source, number) in self._people.kept for number in who.numbers
        )
        if len(there) == 1 and not contradicted:
            return there[0]
        if len(alike) == 1 and not there and not contradicted:
            self.finding.out_of_post[who] += 1
            return None
        self.finding.questions.setdefault(who, there or alike)
        return None


def question_of(who: Who, rows: int, candidates: Sequence[Person]) -> Question:
    """What is asked about somebody."""
    said = " · ".join((who.name, *who.numbers)).strip(" ·")
    text = _("Who is “%(said)s”? (%(rows)d rows)") % {"said": said, "rows": rows}
    offered = [(each.id, each.words) for each in candidates[:_MOST_CANDIDATES]]
    return Question(key_of(who), text, offered)
