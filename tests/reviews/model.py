"""What may be done with a flag, written from the document once more, with sets of names.

It knows nothing of statements, courses or events: whom the document names, from where to where.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.reviews.world import ACCOUNTS, CADRES, DAY_0, ORGANIZATIONS

UNDECIDED = {"open", "acknowledged", "explained"}
DECIDED = {"confirmed", "dismissed", "waived", "remedied", "closed"}
ABOVE = {code: parent for code, _kind, parent in ORGANIZATIONS}
DISTRICTS = {code for code, kind, _parent in ORGANIZATIONS if kind == "district"}
POSTED = {code: place for code, place, _chairs in CADRES}
CHAIR = {chairs: code for code, _place, chairs in CADRES if chairs}
ACCOUNT = {cadre: name for name, cadre, _roles in ACCOUNTS if cadre}
WITHOUT_ACTIVITY = {
    "dismiss", "appeal", "accept", "uphold", "overturn", "close", "reopen", "keep", "withdraw",
}  # fmt: skip


def places(code: str) -> set[str]:
    """An organization and those above it."""
    parent = ABOVE[code]
    return {code} | (places(parent) if parent else set())


def holding(role: str, code: str, *, itself: bool = False) -> set[str]:
    """Who has a role in an organization, over those above it, or everywhere."""
    reached = {code} if itself else {*places(code), None}
    return {
        name
        for name, _cadre, roles in ACCOUNTS
        if not name.endswith("_off") and any(r == role and p in reached for r, p in roles)
    }


@dataclass
class Model:
    """One flag as the document has it."""

    cadre: str | None = "A1"
    org: str | None = None
    confidential: bool = False
    named: tuple[str, ...] = ()
    state: str = "open"
    active: bool = True
    changed: bool = False
    asked: bool = False
    reported: bool = False
    appealed_ever: bool = False
    before_explaining: str = "open"
    before_appeal: str = "confirmed"
    waived_until: date | None = None
    appeal_until: date | None = None
    confirmed_by: str | None = None
    entered_appeal: str | None = None
    day: date = field(default=DAY_0)

    # --- persons ----------------------------------------------------------------------------------

    @property
    def place(self) -> str:
        """The organization itself, or where the cadre is posted."""
        return self.org or POSTED[str(self.cadre)]

    @property
    def district(self) -> str:
        """The district of it."""
        return next(iter(places(self.place) & DISTRICTS))

    @property
    def about(self) -> set[str]:
        """The account of the cadre, or of the chair."""
        cadre = CHAIR.get(self.org) if self.org else self.cadre
        return {ACCOUNT[cadre]} if cadre in ACCOUNT else set()

    @property
    def concerned(self) -> set[str]:
        """Of a confidential flag nobody."""
        return set() if self.confidential else self.about

    @property
    def barred(self) -> set[str]:
        """Never reviewers of it."""
        named = {ACCOUNT[code] for code in self.named if code in ACCOUNT}
        return self.about | (named if self.confidential else set())

    @property
    def committee(self) -> set[str]:
        """The audit committee of the district."""
        return holding("audit_committee", self.district) - self.barred

    @property
    def ordinary(self) -> set[str]:
        """Who reviews it by role."""
        if self.confidential:
            found = holding("supervisor", self.district, itself=True) | self.committee
        elif self.org in DISTRICTS:
            found = self.committee
        else:
            found = holding("supervisor", self.place)
        return found - self.barred

    @property
    def reviewers(self) -> set[str]:
        """Those, or the committee."""
        return self.ordinary or self.committee

    @property
    def deciders(self) -> set[str]:
        """Who may decide an appeal."""
        not_these = {self.confirmed_by, self.entered_appeal}
        return (self.ordinary - not_these) or (self.committee - not_these)

    @property
    def stand_ins(self) -> set[str]:
        """Reviewers, where no concerned can sign in."""
        return set() if self.concerned else self.reviewers

    @property
    def onlookers(self) -> set[str]:
        """Who sees it."""
        found = self.reviewers | self.concerned
        if not self.confidential:
            found |= holding("supervisor", self.place) | holding("administrator", self.place)
            found |= self.committee if self.appealed_ever else set()
        return found

    @property
    def waits(self) -> tuple[str, set[str]]:
        """Why it waits, and for whom: for nobody without a reason."""
        established = self.state in {"confirmed", "remedied"}
        reasons = {
            "appealed": self.state == "appealed",
            "changed": self.state in DECIDED and self.changed,
            "explained": self.active and self.state == "explained",
            "remedy_reported": self.active and self.state == "confirmed" and self.reported,
            "new": self.active and self.state == "open",
            "acknowledged": self.active and self.state == "acknowledged",
            "to_close": self.active and established and not self.may_appeal,
        }
        why = next((name for name, is_it in reasons.items() if is_it), "")
        return why, {"": set(), "appealed": self.deciders}.get(why, self.reviewers)

    # --- days -------------------------------------------------------------------------------------

    def move_to(self, day: date) -> None:
        """The day passes; a waiver may end."""
        self.day = day
        if self.state == "waived" and self.waived_until is not None and day > self.waived_until:
            self.state, self.changed, self.waived_until = "open", False, None

    def new_evidence(self) -> None:
        """The evidence has a new revision."""
        self.changed = self.state in DECIDED

    @property
    def may_appeal(self) -> bool:
        """The time to appeal runs."""
        return self.appeal_until is not None and self.day <= self.appeal_until

    # --- verbs ------------------------------------------------------------------------------------

    def does(self, who: str, verb: str) -> int:
        """Do it, if it may be done; gives the status."""
        if who not in self.onlookers:
            return 404
        if who not in self._persons(verb) or not self._is_possible(verb):
            return 409
        if not self.active and verb not in WITHOUT_ACTIVITY:
            return 409
        getattr(self, f"_{verb}")(who)
        return 200

    def _persons(self, verb: str) -> set[str]:
        match verb:
            case "explain" | "appeal" | "report_remedy" | "withdraw":
                return self.concerned | self.stand_ins
            case "ask_waiver" | "accept":
                return self.concerned
            case "uphold" | "overturn":
                return self.deciders
            case "reopen" if self.state == "dismissed" and self.confirmed_by:
                return self.reviewers - {self.confirmed_by}
        return self.reviewers

    def _is_possible(self, verb: str) -> bool:
        established = self.state in {"confirmed", "remedied"}
        possible = {
            "acknowledge": self.state == "open",
            "explain": self.state in UNDECIDED,
            "ask_waiver": self.state in UNDECIDED and not self.asked,
            "confirm": self.state in UNDECIDED,
            "dismiss": self.state in UNDECIDED,
            "waive": self.state in UNDECIDED | {"waived"},
            "appeal": established and self.may_appeal,
            "uphold": self.state == "appealed",
            "overturn": self.state == "appealed",
            "accept": established and self.may_appeal,
            "report_remedy": self.state == "confirmed",
            "remedy": self.state == "confirmed" and not self.changed,
            "close": established and not self.changed and not self.may_appeal,
            "reopen": self.state in DECIDED,
            "keep": self.state in DECIDED and self.changed,
            "withdraw": self.state in {"explained", "appealed"},
        }
        return possible[verb]

    def _acknowledge(self, _who: str) -> None:
        self.state = "acknowledged"

    def _explain(self, _who: str) -> None:
        if self.state != "explained":
            self.before_explaining = self.state
        self.state = "explained"

    def _ask_waiver(self, who: str) -> None:
        self._explain(who)
        self.asked = True

    def _decide(self, state: str) -> None:
        self.state, self.asked, self.changed, self.reported = state, False, False, False
        self.appeal_until = self.confirmed_by = self.waived_until = None

    def _confirm(self, who: str) -> None:
        self._decide("confirmed")
        self.appeal_until, self.confirmed_by = self.day + timedelta(days=30), who

    def _dismiss(self, _who: str) -> None:
        self._decide("dismissed")

    def _waive(self, _who: str) -> None:
        self._decide("waived")
        self.waived_until = self.day + timedelta(days=5)

    def _appeal(self, who: str) -> None:
        self.before_appeal, self.state = self.state, "appealed"
        self.appeal_until, self.appealed_ever = None, True
        self.entered_appeal = None if who in self.concerned else who

    def _uphold(self, _who: str) -> None:
        self.state, self.changed, self.entered_appeal = self.before_appeal, False, None

    def _overturn(self, _who: str) -> None:
        self.state, self.changed, self.entered_appeal = "dismissed", False, None
        self.reported = False

    def _accept(self, _who: str) -> None:
        self.appeal_until = None

    def _report_remedy(self, _who: str) -> None:
        self.reported = True

    def _remedy(self, _who: str) -> None:
        self.state, self.reported = "remedied", False

    def _close(self, _who: str) -> None:
        self.state, self.appeal_until, self.reported = "closed", None, False

    def _reopen(self, _who: str) -> None:
        self._decide("acknowledged")

    def _keep(self, who: str) -> None:
        self.changed = False
        if self.state in {"confirmed", "remedied"}:
            self.appeal_until, self.confirmed_by = self.day + timedelta(days=30), who

    def _withdraw(self, _who: str) -> None:
        if self.state == "appealed":
            self.state, self.entered_appeal = self.before_appeal, None
        else:
            self.state, self.asked = self.before_explaining, False
