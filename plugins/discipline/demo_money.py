"""Demo records of discipline, second part: expenses with their approvals, assets with counts."""

from dataclasses import dataclass
from datetime import date, timedelta

from plugins.discipline.assets import Asset, AssetCount
from plugins.discipline.models import (
    Expense,
    ExpenseApproval,
)
from tiesan.calendar.deadlines import add_days
from tiesan.calendar.periods import Every
from tiesan.demo.world import DemoCadre, DemoOrganization, DemoWorld, Stored
from tiesan.people.models import OrganizationKind

_MONTHLY, _MONTHLY_ENTERPRISE = 0.6, 0.15
_LARGE = 0.3
_BY_CHAIR = 0.5
_UNREQUESTED, _UNAPPROVED, _NO_RECEIPT = 0.015, 0.02, 0.012
_FEN = 100
_TENTHS = 10

_ASSETS = {
    OrganizationKind.DISTRICT: 8,
    OrganizationKind.FEDERATION: 4,
    OrganizationKind.ENTERPRISE: 1,
}
_COUNT_LATE = 0.03
# Days between two counts; the rule allows twelve months.
_IN_TIME, _TOO_LATE = (300, 355), (372, 400)


@dataclass
class _Course:
    """How an expense goes: asked for, approved by the audit committee, with a receipt."""

    requested: bool = True
    approved: bool = True
    receipt: bool = True


def write_money(world: DemoWorld) -> None:
    """Write expenses, approvals, assets and counts."""
    _stage(world)
    for month in world.periods(Every.MONTH):
        for cadre in world.cast.cadres:
            chance = _MONTHLY if cadre.clocks else _MONTHLY_ENTERPRISE
            spent_on = world.working_day(month.first_day, month.last_day)
            if world.random.random() < chance and spent_on is not None and cadre.in_post(spent_on):
                _spend(world, cadre, spent_on)
    for organization in world.cast.organizations:
        for number in range(_ASSETS[OrganizationKind(organization.kind)]):
            _asset(world, organization, number)


def _spend(world: DemoWorld, cadre: DemoCadre, spent_on: date) -> None:
    """An expense as most are; at times something is left out."""
    random = world.random
    large = random.random() < _LARGE
    item = world.fresh(__file__, "large_items" if large else "small_items", cadre, spent_on)
    amount = random.randint(item["least"] * _TENTHS, item["most"] * _TENTHS) * _FEN // _TENTHS
    course = _Course(
        requested=not world.slips(cadre, _UNREQUESTED),
        approved=not world.slips(cadre, _UNAPPROVED),
        receipt=not world.slips(cadre, _NO_RECEIPT),
    )
    payee = random.choice(item["payees"])
    expense = _expense(world, cadre, (payee, item["item"], amount), spent_on, course)
    if large and course.approved:
        approver = world.cast.auditor
        if approver is cadre:
            approver = world.posted(world.district)[0]
        _approve(world, expense, "audit_committee", approver, spent_on)
    elif not large and random.random() < _BY_CHAIR:
        chair = world.posted(cadre.organization)[0]
        if chair is not cadre:
            _approve(world, expense, "chair", chair, spent_on)


def _expense(
    world: DemoWorld,
    cadre: DemoCadre,
    what: tuple[str, str, int],
    spent_on: date,
    course: _Course,
) -> Stored:
    """An expense of (payee, item, amount in fen); it is reimbursed within two or three weeks."""
    payee, item, amount = what
    random = world.random
    reimbursed_on = world.known(world.calendar.after(spent_on, random.randint(3, 12)))
    asked = -random.randint(2, 6) if course.requested else random.randint(1, 2)
    return world.add(
        Expense,
        code=world.code("BX", spent_on),
        cadre=cadre,
        payee=payee,
        item=item,
        amount=amount,
        spent_on=spent_on,
        requested_on=world.known(spent_on + timedelta(asked)),
        reimbursed_on=reimbursed_on,
        receipt=course.receipt and reimbursed_on is not None,
    )


def _approve(
    world: DemoWorld, expense: Stored, body: str, approver: DemoCadre, spent_on: date
) -> None:
    """Approve an expense up to two days before the money is spent."""
    decided_on = spent_on - timedelta(world.random.randint(0, 2))
    world.add(
        ExpenseApproval,
        code=world.code("SP", decided_on),
        expense=expense,
        body=body,
        approver=approver,
        decision="approved",
        decided_on=decided_on,
    )


def _stage(world: DemoWorld) -> None:
    """What happens whatever chance brings: a violation of each rule about expenses."""
    worst, chair = world.cast.troublemakers[0], world.posted(world.cast.weakest)[0]
    for month, cadre, what, course in (
        (2, worst, ("红旗饭店", "工作餐", 200 * _FEN), _Course(approved=False)),
        (6, worst, ("利民超市", "慰问品", 120 * _FEN), _Course(approved=False)),
        (6, worst, ("利民超市", "慰问品", 96 * _FEN), _Course(approved=False)),
        (8, chair, ("鸿运租车行", "租车费", 168 * _FEN), _Course()),
        (10, worst, ("晨光文具店", "办公用品", 87 * _FEN), _Course(requested=False, receipt=False)),
    ):
        spent_on = world.staged(month, 18)
        if spent_on is not None:
            expense = _expense(world, cadre, what, spent_on, course)
            if cadre is chair:
                _approve(world, expense, "chair", chair, spent_on)


def _asset(world: DemoWorld, organization: DemoOrganization, number: int) -> None:
    """A thing that was there before the records begin, and its counts about once a year."""
    random, posted = world.random, world.posted(organization)
    counted_on = world.first_day - timedelta(random.randint(10, 290))
    acquired_on = counted_on - timedelta(random.randint(200, 2000))
    asset = world.add(
        Asset,
        code=world.code("ZC", acquired_on),
        organization=organization,
        name=random.choice(world.words(__file__)["assets"]),
        custodian=random.choice(posted) if posted else None,
        acquired_on=acquired_on,
    )
    forgotten = organization is world.cast.weakest and number == 0
    while counted_on <= world.today:
        world.add(AssetCount, asset=asset, counted_on=counted_on)
        if forgotten:
            return
        days = random.randint(*_TOO_LATE if world.slips(organization, _COUNT_LATE) else _IN_TIME)
        counted_on = world.calendar.after(add_days(counted_on, days), 1)
