"""Filling in a grid as a browser does: what the page holds, with what somebody changes in it."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from werkzeug.datastructures import MultiDict

from tiesan.testing.browsing import Person

SESSION, MEETING = "/records/study_session/new/", "/records/meeting/new/"
ATTENDANCE, CHECK, COUNT = (
    f"/records/{kind}/grid/" for kind in ("attendance", "post_check", "asset_count")
)


class _Inputs(HTMLParser):
    """The inputs of the form with the grid, as they would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.select = False, ""
        self.sent: MultiDict[str, str] = MultiDict()
        self.marked: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = "data-grid" in given
        elif self.inside and tag == "input" and given.get("name"):
            self._take(given)
        elif self.inside and tag == "select":
            self.select = given["name"]
        elif self.inside and tag == "option" and "selected" in given:
            self.sent[self.select] = given["value"]

    def _take(self, given: Mapping[str, str]) -> None:
        if given.get("type") in {"radio", "checkbox"} and "checked" not in given:
            return
        self.sent.add(given["name"], given.get("value", "on"))


def opened(person: Person, address: str) -> MultiDict[str, str]:
    """What the grid at an address would send as it is opened."""
    answer = person.get(address)
    assert answer.status_code == 200, answer.status_code
    return read(answer)


def read(answer: Any) -> MultiDict[str, str]:
    """What the grid of a page would send."""
    inputs = _Inputs()
    inputs.feed(answer.text)
    return inputs.sent


def fill(person: Person, address: str, given: Mapping[str, object], **more: object) -> Any:
    """Open a grid, change what is given, and send it."""
    return send(person, address, opened(person, address), {**given, **more})


def send(
    person: Person, address: str, sheet: MultiDict[str, str], given: Mapping[str, object]
) -> Any:
    """Send what a page held, changed by what is given."""
    sent = sheet.copy()
    for name, value in given.items():
        sent.setlist(name, value if isinstance(value, list) else [str(value)])
    return person.client.post(address, data=sent)


def cell(number: int, column: str = "status") -> str:
    """The name of a cell."""
    return f"r{number}-{column}"


def beside(answer: Any, number: int) -> list[str]:
    """What is said beside the row about this id."""
    row = answer.text.partition(f'id="row-{number}"')[2].partition("</tr>")[0]
    return [part.partition("<")[0] for part in row.split('role="alert">')[1:]]
