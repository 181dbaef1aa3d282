"""Random records of every kind but leaves, attendance and logs."""

from collections.abc import Callable
from datetime import date, timedelta

from tests.oracle.random_rows import SHORT_OF, Maker
from tests.oracle.working_days import days, plus_months

ATTENDED = ("present", "leave", "absent", "absent")
PAYEES = (
    *("甲店", "甲店", "乙店", "A店", "a店", 'C/D "店", 一', "甲 店", "甲/乙（店）", "甲/乙(店)"),
    # Of full width, beyond the basic plane, and one text in both of its Unicode forms.
    *("Ａ店", "😀店", "caf\u00e9", "cafe\u0301"),
)
AMOUNTS = ("0", "0.01", "50", "99.99", "100", "100.01", "150", "199.99", "200", "200.01", "350.5")
LIMITS = ("", "", "", "0", "100", "199.99", "200", "350.5", "5000")


def records(maker: Maker, most: int) -> None:
    """Up to ``most`` records of each kind for each district."""
    makers: tuple[Callable[[Maker], None], ...] = (
        _conflict,
        _study_session,
        _meeting,
        _submission,
        _task,
        _post_check,
        _expense,
        _split_bill,
        _asset,
        _conduct_report,
        _letter,
        _mistake,
        _innovation,
        _award,
    )
    number = most * len([row for row in maker.tables["organizations"] if row["kind"] == "district"])
    for make in makers:
        for _each in range(maker.number(0, number)):
            make(maker)
    _regular(maker)


def _organization(maker: Maker) -> str:
    return maker.random.choice(maker.codes("organizations"))


def _cadre(maker: Maker) -> str:
    return maker.random.choice(maker.codes("cadres"))


# --- harmony, study, meetings, research, efficiency ----------------------------------------------


def _conflict(maker: Maker) -> None:
    opened = maker.day()
    maker.coded(
        "conflicts",
        "H",
        organization=_organization(maker),
        opened_on=opened,
        mediated_on=maker.done_after(opened),
    )


def _study_session(maker: Maker) -> None:
    session = maker.coded(
        "study_sessions",
        "S",
        organization=_organization(maker),
        held_on=maker.day(),
        main_speaker=maker.some(maker.codes("cadres"), 0.4),
    )
    cadres = maker.codes("cadres")
    for cadre in maker.random.sample(cadres, maker.number(0, len(cadres))):
        status = maker.random.choice(ATTENDED)
        maker.add("study_attendance", session=session, cadre=cadre, status=status)


def _meeting(maker: Maker) -> None:
    kind = maker.random.choice(("chairs", "office", "enterprise_chairs"))
    _held(maker, _organization(maker), kind, maker.day())


def _held(maker: Maker, organization: str, kind: str, held_on: date) -> None:
    meeting = maker.coded(
        "meetings",
        "M",
        organization=organization,
        kind=kind,
        held_on=held_on,
        minutes_on=maker.done_after(held_on),
        bulletin=maker.random.choice((True, False, None)),
    )
    invited = maker.codes("organizations")
    for each in maker.random.sample(invited, min(len(invited), maker.number(0, 3))):
        status = maker.random.choice(ATTENDED)
        maker.add("meeting_attendance", meeting=meeting, organization=each, status=status)


def _regular(maker: Maker) -> None:
    """What is owed once a week or month, done now and then, by those who owe it and by others."""
    for row in list(maker.tables["organizations"]):
        kind = {"district": "office", "federation": "enterprise_chairs"}.get(row["kind"], "chairs")
        share = maker.random.choice((0.0, 0.05, 0.12))
        for each in days(maker.first, maker.last):
            if maker.chance(share):
                _held(maker, row["code"], maker.random.choice((kind, kind, "chairs")), each)
    for cadre in maker.codes("cadres"):
        share = maker.random.choice((0.0, 0.02, 0.05))
        for each in days(maker.first, maker.last):
            if maker.chance(share):
                _submitted(maker, "info_reports", "I", cadre, each)


def _submission(maker: Maker) -> None:
    file, letter = maker.random.choice((("info_reports", "I"), ("research_papers", "P")))
    _submitted(maker, file, letter, _cadre(maker), maker.day())


def _submitted(maker: Maker, file: str, letter: str, cadre: str, each: date) -> None:
    maker.coded(file, letter, cadre=cadre, submitted_on=each, title="动态")


def _task(maker: Maker) -> None:
    assigned = maker.day()
    maker.coded(
        "tasks",
        "T",
        organization=_organization(maker),
        owner=maker.some(maker.codes("cadres"), 0.2),
        goal=maker.random.choice(("建会", "建会", "", "  ")),
        measures=maker.random.choice(("走访", "走访", "", "　")),
        assigned_on=assigned,
        started_on=maker.done_after(assigned),
        due_on=maker.near(assigned, 30),
        completed_on=maker.done_after(assigned),
    )


# --- discipline ----------------------------------------------------------------------------------


def _post_check(maker: Maker) -> None:
    on_post = maker.chance(0.5)
    maker.coded("post_checks", "K", cadre=_cadre(maker), checked_on=maker.day(), on_post=on_post)


