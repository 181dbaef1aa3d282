"""The organizations and cadres of one fictitious district."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from random import Random

from tiesan.demo.plan import DemoPlan
from tiesan.demo.words import Words, words_beside
from tiesan.extensions import Base
from tiesan.people.models import Cadre, Organization, OrganizationKind

# How often somebody slips, compared with an ordinary cadre or organization.
_DILIGENT, _ORDINARY, _CARELESS = 0.25, 1.0, 6.0
_WEAK = 3.0
_DILIGENT_SHARE = 0.4
_CARELESS_SHARE = 0.04
_LEAST_CARELESS = 2
# The first posts of a district are held by its leaders, the second one of a federation by a
# volunteer: they are not professional cadres.
_LEADERS = 3
_AUDITOR = 2
_VOLUNTEER = 1


@dataclass(frozen=True, slots=True, eq=False)
class DemoOrganization:
    """An organization as demo records see it; ``slack`` says how often it slips (1 is usual)."""

    id: int
    code: str
    name: str
    kind: str
    parent: "DemoOrganization | None"
    founded_on: date
    dissolved_on: date | None = None
    slack: float = _ORDINARY

    def stands(self, first_day: date, last_day: date) -> bool:
        """Whether it stood on every day from ``first_day`` to ``last_day``."""
        return self.founded_on <= first_day and (
            self.dissolved_on is None or last_day < self.dissolved_on
        )


@dataclass(frozen=True, slots=True, eq=False)
class DemoCadre:
    """A cadre as demo records see it; ``slack`` says how often they slip (1 is usual).

    ``clocks`` says whether they clock in: everybody does who is posted to a district or a
    federation.
    """

    id: int
    code: str
    name: str
    organization: DemoOrganization
    post: str
    professional: bool
    joined_on: date
    left_on: date | None = None
    slack: float = _ORDINARY

    @property
    def clocks(self) -> bool:
        """Whether the cadre clocks in."""
        return self.organization.kind != OrganizationKind.ENTERPRISE

    def in_post(self, day: date) -> bool:
        """Whether the cadre is in post on a day."""
        return self.joined_on <= day and (self.left_on is None or day < self.left_on)


@dataclass(frozen=True)
class Cast:
    """One district: its organizations, superior ones first, and its cadres, by organization."""

    organizations: tuple[DemoOrganization, ...]
    cadres: tuple[DemoCadre, ...]

    @property
    def district(self) -> DemoOrganization:
        """The district itself."""
        return self.organizations[0]

    def of_kind(self, kind: OrganizationKind) -> list[DemoOrganization]:
        """The organizations of one kind, in order of their codes."""
        return [each for each in self.organizations if each.kind == kind]

    @cached_property
    def posted(self) -> Mapping[DemoOrganization, list[DemoCadre]]:
        """The cadres of each organization that has any, the chair first."""
        posted: dict[DemoOrganization, list[DemoCadre]] = {}
        for each in self.cadres:
            posted.setdefault(each.organization, []).append(each)
        return posted

    @property
    def auditor(self) -> DemoCadre:
        """Who decides for the audit committee."""
        return self.posted[self.district][_AUDITOR]

    @property
    def weakest(self) -> DemoOrganization:
        """The federation that slips most."""
        return max(self.of_kind(OrganizationKind.FEDERATION), key=lambda each: each.slack)

    @property
    def troublemakers(self) -> list[DemoCadre]:
        """The careless ones; there are at least two."""
        return [each for each in self.cadres if each.slack == _CARELESS]


class Casting:
    """Makes the districts of a plan; ``new_id`` gives the ids of rows that are to be stored."""

    def __init__(self, plan: DemoPlan, new_id: Callable[[type[Base]], int]) -> None:
        """Begin without any organization."""
        self._plan, self._shape, self._new_id = plan, plan.shape, new_id
        self._words: Words = words_beside(__file__, "words.toml")

    def district(self, number: int) -> Cast:
        """Make the district of that number, counted from 0."""
        random = Random(f"{self._plan.seed}/{number}/cast")
        organizations = self._tree(random, number)
        names = _paired(random, self._words["surnames"], self._words["given_names"])
        cadres = [
            self._cadre(random, organization, position, post, next(names))
            for organization, posts in self._posts(organizations)
            for position, post in enumerate(posts)
        ]
        return Cast(
            organizations=tuple(organizations),
            cadres=tuple(_with_slack(random, self._moved(cadres), self._plan.first_day)),
        )

    def _tree(self, random: Random, number: int) -> list[DemoOrganization]:
        name = _numbered(self._words["districts"], number)
        district = self._organization(f"Q{number + 1:02}", f"{name}总工会", date(1984, 5, 1))
        names = random.sample(self._words["federations"], len(self._words["federations"]))
        federations = [
            self._organization(
                f"{district.code}L{each + 1:02}",
                _numbered(names, each),
                _some_day(random, 2004, 2012),
                district,
            )
            for each in range(self._shape.federations)
        ]
        federations[-1] = replace(federations[-1], slack=_WEAK)
        return [district, *federations, *self._enterprises(random, district, federations)]

    def _enterprises(
        self, random: Random, district: DemoOrganization, federations: list[DemoOrganization]
    ) -> list[DemoOrganization]:
        superiors = [
            federations[each % len(federations)] for each in range(self._shape.enterprises)
        ]
        names = _paired(random, self._words["brands"], self._words["trades"])
        made = [
            self._organization(
                f"{district.code}E{each + 1:03}",
                f"{next(names)}有限公司工会",
                _some_day(random, 2006, 2020),
                superior,
            )
            for each, superior in enumerate([*superiors, *[district] * self._shape.direct])
        ]
        # One firm closed while the district kept its records, and one union is new.
        closed, new = self._shape.enterprises - 2, self._shape.enterprises - 1
        made[closed] = replace(made[closed], dissolved_on=self._later(200))
        made[new] = replace(made[new], founded_on=self._later(100))
        return made

    def _organization(
        self, code: str, name: str, founded_on: date, parent: DemoOrganization | None = None
    ) -> DemoOrganization:
        kind = OrganizationKind.ENTERPRISE
        if parent is None:
            kind = OrganizationKind.DISTRICT
        elif name.endswith("联合会"):
            kind = OrganizationKind.FEDERATION
        return DemoOrganization(self._new_id(Organization), code, name, kind, parent, founded_on)

    def _posts(
        self, organizations: list[DemoOrganization]
    ) -> Iterator[tuple[DemoOrganization, list[str]]]:
        """The organizations that have cadres, with the titles of their posts."""
        chairs = self._shape.chairs
        for organization in organizations:
            if organization.kind == OrganizationKind.DISTRICT:
                yield organization, _filled(self._words["district_posts"], self._shape.office)
            elif organization.kind == OrganizationKind.FEDERATION:
                yield organization, _filled(self._words["federation_posts"], self._shape.staff)
            elif chairs > 0:
                chairs -= 1
                yield organization, [self._words["enterprise_post"]]

    def _cadre(
        self, random: Random, organization: DemoOrganization, position: int, post: str, name: str
    ) -> DemoCadre:
        number = self._new_id(Cadre)
        if organization.kind == OrganizationKind.DISTRICT:
            professional = position >= _LEADERS
        else:
            professional = (
                organization.kind == OrganizationKind.FEDERATION and position != _VOLUNTEER
            )
        return DemoCadre(
            id=number,
            code=f"G{number:04}",
            name=name,
            organization=organization,
            post=post,
            professional=professional,
            joined_on=max(_some_day(random, 2008, 2022), organization.founded_on),
        )

    def _moved(self, cadres: list[DemoCadre]) -> list[DemoCadre]:
        """Let one cadre of the district's office leave, and one of a federation be new."""
        office = [each for each in cadres if each.organization is cadres[0].organization]
        leaves = office[-1]
        joins = cadres[len(office) + 2 * self._shape.staff - 1]
        changed = {
            leaves: replace(leaves, left_on=self._later(250)),
            joins: replace(joins, joined_on=self._later(75)),
        }
        return [changed.get(each, each) for each in cadres]

    def _later(self, days: int) -> date:
        return self._plan.first_day + timedelta(days)


