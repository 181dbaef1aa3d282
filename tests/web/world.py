"""Flags and runs in the small world of ``tiesan.testing``: at each place, of every sort."""

from datetime import date

from sqlalchemy import delete
from sqlalchemy.orm import Session

from plugins.discipline.models import ConductReport
from tiesan.flags.catalog import Catalog
from tiesan.flags.follow_up import Notice, NoticeFinding
from tiesan.flags.linking import fill_links
from tiesan.flags.models import Flag, FlagEvent, FlagRevision
from tiesan.flags.waivers import Waiver
from tiesan.people.models import Cadre, Organization
from tiesan.records.corrections import CorrectionRequest
from tiesan.records.kinds import record_kind
from tiesan.records.pending import PendingEvaluation
from tiesan.scheduler.models import JobRun, State
from tiesan.testing.world import AT, PLACES, World
from tiesan.testing.world import fill as fill_without_flags


def fill(session: Session, catalog: Catalog) -> World:
    """Write everything and commit."""
    world = fill_without_flags(session, catalog)
    _fill_flags(session, world)
    _fill_runs(session, world)
    _fill_waivers(session, world)
    _fill_corrections(session, world)
    session.flush()
    fill_links(session, catalog.plugins)
    # As if everything had been evaluated, and found as it is stored.
    session.execute(delete(PendingEvaluation))
    session.commit()
    return world


def _fill_flags(session: Session, world: World) -> None:
    """At each place flags of the cadre and the organization, one about money, one in secret."""
    kinds: tuple[tuple[str, str, bool, bool], ...] = (
        ("c", "discipline.late", True, False),
        ("o", "study.session_missed", False, False),
        ("m", "discipline.expense_unapproved", True, False),
        ("k", "discipline.conduct_unhandled", False, True),
    )
    for letter, code in PLACES.items():
        for sort, rule, of_cadre, secret in kinds:
            organization = session.get_one(Organization, world.organizations[code])
            cadre = session.get_one(Cadre, world.cadres[f"C{letter}"])
            flag = flag_of(organization, cadre, rule, of_cadre=of_cadre)
            flag.key, flag.confidential = f"{sort}{letter}", secret
            session.add(flag)
            session.flush()
            world.flags[f"{sort}{letter}"] = flag.id


def _fill_waivers(session: Session, world: World) -> None:
    """A waiver of each organization itself."""
    for letter, code in PLACES.items():
        place = session.get_one(Organization, world.organizations[code])
        waiver = Waiver(
            plugin="harmony",
            organization_id=place.id,
            district_id=place.district_id,
            first_day=AT.date(),
            until=AT.date(),
            text="停机",
            granted_on=AT.date(),
            granted_at=AT,
            giver_id=world.accounts["committee"],
        )
        session.add(waiver)
        session.flush()
        world.waivers[letter] = waiver.id


def _fill_corrections(session: Session, world: World) -> None:
    """At each place a request to correct the attendance of the cadre there."""
    for letter, code in PLACES.items():
        asker = {"O": "cadre", "P": "district"}.get(letter, "nobody")
        asked = CorrectionRequest(
            district_id=session.get_one(Organization, world.organizations[code]).district_id,
            kind="attendance",
            row_id=world.records["attendance"][letter],
            cadre_id=world.cadres[f"C{letter}"],
            account_id=world.accounts[asker],
            text="忘记打卡",
            wished={"clock_out": [None, "17:30:00"]},
            voids=False,
            asked_on=AT.date(),
            asked_at=AT,
        )
        session.add(asked)
        session.flush()
        world.corrections[letter] = asked.id


def _fill_runs(session: Session, world: World) -> None:
    """A run of each district that is done."""
    day = AT.date()
    for place in ("P", "X"):
        run = JobRun(
            job="evaluate",
            district_id=world.organizations[PLACES[place]],
            day=day,
            covers_from=day,
            actor_name="tester",
            state=State.DONE.value,
            due_at=AT,
            ended_at=AT,
        )
        session.add(run)
        session.flush()
        world.runs[place] = run.id


def flag_of(organization: Organization, cadre: Cadre, rule: str, *, of_cadre: bool) -> Flag:
    evidence = [{"fact": record_kind(ConductReport).name, "cadre": cadre.code}]
    flag = Flag(
        rule=rule,
        severity="serious" if of_cadre else "minor",
        cadre=cadre if of_cadre else None,
        organization=None if of_cadre else organization,
        key="",
        episode=1,
        district_id=organization.district_id,
        occurred_on=date(2026, 3, 20),
        message_zh=f"{organization.name}的情况",
        message_en=f"about {organization.code}",
        active=True,
        raised_at=AT,
        raised_as_of=date(2026, 3, 30),
        known_as_of=date(2026, 3, 30),
        revision=1,
        evidence_digest="0",
        rule_digest="0",
    )
    flag.revisions = [
        FlagRevision(
            number=1,
            at=AT,
            as_of=date(2026, 3, 30),
            rule_digest="0",
            severity=flag.severity,
            occurred_on=flag.occurred_on,
            message_zh=flag.message_zh,
            message_en=flag.message_en,
            evidence=evidence,
        )
    ]
    flag.events = [
        FlagEvent(at=AT, on=date(2026, 3, 30), verb="raised", actor_name="tester", revision=1)
    ]
    return flag


def notice_of(flag: Flag, *, prefix: str, number: int) -> Notice:
    """A notice about a flag that nobody has signed for, with time left."""
    finding = NoticeFinding(
        flag=flag,
        message_zh=flag.message_zh,
        message_en=flag.message_en,
        clause_zh="",
        clause_en="",
        occurred_on=flag.occurred_on,
    )
    return Notice(
        district_id=flag.district_id,
        year=2026,
        number=number,
        prefix=prefix,
        cadre_id=flag.cadre_id,
        organization_id=flag.organization_id,
        confidential=flag.confidential,
        text="整改",
        issued_on=date(2026, 3, 30),
        first_due_on=date(2099, 3, 30),
        due_on=date(2099, 3, 30),
        findings=[finding],
    )