def _expense(maker: Maker) -> None:
    _spent(maker, _cadre(maker), maker.random.choice(PAYEES), maker.day())


def _split_bill(maker: Maker) -> None:
    cadre, payee, spent = _cadre(maker), maker.random.choice(PAYEES), maker.day()
    for _each in range(maker.number(2, 4)):
        _spent(maker, cadre, payee, spent)


def _spent(maker: Maker, cadre: str, payee: str, spent: date) -> None:
    reimbursed = maker.near(spent, 5) if maker.chance(0.7) else maker.done_after(spent)
    requested = None if maker.chance(0.2) else maker.near(spent)
    unspent = requested is not None and maker.chance(0.15)
    expense = maker.coded(
        "expenses",
        "B",
        cadre=cadre,
        payee=payee,
        item="用品",
        amount=maker.random.choice(AMOUNTS),
        spent_on=None if unspent else spent,
        requested_on=requested,
        reimbursed_on=reimbursed,
        receipt=maker.random.choice((True, True, False, None)),
    )
    for _each in range(maker.random.choice((0, 0, 1, 1, 2, 3))):
        maker.coded(
            "expense_approvals",
            "A",
            expense=expense,
            body=maker.random.choice(("audit_committee", "audit_committee", "chair")),
            approver=cadre if maker.chance(0.3) else maker.some(maker.codes("cadres"), 0.3),
            decision=maker.random.choice(("approved", "approved", "rejected")),
            amount=maker.random.choice(LIMITS),
            decided_on=maker.near(reimbursed or spent, 2) if maker.chance(0.8) else maker.day(),
        )


def _asset(maker: Maker) -> None:
    acquired = maker.day() - timedelta(days=maker.random.choice((0, 0, 30, 365, 366, 370, 700)))
    if maker.chance(0.3):
        acquired = maker.random.choice((date(2024, 2, 29), date(2020, 2, 29), date(2025, 8, 31)))
    asset = maker.coded(
        "assets", "D", organization=_organization(maker), name="电脑", acquired_on=acquired
    )
    counted = {maker.near(acquired)} if maker.chance(0.3) else set()
    start = acquired
    for _each in range(maker.number(0, 3)):
        deadline = plus_months(start, maker.random.choice((1, 6, 11, 12, 12, 13)))
        start = deadline + timedelta(days=maker.random.choice(SHORT_OF))
        counted.add(start)
    for each in sorted(counted):
        maker.add("asset_counts", asset=asset, counted_on=each)


def _conduct_report(maker: Maker) -> None:
    reported = maker.day()
    maker.coded(
        "conduct_reports",
        "G",
        cadre=_cadre(maker),
        kind=maker.random.choice(("political", "integrity", "conduct")),
        reported_on=reported,
        closed_on=maker.done_after(reported),
    )


# --- accountability, innovation ------------------------------------------------------------------


def _letter(maker: Maker) -> None:
    year = maker.number(maker.first.year - 1, maker.last.year + 1)
    end = date(year, 1, 31)
    signed = maker.random.choice(
        (end, end + timedelta(days=1), date(year - 1, 12, 1), date(year - 2, 6, 1), maker.day())
    )
    maker.coded("responsibility_letters", "Z", cadre=_cadre(maker), year=year, signed_on=signed)


def _mistake(maker: Maker) -> None:
    reported = maker.day()
    maker.coded(
        "mistakes",
        "W",
        cadre=_cadre(maker),
        level=maker.random.choice(("major", "major", "minor")),
        occurred_on=maker.near(reported, 9),
        reported_on=reported,
    )
    for _each in range(maker.random.choice((0, 1, 1, 2))):
        opened = maker.done_after(reported, 0) or reported
        maker.coded(
            "accountability_cases",
            "X",
            mistake=maker.some(maker.codes("mistakes"), 0.2),
            cadre=_cadre(maker),
            opened_on=opened,
            decided_on=maker.done_after(opened),
        )


def _innovation(maker: Maker) -> None:
    adopted = None if maker.chance(0.3) else maker.day()
    result = None if maker.chance(0.4) else maker.day()
    if adopted is not None and maker.chance(0.3):
        result = date(adopted.year, 12, 31) + timedelta(days=maker.random.choice(SHORT_OF))
    maker.coded(
        "innovations",
        "N",
        organization=_organization(maker),
        cadre=maker.some(maker.codes("cadres"), 0.5),
        title="驿站",
        proposed_on=maker.day(),
        adopted_on=adopted,
        result_on=result,
        result=maker.random.choice(("", "覆盖三千人")),
    )


def _award(maker: Maker) -> None:
    cadre = maker.some(maker.codes("cadres"), 0.2)
    organization = maker.some(maker.codes("organizations"), 0.5)
    maker.coded(
        "awards",
        "J",
        cadre=cadre,
        organization=organization if cadre else _organization(maker),
        innovation=maker.some(maker.codes("innovations"), 0.5),
        nominated_on=maker.day(),
    )
