"""Two districts with people of every role, and flags that are answered there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.courses.world import TESTER
from tiesan.flags.links import CADRE
from tiesan.flags.models import EvidenceLink, Flag, FlagEvent, FlagRevision
from tiesan.people.models import Account, Cadre, Grant, Organization, Role, RoleName
from tiesan.records.organizations import create_cadre, create_organization
from tiesan.records.pending import PendingEvaluation
from tiesan.testing.browsing import person, signed_in

DAY_0 = date(2026, 3, 2)
AT = datetime(2026, 3, 1, 2, tzinfo=UTC)

ORGANIZATIONS = (
    ("D1", "district", None),
    ("F1", "federation", "D1"),
    ("E1", "enterprise", "F1"),
    ("F2", "federation", "D1"),
    ("F4", "federation", "D1"),
    ("D2", "district", None),
    ("F3", "federation", "D2"),
)
# Code, posted to, chairs.
CADRES = (
    ("CZ", "D1", "D1"),
    ("CH1", "F1", "F1"),
    ("CE", "E1", "E1"),
    ("CK", "F2", "F2"),
    ("CY", "F3", "D2"),
    ("A1", "F1", None),
    ("A2", "F1", None),
    ("A3", "F2", None),
    ("A4", "F1", None),
    ("A5", "F1", None),
    ("A6", "F1", None),
    ("CP", "D1", None),
    ("CA", "D1", None),
    ("CX", "F3", None),
)
# User name, cadre, roles with their places; a name that ends in _off cannot sign in.
ACCOUNTS = (
    ("sup1", None, (("supervisor", "F1"),)),
    ("sup1b", None, (("supervisor", "F1"),)),
    ("sup2", None, (("supervisor", "F2"),)),
    ("sup_off", None, (("supervisor", "F1"),)),
    ("supd", "CP", (("supervisor", "D1"), ("cadre", "D1"))),
    ("supd2", "CK", (("supervisor", "D1"),)),
    ("multi", "A4", (("supervisor", "F2"), ("cadre", "F1"))),
    ("aud1", "CA", (("audit_committee", "D1"),)),
    ("aud1b", None, (("audit_committee", "D1"),)),
    ("adm", None, (("administrator", None),)),
    ("adm_f1", None, (("administrator", "F1"),)),
    ("chair_d", "CZ", (("cadre", "D1"),)),
    ("chair1", "CH1", (("cadre", "F1"),)),
    ("chair_e", "CE", (("cadre", "E1"),)),
    ("cadre1", "A1", (("cadre", "F1"),)),
    ("cadre3", "A3", (("cadre", "F2"),)),
    ("cadre5", "A5", (("cadre", "F1"),)),
    ("cadre6", "A6", (("cadre", "F1"),)),
    ("supx", "CX", (("supervisor", "D2"),)),
    ("audx", None, (("audit_committee", "D2"),)),
    ("cadrey", "CY", (("cadre", "F3"),)),
)


@dataclass
class World:
    """The application, and the ids of what stands in its database, by code."""

    app: Flask
    session: Session
    organizations: dict[str, int] = field(default_factory=dict)
    cadres: dict[str, int] = field(default_factory=dict)
    made: int = 0
    people: dict[str, tuple[FlaskClient, str]] = field(default_factory=dict)

    def by(self, name: str) -> tuple[FlaskClient, str]:
        """Somebody's browser, signed in, and the token that their forms send."""
        if name not in self.people:
            somebody = person(self.app, name)
            self.people[name] = somebody.client, str(somebody.filled("/")["csrf_token"])
        client, token = self.people[name]
        with client.session_transaction() as session:
            # The clock moves by days: everybody has just signed in.
            session.update(signed_in(self.app, name))
        return client, token

    def flag(self, **given: Any) -> int:
        """A new flag on a cadre (``cadre``) or an organization (``org``), open, committed."""
        self.made += 1
        cadre, org = given.get("cadre"), given.get("org")
        subject = (
            {"organization_id": self.organizations[org]}
            if org
            else {"cadre_id": self.cadres[cadre or "A1"]}
        )
        flag = Flag(
            **subject,
            rule=given.get("rule", "discipline.off_post"),
            severity="serious",
            key=f"K{self.made}",
            episode=1,
            district_id=self._district(org, cadre or "A1"),
            occurred_on=DAY_0 - timedelta(days=3),
            message_zh="查岗时不在岗",
            message_en="away from the post",
            confidential=given.get("confidential", False),
            active=True,
            raised_at=AT,
            raised_as_of=DAY_0,
            known_as_of=DAY_0,
            revision=1,
            evidence_digest="0",
            rule_digest="0",
        )
        flag.revisions = [revision_of(flag, 1)]
        flag.events = [FlagEvent(at=AT, on=DAY_0, verb="raised", actor_name="", revision=1)]
        self.session.add(flag)
        self.session.flush()
        for code in given.get("named", ()):
            link = EvidenceLink(flag_id=flag.id, kind=CADRE, row_id=self.cadres[code], present=True)
            self.session.add(link)
        flag_id = flag.id
        self.session.commit()
        return flag_id

    def _district(self, org: str | None, cadre: str) -> int:
        place = self.organizations[org] if org else self._posted(cadre)
        found = self.session.scalar(
            sa.select(Organization.district_id).where(Organization.id == place)
        )
        assert found is not None
        return found

    def _posted(self, cadre: str) -> int:
        found = self.session.get_one(Cadre, self.cadres[cadre])
        return found.organization_id

    def new_evidence(self, flag_id: int, day: date) -> None:
        """Give a flag a new revision, as an evaluation does."""
        flag = self.session.get_one(Flag, flag_id, populate_existing=True)
        flag.revision += 1
        flag.changed_since_decision = flag.review in {
            "confirmed", "dismissed", "waived", "remedied", "closed",
        }  # fmt: skip
        flag.revisions.append(revision_of(flag, flag.revision))
        self._happened(flag, "revised", day)

    def no_longer_active(self, flag_id: int, day: date) -> None:
        """Let the condition of a flag hold no longer, as an evaluation does."""
        flag = self.session.get_one(Flag, flag_id, populate_existing=True)
        flag.active, flag.cleared_at, flag.cleared_reason = False, at(day), "condition"
        self._happened(flag, "cleared", day)

    def _happened(self, flag: Flag, verb: str, day: date) -> None:
        flag.events.append(
            FlagEvent(at=at(day), on=day, verb=verb, actor_name="", revision=flag.revision)
        )
        self.session.commit()