def _with_slack(random: Random, cadres: list[DemoCadre], first_day: date) -> Iterator[DemoCadre]:
    """The cadres with their manners: many are diligent, a few of the federations' careless."""
    seen: set[DemoOrganization] = set()
    others = []
    for each in cadres:
        stays = each.left_on is None and each.in_post(first_day)
        in_federation = each.organization.kind == OrganizationKind.FEDERATION
        if in_federation and each.organization in seen and each.professional and stays:
            others.append(each)
        seen.add(each.organization)
    careless = random.sample(others, max(_LEAST_CARELESS, round(len(others) * _CARELESS_SHARE)))
    for each in cadres:
        slack = _DILIGENT if random.random() < _DILIGENT_SHARE else _ORDINARY
        yield replace(each, slack=_CARELESS if each in careless else slack)


def _paired(random: Random, firsts: list[str], seconds: list[str]) -> Iterator[str]:
    """Names of two parts in random order; they repeat only when there are no others left."""
    while True:
        order = list(range(len(firsts) * len(seconds)))
        random.shuffle(order)
        for each in order:
            yield firsts[each // len(seconds)] + seconds[each % len(seconds)]


def _filled(posts: list[str], number: int) -> list[str]:
    """So many titles, the last one again and again when there are too few."""
    return [posts[min(each, len(posts) - 1)] for each in range(number)]


def _numbered(names: list[str], position: int) -> str:
    """The name at a position; beyond the end they begin anew with a number."""
    turn, each = divmod(position, len(names))
    return names[each] if turn == 0 else f"第{turn + 1}{names[each]}"


def _some_day(random: Random, first_year: int, last_year: int) -> date:
    return date(random.randint(first_year, last_year), random.randint(1, 12), random.randint(1, 28))
