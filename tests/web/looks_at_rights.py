"""The pages on rights and merges, for the walk through every address."""

from collections.abc import Iterator

from tiesan.testing.surface import Look, Row, Walk, looks_at_lookups, page
from tiesan.testing.world import PEOPLE


def of_rights() -> Iterator[tuple[Row, Look]]:
    """Who sees the list of rights, and of whom somebody is told what they may do."""
    for address, endpoint in (("/", "index"), ("/details/?id=999", "details")):
        yield (f"right.{endpoint}_view", ""), page(f"/people/rights{address}")
    yield ("right.export", ""), page("/people/rights/export/csv/")
    yield ("right.person_view", ""), _told
    yield from looks_at_lookups("right", "/people/rights", {"organization": "organization"})
    # Nobody has merged anything; who undoes what is in ``test_merging``.
    yield ("cadre.merged_view", ""), page("/people/cadres/merged/?id=1")


def _told(walk: Walk) -> str:
    """The accounts of which somebody is told what they may do."""
    accounts = walk.world.accounts
    answers = {name: walk.status(f"/people/rights/{accounts[name]}") for name in PEOPLE[1:]}
    assert set(answers.values()) <= {"200", "404", "to /login"}, answers
    if set(answers.values()) == {"to /login"}:
        return "to /login"
    return " ".join(name for name, answer in answers.items() if answer == "200") or "-"
