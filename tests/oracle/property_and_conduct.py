"""The rules of discipline about money, assets and conduct."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from unicodedata import category, normalize

from tests.oracle.flags import Found, Rule, not_in_time, organization_of
from tests.oracle.tables import Row, amount, day, sure_amount, sure_day, yes
from tests.oracle.working_days import plus_days, plus_months
from tests.oracle.world import World


def expense_unrequested(world: World) -> Iterator[Found]:
    """“An expense not requested on or before the day it was spent”."""
    for row in world.rows("expenses"):
        spent_on = sure_day(row, "spent_on")
        if not_in_time(day(row, "requested_on"), spent_on, world.judged_until):
            yield Found(row["cadre"], row["code"], spent_on)


def approved_whole(world: World, expense: Row, reimbursed_on: date) -> bool:
    """Whether the audit committee approved the whole amount on or before the reimbursement.

    "Any approval that fits counts, whoever the approver and whatever else was decided"; "the
    approval's `amount` blank or >= the expense's".
    """
    for row in world.rows("expense_approvals"):
        limit = amount(row, "amount")
        if (
            row["expense"] == expense["code"]
            and row["body"] == "audit_committee"
            and row["decision"] == "approved"
            and sure_day(row, "decided_on") <= reimbursed_on
            and (limit is None or limit >= sure_amount(expense, "amount"))
        ):
            return True
    return False


def expense_unapproved(world: World) -> Iterator[Found]:
    """“A reimbursed expense of amount >= threshold with no approval by the audit committee”."""
    for row in world.rows("expenses"):
        reimbursed_on = day(row, "reimbursed_on")
        if reimbursed_on is None:
            continue
        threshold = world.parameter("discipline.expense_unapproved", "threshold", reimbursed_on)
        high = sure_amount(row, "amount") >= Decimal(threshold)
        if high and not approved_whole(world, row, reimbursed_on):
            yield Found(row["cadre"], row["code"], reimbursed_on)


def expense_self_approved(world: World) -> Iterator[Found]:
    """“An approval decided `approved` by the cadre whose expense it is”.

    The approval ”counts once the expense is known".
    """
    expenses = {row["code"]: row for row in world.rows("expenses")}
    for row in world.rows("expense_approvals"):
        expense = expenses.get(row["expense"])
        if expense is None or row["decision"] != "approved":
            continue
        if row.get("approver") == expense["cadre"]:
            yield Found(expense["cadre"], row["code"], sure_day(row, "decided_on"))


def alike(payee: str) -> str:
    """A payee without what nobody sees: NFKC, case folding, NFKC, then the unseen taken out."""
    seen = normalize("NFKC", normalize("NFKC", payee).casefold())
    for number in (0x034F, 0x115F, 0x1160, 0x2800, 0x3164, *range(0xFE00, 0xFE10)):
        seen = seen.replace(chr(number), "")
    return "".join(sign for sign in seen if category(sign) not in ["Zs", "Zl", "Zp", "Cc", "Cf"])


def part_of_key(text: str) -> str:
    """A text in a key of several parts: what stands between them is marked inside of it."""
    return "".join(f"\\{sign}" if sign in "/\\" else sign for sign in text)


def expense_split(world: World) -> Iterator[Found]:
    """“>= 2 reimbursed expenses of one cadre to one payee spent on one day, each < threshold”.

    The threshold is that of the day spent; "only expenses that meet all the conditions are
    members"; occurred on "the latest reimbursed_on among them". “Payees that look alike are one
    payee; the key has the payee as written in the member with the smallest code.”
    """
    bills: dict[tuple[str, str, date], list[Row]] = defaultdict(list)
    for row in world.rows("expenses"):
        spent_on, reimbursed_on = sure_day(row, "spent_on"), day(row, "reimbursed_on")
        threshold = Decimal(world.parameter("discipline.expense_split", "threshold", spent_on))
        low = sure_amount(row, "amount") < threshold
        if reimbursed_on and low and not approved_whole(world, row, reimbursed_on):
            bills[row["cadre"], alike(row["payee"]), spent_on].append(row)
    for (cadre, _alike, spent_on), members in bills.items():
        threshold = Decimal(world.parameter("discipline.expense_split", "threshold", spent_on))
        together = sum(sure_amount(row, "amount") for row in members)
        if len(members) > 1 and together >= threshold:
            latest = max(sure_day(row, "reimbursed_on") for row in members)
            payee = min(members, key=lambda row: row["code"])["payee"]
            yield Found(cadre, f"{spent_on}/{part_of_key(payee)}", latest)


def no_receipt(world: World) -> Iterator[Found]:
    """“A reimbursed expense without a receipt”."""
    for row in world.rows("expenses"):
        reimbursed_on = day(row, "reimbursed_on")
        if reimbursed_on is not None and not yes(row, "receipt"):
            yield Found(row["cadre"], row["code"], reimbursed_on)


def asset_not_counted(world: World) -> Iterator[Found]:
    """“An asset whose last count (its acquisition, if never counted) is N months old”.

    ”A count before the acquisition is ignored." "An asset counted only after its deadline keeps
    that flag; the next deadline runs from the count."
    """
    for asset in world.rows("assets"):
        acquired_on = sure_day(asset, "acquired_on")
        counted = sorted(
            sure_day(row, "counted_on")
            for row in world.rows("asset_counts")
            if row["asset"] == asset["code"] and sure_day(row, "counted_on") >= acquired_on
        )
        for start, following in zip([acquired_on, *counted], [*counted, None], strict=True):
            number = world.number("discipline.asset_not_counted", "months", start)
            deadline = plus_months(start, number)
            if not_in_time(following, deadline, world.judged_until):
                yield Found(asset["organization"], f"{asset['code']}/{deadline}", deadline)


def conduct_unhandled(world: World) -> Iterator[Found]:
    """“A conduct report not closed within N days of being reported”."""
    for row in world.rows("conduct_reports"):
        reported_on = sure_day(row, "reported_on")
        number = world.number("discipline.conduct_unhandled", "days", reported_on)
        deadline = plus_days(reported_on, number)
        if not_in_time(day(row, "closed_on"), deadline, world.judged_until):
            yield Found(organization_of(world, row), row["code"], deadline)


RULES = [
    Rule("discipline.expense_unrequested", "minor", "cadre", expense_unrequested),
    Rule("discipline.expense_unapproved", "serious", "cadre", expense_unapproved),
    Rule("discipline.expense_self_approved", "major", "cadre", expense_self_approved),
    Rule("discipline.expense_split", "serious", "cadre", expense_split),
    Rule("discipline.no_receipt", "minor", "cadre", no_receipt),
    Rule("discipline.asset_not_counted", "notice", "organization", asset_not_counted),
    Rule("discipline.conduct_unhandled", "serious", "organization", conduct_unhandled),
]
