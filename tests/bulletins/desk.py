"""What people do with bulletins in a world, by HTTP, at the time of a clock."""

import itertools
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from tests.reviews.conftest import Clock
from tests.reviews.test_sequences import JSON
from tests.reviews.world import World
from tiesan.bulletins.models import Bulletin, BulletinReceipt
from tiesan.courses.standing import read_standings
from tiesan.reports.bulletins.course import BULLETIN_COURSE
from tiesan.reports.bulletins.receiving import RECEIPT_COURSE

_ONCE = itertools.count()


class Desk:
    """A desk at which bulletins are drafted, signed and signed for."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world, self.clock = world, clock
        world.session.rollback()

    @property
    def day(self) -> Any:
        """The day on which the clock stands."""
        return self.clock.moment.date()

    def post(self, who: str, address: str, form: Mapping[str, Any], *, page: bool = False) -> Any:
        """Send a form as somebody, with their token and a number of its own."""
        client, token = self.world.by(who)
        sent = {"csrf_token": token, "once": f"desk-{next(_ONCE)}", **form}
        return client.post(address, data=sent, headers={} if page else JSON)

    def get(self, who: str, address: str) -> Any:
        """Open an address as somebody."""
        return self.world.by(who)[0].get(address)

    def content(self, who: str, address: str) -> bytes:
        """The content of a file as somebody downloads it."""
        answer = self.get(who, address)
        assert answer.status_code == 200
        found = bytes(answer.data)
        answer.close()
        return found

    def drafts(self, who: str = "supd", **given: Any) -> Any:
        """Draft a bulletin; gives the answer."""
        form = {"district": "D1", "period": "2026-02", "as_of": self.day.isoformat(), **given}
        return self.post(who, "/bulletins/new", form)

    def drafted(self, who: str = "supd", **given: Any) -> int:
        """A draft with an introduction."""
        answer = self.drafts(who, **given)
        assert answer.status_code == 200, answer.text
        found = int(answer.json["bulletin"])
        assert self.writes(who, found) == 303
        return found

    def written_form(self, bulletin_id: int, **given: Any) -> dict[str, Any]:
        """What the editor sends, with all columns."""
        row = self.row(bulletin_id)
        columns = [each["key"] for each in row.numbers["columns"]]
        return {
            "seen_version": str(row.edits),
            "introduction": "现将二月份工作情况通报如下。",
            "columns": columns,
            **given,
        }

    def writes(self, who: str, bulletin_id: int, **given: Any) -> int:
        """Write in a draft as it stands; gives the status."""
        form = self.written_form(bulletin_id, **given)
        answer = self.post(who, f"/bulletins/{bulletin_id}/write", form, page=True)
        return int(answer.status_code)

    def as_seen(self, bulletin_id: int) -> dict[str, str]:
        """What the forms of a bulletin send of what was seen."""
        self.world.session.rollback()
        standing = read_standings(
            self.world.session, BULLETIN_COURSE, [bulletin_id], None, self.day
        )[bulletin_id]
        seen = standing.seen(BULLETIN_COURSE)
        return {
            "seen_state": seen.state,
            "seen_version": seen.version,
            "seen_events": str(seen.events),
        }

    def acts(self, who: str, bulletin_id: int, verb: str, **given: Any) -> int:
        """Carry a verb out on a bulletin as it stands; gives the status."""
        form = {**self.as_seen(bulletin_id), **given}
        return int(self.post(who, f"/bulletins/{bulletin_id}/{verb}", form).status_code)

    def issued(self, author: str = "supd", signer: str = "chair_d", **given: Any) -> int:
        """An issued bulletin."""
        found = self.drafted(author, **given)
        assert self.acts(author, found, "submit") == 200
        assert self.acts(signer, found, "sign") == 200
        return found

    def receives(self, who: str, bulletin_id: int, place: str) -> int:
        """Sign for a bulletin for an organization; gives the status."""
        self.world.session.rollback()
        receipt = self.world.session.scalars(
            select(BulletinReceipt).where(
                BulletinReceipt.bulletin_id == bulletin_id,
                BulletinReceipt.organization_id == self.world.organizations[place],
            )
        ).one()
        standing = read_standings(self.world.session, RECEIPT_COURSE, [receipt.id], None, self.day)[
            receipt.id
        ]
        seen = standing.seen(RECEIPT_COURSE)
        form = {
            "seen_state": seen.state,
            "seen_version": seen.version,
            "seen_events": str(seen.events),
        }
        self.world.session.rollback()
        answer = self.post(who, f"/bulletin-receipts/{receipt.id}/receive", form)
        return int(answer.status_code)

    def waiting(self, place: str) -> list[int]:
        """The bulletins for which an organization has not signed."""
        self.world.session.rollback()
        statement = select(BulletinReceipt.bulletin_id).where(
            BulletinReceipt.organization_id == self.world.organizations[place],
            BulletinReceipt.received_on.is_(None),
        )
        return list(self.world.session.scalars(statement))

    def row(self, bulletin_id: int) -> Bulletin:
        """A bulletin as it is stored."""
        self.world.session.rollback()
        return self.world.session.get_one(Bulletin, bulletin_id, populate_existing=True)

    def files(self, who: str, bulletin_id: int) -> list[str]:
        """The addresses of the files on the page of a bulletin."""
        page = self.get(who, f"/bulletins/{bulletin_id}").text
        return re.findall(r'href="(/attachments/\d+)"', page)
