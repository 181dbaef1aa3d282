"""What the institutions say of the difficult rules, read sentence by sentence and without haste.

Nothing here is shared with the rules language: each rule is a loop over rows. The only thing taken
from the program is which day is worked by the official calendar.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from tests.rules.random_worlds import RandomWorld, Row
from tiesan.calendar.working_days import is_official_working_day

# Rule, kind of subject, subject, key, occurred on.
Found = tuple[str, str, str, str, date]
ONE_DAY = timedelta(days=1)
SERIOUS = {
    "discipline.absent",
    "discipline.off_post",
    "discipline.frequent_late",
    "discipline.leave_unapproved",
    "discipline.expense_unapproved",
    "discipline.expense_split",
}
# The date from which a row is known (the first that is given), and its other dates of doing.
KNOWN: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "attendance": (("day",), ()),
    "work_log": (("written_on",), ("day",)),
    "leave": (("requested_on", "first_day"), ("approved_on", "closed_on")),
    "expense": (("spent_on",), ("requested_on", "reimbursed_on")),
    "expense_approval": (("decided_on",), ()),
    "asset": (("acquired_on",), ()),
    "asset_count": (("counted_on",), ()),
    "meeting": (("held_on",), ("minutes_on",)),
    "post_check": (("checked_on",), ()),
    "info_report": (("submitted_on",), ()),
    "responsibility_letter": (("signed_on",), ()),
    "innovation": (("proposed_on",), ("adopted_on", "result_on")),
    "award": (("nominated_on",), ()),
}


def plain(payee: str) -> str:
    """How a payee looks to who does not mind width, case and blanks, for those drawn here."""
    letters = str.maketrans("ＡＢ（）ａ", "ab()a")
    return payee.translate(letters).lower().replace(" ", "").replace("\u3000", "")


def months_later(day: date, months: int) -> date:
    """The same day some months later, or the last day of that month."""
    year, month = day.year, day.month
    for _number in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


class Naive:
    """The flags of a world, rule by rule."""

    def __init__(self, world: RandomWorld, review: Callable[[Found], str]) -> None:
        self.world, self.review, self.as_of = world, review, world.as_of
        self.rows = {kind: list(self._known(kind)) for kind in KNOWN}
        self.cadres = {row["code"]: row for row in world.rows["cadre"]}
        self.organizations = world.rows["organization"]
        self.tracked: date = self.organizations[0]["tracked_from"]

    def _known(self, kind: str) -> Iterator[Row]:
        principal, others = KNOWN[kind]
        for row in self.world.rows[kind]:
            since = next(row[name] for name in principal if row.get(name) is not None)
            if since <= self.as_of:
                later = {name for name in others if row.get(name) and row[name] > self.as_of}
                yield {name: None if name in later else value for name, value in row.items()}

    # --- time and people -------------------------------------------------------------------------

    def value(self, rule: str, name: str, day: date) -> Any:
        """The value of a parameter in force on a day."""
        history = self.world.parameters[rule][name].values
        return [value for start, value in history if start <= day][-1]

    def works(self, day: date) -> bool:
        return self.world.exceptions.get(day, is_official_working_day(day))

    def working_days_after(self, day: date, number: int) -> date:
        while number:
            day += ONE_DAY
            number -= self.works(day)
        return day

    def in_post(self, who: str, day: date) -> bool:
        cadre = self.cadres[who]
        return cadre["joined_on"] <= day and (cadre["left_on"] is None or day < cadre["left_on"])

    def covered(self, who: str, day: date, half: str, *, outings: bool) -> bool:
        for row in self.rows["leave"]:
            if row["cadre"] != who or row["approved_on"] is None:
                continue
            if row["kind"] == "official" and not outings:
                continue
            begins = (row["first_day"], row["first_half"] or "am")
            ends = (row["last_day"], row["last_half"] or "pm")
            if begins <= (day, half) <= ends:
                return True
        return False

    def on_leave(self, who: str, day: date, *, outings: bool) -> bool:
        return all(self.covered(who, day, half, outings=outings) for half in ("am", "pm"))

    def days(self, first: date, last: date) -> list[date]:
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def professional(self) -> list[str]:
        return [code for code, row in self.cadres.items() if row["professional"]]

    def away(self, who: str, first: date, last: date) -> bool:
        """Wholly on approved leave on every working day of a span."""
        worked = [day for day in self.days(first, last) if self.works(day)]
        return bool(worked) and all(self.on_leave(who, day, outings=False) for day in worked)

    # --- attendance and logs ---------------------------------------------------------------------

    def late(self) -> Iterator[Found]:
        for row in self.rows["attendance"]:
            who, day = row["cadre"], row["day"]
            if self.works(day) and not self.covered(who, day, "am", outings=True):
                start = self.value("discipline.late", "work_start", day)
                if row["clock_in"] is not None and row["clock_in"] > start:
                    yield "discipline.late", "cadre", who, day.isoformat(), day

    def absent(self) -> Iterator[Found]:
        there = {(row["cadre"], row["day"]) for row in self.rows["attendance"]}
        for who in self.professional():
            for day in self.days(self.tracked, self.world.judged_until):
                owed = self.works(day) and self.in_post(who, day)
                if owed and not self.on_leave(who, day, outings=True) and (who, day) not in there:
                    yield "discipline.absent", "cadre", who, day.isoformat(), day

    def owes_log(self, who: str, day: date) -> bool:
        return (
            bool(self.cadres[who]["professional"])
            and self.tracked <= day
            and self.works(day)
            and self.in_post(who, day)
            and not self.on_leave(who, day, outings=False)
        )

    def log_missing(self) -> Iterator[Found]:
        rule = "discipline.log_missing"
        written = {(row["cadre"], row["day"]) for row in self.rows["work_log"]}
        for who in self.professional():
            for day in self.days(self.tracked, self.as_of):
                due = self.working_days_after(day, self.value(rule, "working_days", day))
                owed = self.owes_log(who, day) and due <= self.world.judged_until
                if owed and (who, day) not in written:
                    yield rule, "cadre", who, day.isoformat(), due

    def log_late(self) -> Iterator[Found]:
        rule = "discipline.log_late"
        for row in self.rows["work_log"]:
            who, day, written = row["cadre"], row["day"], row["written_on"]
            if day is not None and self.owes_log(who, day):
                due = self.working_days_after(day, self.value(rule, "working_days", day))
                if written > due:
                    yield rule, "cadre", who, day.isoformat(), written

    def off_post(self) -> Iterator[Found]:
        for row in self.rows["post_check"]:
            if not row["on_post"]:
                yield "discipline.off_post", "cadre", row["cadre"], row["code"], row["checked_on"]

    def frequent_late(self) -> Iterator[Found]:
        rule, late = "discipline.frequent_late", self.kept(self.late())
        for who in self.cadres:
            mine = sorted(found[4] for found in late if found[2] == who)
            for year, month in sorted({(day.year, day.month) for day in mine}):
                inside = [day for day in mine if (day.year, day.month) == (year, month)]
                last = date(year, month, monthrange(year, month)[1])
                times = self.value(rule, "times", min(last, self.as_of))
                if len(inside) >= times:
                    yield rule, "cadre", who, f"{year}-{month:02d}", inside[times - 1]

    # --- deadlines -------------------------------------------------------------------------------

    def missed(self, deadline: date, done: date | None) -> bool:
        """Not done although the deadline has come, or done later."""
        return deadline <= self.world.judged_until if done is None else done > deadline

    def leave_unapproved(self) -> Iterator[Found]:
        for row in self.rows["leave"]:
            if self.missed(row["first_day"], row["approved_on"]):
                rule = "discipline.leave_unapproved"
                yield rule, "cadre", row["cadre"], row["code"], row["first_day"]

    def leave_not_closed(self) -> Iterator[Found]:
        rule = "discipline.leave_not_closed"
        for row in self.rows["leave"]:
            number = self.value(rule, "working_days", row["last_day"])
            deadline = self.working_days_after(row["last_day"], number)
            if self.missed(deadline, row["closed_on"]):
                yield rule, "cadre", row["cadre"], row["code"], deadline

    def asset_not_counted(self) -> Iterator[Found]:
        rule = "discipline.asset_not_counted"
        for row in self.rows["asset"]:
            counts = {
                r["counted_on"] for r in self.rows["asset_count"] if r["asset"] == row["code"]
            }
            since: date | None = row["acquired_on"]
            left = sorted(day for day in counts if day >= row["acquired_on"])
            while since is not None:
                following = left.pop(0) if left else None
                deadline = months_later(since, self.value(rule, "months", since))
                if self.missed(deadline, following):
                    key = f"{row['code']}/{deadline.isoformat()}"
                    yield rule, "organization", row["organization"], key, deadline
                since = following

    def no_result(self) -> Iterator[Found]:
        for row in self.rows["innovation"]:
            if row["adopted_on"] is not None:
                deadline = date(row["adopted_on"].year, 12, 31)
                if self.missed(deadline, row["result_on"]):
                    rule = "innovation.no_result"
                    yield rule, "organization", row["organization"], row["code"], deadline

    # --- money -----------------------------------------------------------------------------------

    def approved(self, bill: Row) -> bool:
        return any(
            row["expense"] == bill["code"]
            and row["body"] == "audit_committee"
            and row["decision"] == "approved"
            and row["decided_on"] <= bill["reimbursed_on"]
            and (row["amount"] is None or row["amount"] >= bill["amount"])
            for row in self.rows["expense_approval"]
        )

    def expense_unapproved(self) -> Iterator[Found]:
        rule = "discipline.expense_unapproved"
        for bill in self.rows["expense"]:
            day = bill["reimbursed_on"]
            if day is None or self.approved(bill):
                continue
            if bill["amount"] >= self.value(rule, "threshold", day):
                yield rule, "cadre", bill["cadre"], bill["code"], day

    def expense_split(self) -> Iterator[Found]:
        rule = "discipline.expense_split"
        bills = self.rows["expense"]
        for who, alike, day in {(b["cadre"], plain(b["payee"]), b["spent_on"]) for b in bills}:
            threshold = self.value(rule, "threshold", day)
            pieces = [
                bill
                for bill in bills
                if (bill["cadre"], plain(bill["payee"]), bill["spent_on"]) == (who, alike, day)
                and bill["reimbursed_on"] is not None
                and bill["amount"] < threshold
                and not self.approved(bill)
            ]
            if len(pieces) >= 2 and sum(bill["amount"] for bill in pieces) >= threshold:
                latest = max(bill["reimbursed_on"] for bill in pieces)
                payee = min(pieces, key=lambda bill: str(bill["code"]))["payee"]
                shown = payee.replace("\\", "\\\\").replace("/", "\\/")
                yield rule, "cadre", who, f"{day.isoformat()}/{shown}", latest

    # --- duties ----------------------------------------------------------------------------------

    def stood(self, row: Row, first: date, last: date) -> bool:
        ended = row["dissolved_on"]
        return bool(row["founded_on"] <= first and (ended is None or last < ended))

    def held(self, code: str, kind: str, first: date, last: date) -> bool:
        return any(
            row["organization"] == code and row["kind"] == kind and first <= row["held_on"] <= last
            for row in self.rows["meeting"]
        )

    def office_missed(self) -> Iterator[Found]:
        district = self.organizations[0]
        for day in self.days(self.tracked, self.world.judged_until):
            last = day + 6 * ONE_DAY
            if day.isoweekday() != 1 or last > self.world.judged_until:
                continue
            worked = any(self.works(each) for each in self.days(day, last))
            if (
                worked
                and self.stood(district, day, last)
                and not self.held("D1", "office", day, last)
            ):
                year, week, _weekday = day.isocalendar()
                yield "meetings.office_missed", "organization", "D1", f"{year}-W{week:02d}", last

    def enterprise_chairs_missed(self) -> Iterator[Found]:
        rule, kind = "meetings.enterprise_chairs_missed", "enterprise_chairs"
        for year, quarter in [(2025, 4), *((2026, number) for number in (1, 2, 3, 4))]:
            first = date(year, 3 * quarter - 2, 1)
            last = months_later(first, 3) - ONE_DAY
            if first < self.tracked or last > self.world.judged_until:
                continue
            for row in self.organizations:
                below = any(
                    each["parent"] == row["code"]
                    and each["founded_on"] <= first
                    and not (each["dissolved_on"] is not None and each["dissolved_on"] <= first)
                    for each in self.organizations
                )
                owes = row["kind"] == "federation" and below and self.stood(row, first, last)
                if owes and not self.held(row["code"], kind, first, last):
                    yield rule, "organization", row["code"], f"{year}-Q{quarter}", last

    def info_missed(self) -> Iterator[Found]:
        rule = "research.info_missed"
        for year, month in [(2025, 12), *((2026, number) for number in range(1, 8))]:
            first = date(year, month, 1)
            last = months_later(first, 1) - ONE_DAY
            if first < self.tracked or last > self.world.judged_until:
                continue
            for who in self.professional():
                stood = self.in_post(who, first) and self.in_post(who, last)
                dates = [r["submitted_on"] for r in self.rows["info_report"] if r["cadre"] == who]
                done = len([day for day in dates if first <= day <= last])
                owed = self.value(rule, "required", min(last, self.as_of))
                if stood and not self.away(who, first, last) and done < owed:
                    yield rule, "cadre", who, f"{year}-{month:02d}", last

    def letter_missing(self) -> Iterator[Found]:
        first, due = date(2026, 1, 1), date(2026, 1, 31)
        if first < self.tracked or due > self.world.judged_until:
            return
        for who in self.professional():
            signed = any(
                row["cadre"] == who and row["year"] == 2026 and row["signed_on"] <= due
                for row in self.rows["responsibility_letter"]
            )
            stood = self.in_post(who, first) and self.in_post(who, due)
            if stood and not self.away(who, first, due) and not signed:
                yield "accountability.letter_missing", "cadre", who, "2026", due

    # --- flags of flags --------------------------------------------------------------------------

    def counts(self, found: Found, counted: str) -> bool:
        review = self.review(found)
        if counted == "confirmed_only":
            return review in ("confirmed", "appealed", "remedied", "closed")
        return review not in ("dismissed", "waived")

    def serious(self, who: str, year: int, counted: str) -> list[date]:
        """The days on which serious flags of a cadre occurred in a year, those that count."""
        return sorted(
            found[4]
            for found in self.below()
            if found[0] in SERIOUS and found[1:3] == ("cadre", who) and found[4].year == year
            if self.counts(found, counted)
        )

    def repeat_violations(self) -> Iterator[Found]:
        rule = "accountability.repeat_violations"
        for year in (2025, 2026):
            day = min(date(year, 12, 31), self.as_of)
            times, counted = (self.value(rule, name, day) for name in ("times", "counted"))
            for who in self.cadres:
                days = self.serious(who, year, counted)
                if len(days) >= times:
                    yield rule, "cadre", who, str(year), days[times - 1]

    def award_ineligible(self) -> Iterator[Found]:
        rule = "innovation.award_ineligible"
        for row in self.rows["award"]:
            if row.get("cadre") is None:
                continue
            day = row["nominated_on"]
            days = self.serious(row["cadre"], day.year, self.value(rule, "counted", day))
            if any(each <= day for each in days):
                yield rule, "cadre", row["cadre"], row["code"], day

    # --- all -------------------------------------------------------------------------------------

    def kept(self, found: Iterator[Found]) -> set[Found]:
        """Flags that occurred while records were kept, and by now."""
        return {each for each in found if self.tracked <= each[4] <= self.as_of}

    def below(self) -> set[Found]:
        """The flags that rest on records, or on named flags."""
        rules = (
            *(self.late, self.absent, self.off_post, self.frequent_late, self.leave_unapproved),
            *(self.leave_not_closed, self.log_missing, self.log_late, self.expense_unapproved),
            *(self.expense_split, self.asset_not_counted, self.office_missed, self.info_missed),
            *(self.enterprise_chairs_missed, self.letter_missing, self.no_result),
        )
        return {found for rule in rules for found in self.kept(rule())}

    def all(self) -> set[Found]:
        """Every flag of the world."""
        above = (self.repeat_violations, self.award_ineligible)
        return self.below() | {found for rule in above for found in self.kept(rule())}
