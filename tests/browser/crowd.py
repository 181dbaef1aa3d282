"""A world with a federation of thirty cadres, and a district of four federations with a chair."""

from datetime import date

from sqlalchemy.orm import Session

from tests.web.world import fill
from tiesan.flags.catalog import Catalog
from tiesan.people.models import Account, Cadre, Organization, RoleName
from tiesan.people.services import grant_role
from tiesan.records.organizations import create_cadre, create_organization
from tiesan.testing.world import ACTOR, AT, World

CADRES, FEDERATIONS = 30, 4
_SURNAMES, _NAMES = "赵钱孙李周", "建国志明秀兰桂英海"


def fill_crowd(session: Session, catalog: Catalog) -> World:
    """Write it and commit; gives what is in it, but for whom there are more of."""
    world = fill(session, catalog)
    _add(session)
    session.commit()
    return world


def _add(session: Session) -> None:
    places = {each.code: each for each in session.query(Organization)}
    # The chair of the federation, one more, and one below are there already.
    for number in range(CADRES - 2):
        name = _SURNAMES[number % 5] + _NAMES[number % 9] + _NAMES[(number * 5 + 1) % 9]
        values = {
            "code": f"N{number:02d}",
            "name": name,
            "organization": places["F1"],
            "professional": True,
            "joined_on": date(2020, 1, 1),
        }
        create_cadre(ACTOR, session, values, at=AT)
    for number in range(3, FEDERATIONS + 1):
        values = {
            "code": f"F{number}",
            "name": f"第{number}联合会",
            "kind": "federation",
            "parent": places["D1"],
            "founded_on": date(2000, 1, 1),
            "tracked_from": None,
        }
        create_organization(ACTOR, session, values, at=AT)
    places["D1"].chair = session.query(Cadre).filter_by(code="CP").one()
    account = session.query(Account).filter_by(username="district").one()
    grant_role(ACTOR, session, account, RoleName.CADRE, places["D1"], at=AT)