def at(day: date) -> datetime:
    """Noon in Shanghai."""
    return datetime.combine(day, time(4), UTC)


def revision_of(flag: Flag, number: int) -> FlagRevision:
    """Evidence that says nothing but what the flag says."""
    return FlagRevision(
        number=number,
        at=AT,
        as_of=DAY_0,
        rule_digest="0",
        severity=flag.severity,
        occurred_on=flag.occurred_on,
        message_zh=flag.message_zh,
        message_en=flag.message_en,
        evidence=[],
    )


def fill(app: Flask, session: Session) -> World:
    """Write everything and commit."""
    world = World(app, session)
    organizations: dict[str, Organization] = {}
    for code, kind, parent in ORGANIZATIONS:
        values: Mapping[str, Any] = {
            "code": code,
            "name": f"{code}总工会",
            "kind": kind,
            "parent": organizations.get(parent or ""),
            "founded_on": date(2000, 1, 1),
            "tracked_from": None if parent else date(2026, 1, 1),
        }
        organizations[code] = create_organization(TESTER, session, values, at=AT)
    cadres = dict(_cadres(session, organizations))
    for name, cadre, roles in ACCOUNTS:
        account = Account(
            username=name,
            active=not name.endswith("_off"),
            fs_uniquifier=name,
            cadre=cadres[cadre] if cadre else None,
            created_at=AT,
        )
        session.add(account)
        for role, place in roles:
            row = session.scalars(sa.select(Role).filter_by(name=RoleName(role).value)).one()
            where = organizations[place] if place else None
            account.grants.append(Grant(role=row, organization=where))
    session.flush()
    world.organizations = {code: row.id for code, row in organizations.items()}
    world.cadres = {code: row.id for code, row in cadres.items()}
    # The flags rest on no records: nothing that is left over is to judge them.
    session.execute(sa.delete(PendingEvaluation))
    session.commit()
    return world


def _cadres(
    session: Session, organizations: Mapping[str, Organization]
) -> Iterator[tuple[str, Cadre]]:
    for code, place, chairs in CADRES:
        values = {
            "code": code,
            "name": f"干部{code}",
            "organization": organizations[place],
            "professional": True,
            "joined_on": date(2010, 1, 1),
        }
        row = create_cadre(TESTER, session, values, at=AT)
        if chairs is not None:
            organizations[chairs].chair = row
        yield code, row
