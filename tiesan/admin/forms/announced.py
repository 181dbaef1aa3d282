"""What a form would raise and clear, in words; of records while the form is filled in.

It is found by storing in a transaction that is taken back, so that what is told is what saving
brings. Nothing is told of what is refused, or is not judged by whom it concerns alone.
"""

from collections.abc import Callable, Iterable, Mapping

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from tiesan.access.announcing import Announcement, announce, standing
from tiesan.access.clearing import affected_by
from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.admin.shell.consequences import live_task
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.flags.evaluation import judged_by_subject
from tiesan.i18n import _, current_language, ngettext
from tiesan.people.models import Cadre, Organization
from tiesan.records.base import Concerned
from tiesan.rules import RuleSet

ANNOUNCE = "announce"


def is_asked() -> bool:
    """Whether the request asks what a form would raise and clear, instead of saving it."""
    return request.method == "POST" and ANNOUNCE in request.form


def answer(lines: list[str]) -> ResponseReturnValue:
    """Return what the script of the form shows."""
    return jsonify({"lines": lines})


def said_of(
    kinds: Iterable[str], about: Iterable[object] | None, store: Callable[[], object]
) -> list[str]:
    """Return in words what ``store`` raises and clears, and undo it.

    ``kinds`` are those of the records that it writes, ``about`` the rows of cadres and
    organizations whom they concern, None where that is not known before.
    """
    if about is None:
        return []
    concerned = _by_district(about)
    begin_storing(db.session())
    try:
        return _said(list(kinds), concerned, store)
    except UserError:
        return []
    finally:
        db.session.rollback()


def _said(
    kinds: Iterable[str], concerned: Mapping[int, Concerned], store: Callable[[], object]
) -> list[str]:
    viewer, connection = current_viewer(), db.session.connection()
    task = live_task(viewer.actor)
    by_kind = {kind: affected_by(connection, task, kind) for kind in kinds}
    if not all(judged_by_subject(task.catalog, few, kind) for kind, few in by_kind.items()):
        return []
    names = {rule.id for few in by_kind.values() for rule in few}
    installed_ones = next(iter(by_kind.values())).outside
    rules = RuleSet((each for each in installed_ones if each.id in names), outside=installed_ones)
    before = standing(connection, task, concerned, rules)
    store()
    db.session.flush()
    return announced(announce(connection, task, viewer, before, concerned, rules))


def _by_district(about: Iterable[object]) -> dict[int, Concerned]:
    """Whom a change concerns, by district."""
    cadres: dict[int, set[str]] = {}
    places: dict[int, set[str]] = {}
    for each in about:
        if isinstance(each, Cadre):
            cadres.setdefault(each.organization.district_id or 0, set()).add(each.code)
        elif isinstance(each, Organization):
            places.setdefault(each.district_id or 0, set()).add(each.code)
    return {
        district_id: Concerned(
            frozenset(cadres.get(district_id, ())), frozenset(places.get(district_id, ()))
        )
        for district_id in sorted({*cadres, *places})
    }


def announced(found: Announcement) -> list[str]:
    """Return what an announcement says, in the reader's language; nothing where nothing changes."""
    raised, cleared = sum(found.raised.values()), sum(found.cleared.values())
    said = []
    if raised:
        said.append(ngettext(
            "Saved like this, it raises %(num)d suspected flag: %(which)s.",
            "Saved like this, it raises %(num)d suspected flags: %(which)s.",
            raised, which=_by_rule(found.raised),
        ))  # fmt: skip
    if cleared:
        said.append(ngettext(
            "Saved like this, it clears %(num)d flag: %(which)s.",
            "Saved like this, it clears %(num)d flags: %(which)s.",
            cleared, which=_by_rule(found.cleared),
        ))  # fmt: skip
    return said


def _by_rule(numbers: Mapping[str, int]) -> str:
    """The titles of rules with a number each, the largest first."""
    rules, language = installed().rules, current_language()
    ordered = sorted(numbers.items(), key=lambda each: (-each[1], each[0]))
    return _(", ").join(
        _("%(title)s %(number)d", title=rules[rule].title.in_language(language), number=number)
        if rule in rules
        else f"{rule} {number}"
        for rule, number in ordered
    )
