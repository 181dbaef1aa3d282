"""Merges of two entries of one person in words: what went along, and what became of it."""

from collections.abc import Iterable, Mapping
from datetime import date

from tiesan.extensions import Base
from tiesan.i18n import _, _l, ngettext
from tiesan.merging.counting import record_of
from tiesan.people.merges import CadreMerge
from tiesan.people.models import Account, Cadre, Posting
from tiesan.records.kinds import record_kind
from tiesan.words.values import day, moment

# Of tables that no class of records has; others are called by their names.
_CALLED: Mapping[str, str] = {
    "bulletin_name": _l("Names in bulletins"),
    "correction_request": _l("Corrections asked for"),
    "flag": _l("Suspected flags"),
    "import_person": _l("Numbers in clock files"),
    "import_said": _l("Days in clock files"),
    "notice": _l("Rectification notices"),
    "notification": _l("Notifications"),
    "organization": _l("Organizations chaired"),
    "reminder": _l("Reminders"),
    "waiver": _l("Standing waivers"),
}


def what_went_along(counts: Mapping[str, int]) -> str:
    """Return how many rows of which kind went along, in the order of their names."""
    named = sorted((called(name), number) for name, number in counts.items())
    return _(", ").join(f"{name} {number}" for name, number in named) or _("none")


def called(table: str) -> str:
    """Return what the rows of a table are called."""
    model = record_of(Base.metadata.tables[table]) if table in Base.metadata.tables else None
    if model is not None:
        return str(record_kind(model).plural)
    core = {"posting": record_kind(Posting).plural}
    return str(core.get(table) or _CALLED.get(table, table))


def effect_of(
    merge: CadreMerge, kept: Cadre, account: Account | None, given_up: Account | None, twins: int
) -> list[str]:
    """Return what a merge does, a line for each thing; ``twins`` are flags cleared for it."""
    names = {"code": merge.code, "kept": kept.code, "name": kept.name}
    lines = [
        _("%(code)s goes and %(kept)s (%(name)s) stays; files and addresses that name %(code)s "
          "mean %(kept)s from then on.", **names),
        _("What goes along: %(what)s.", what=what_went_along(merge.counts)),
        _("Postings then: %(postings)s.", postings=_spans(kept.postings)),
    ]  # fmt: skip
    if account is not None:
        lines.append(_("The account %(name)s stands for the person.", name=account.username))
    if given_up is not None:
        lines.append(_("The account %(name)s stands for nobody then; its roles do not go along.",
                       name=given_up.username))  # fmt: skip
    if twins:
        lines.append(ngettext(
            "%(num)d flag that both entries have is cleared; it stays in the history.",
            "%(num)d flags that both entries have are cleared; they stay in the history.", twins,
        ))  # fmt: skip
    return lines


def _spans(postings: Iterable[Posting]) -> str:
    words = [f"{each.organization.name} {_days(each.from_on, each.until_on)}" for each in postings]
    return _("; ").join(words) or _("none")


def _days(first: date, last: date | None) -> str:
    return f"{day(first)} – {_('until now') if last is None else day(last)}"


def state_of(merge: CadreMerge) -> str:
    """Return whether a merge stands, in words."""
    if merge.undone_at is None:
        return _("In force")
    return _("Undone at %(moment)s: %(reason)s", moment=moment(merge.undone_at),
             reason=merge.undo_reason)  # fmt: skip
