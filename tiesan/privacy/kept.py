"""What is kept, why, for how long, and who sees it: from what is installed and what is set.

Source: 个人信息保护法, article 17.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tiesan.i18n import _, ngettext
from tiesan.people.models import ROLE_TITLES
from tiesan.plugin import Plugin
from tiesan.privacy.retention.services import Standing
from tiesan.records.base import Record
from tiesan.records.kinds import record_kind


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing that is kept: what, why, for how long, who sees it."""

    what: str
    why: str
    how_long: str
    who: str


@dataclass(frozen=True, slots=True)
class KeptGroup:
    """Things that are kept, under a title."""

    title: str
    kept: tuple[Kept, ...]


def what_is_kept(plugins: Iterable[Plugin], standings: Iterable[Standing]) -> list[KeptGroup]:
    """Return all that is kept: of persons, by each institution, and to run the installation."""
    groups = [KeptGroup(_("Who you are"), tuple(_of_persons()))]
    groups += [
        KeptGroup(str(plugin.title), tuple(_of_records(plugin)))
        for plugin in plugins
        if plugin.records
    ]
    groups.append(KeptGroup(_("What follows from records"), tuple(_of_flags())))
    groups.append(KeptGroup(_("To run the installation"), tuple(_of_running(standings))))
    return groups


def _as_long_as_posted() -> str:
    return _("As long as the district keeps records, also after leaving: records name it")


def _of_persons() -> Iterator[Kept]:
    yield Kept(
        _("Account: user name, email, roles, when and from where you signed in"),
        _("To know who you are and what you may do"),
        _("As long as the district keeps records; the trail names it"),
        _("You, and the administrators of your organization"),
    )
    yield Kept(
        _("Cadre: name, code, post, postings, days of joining and leaving"),
        _("To know whose records are whose, and since when duties hold"),
        _as_long_as_posted(),
        _("You, your superiors, and the administrators and audit committee of the district"),
    )


def _of_records(plugin: Plugin) -> Iterator[Kept]:
    """The kinds of records of an institution, those that the same people read together."""
    why = _("To carry out the institution “%(title)s”", title=str(plugin.title))
    by_readers: dict[str, list[str]] = {}
    for model in plugin.records:
        by_readers.setdefault(_readers(model), []).append(str(record_kind(model).plural))
    for readers, kinds in by_readers.items():
        yield Kept(_(", ").join(kinds), why, _never_by_itself(), readers)


def _never_by_itself() -> str:
    return _("No end is set: a record that is missing would count as not done")


def _readers(model: type[Record]) -> str:
    """Who reads the rows of a class, by its policy."""
    if model.policy.confidential:
        return _("Confidential: the audit committee and the supervisors of the district, never "
                 "whom it is about; each look is in the audit trail")  # fmt: skip
    roles = sorted(model.policy.access.read)
    said = _(", ").join(str(ROLE_TITLES[role]) for role in roles)
    readers = _("Of the organization: %(roles)s; a cadre what is about them", roles=said)
    if model.files_are_private:
        more = _("its files only whose they are and who decides, each opening is in the trail")
        return f"{readers}{_('; ')}{more}"
    return readers


def _of_flags() -> Iterator[Kept]:
    yield Kept(
        _("Flags with evidence, explanations and decisions"),
        _("To review what a rule has found, and to be able to answer for it"),
        _("No end is set"),
        _("You, your superiors, the reviewers of your organization; about money the audit "
          "committee"),
    )  # fmt: skip
    yield Kept(
        _("Rectification notices, standing waivers, corrections asked for"),
        _("To follow up what was found"),
        _("No end is set"),
        _("You, and who reviews the matter"),
    )
    yield Kept(
        _("Bulletins"),
        _("To tell the organizations; persons are named only in praise or for what stands"),
        _("No end is set"),
        _("The organizations of the district, once it is issued"),
    )


def _of_running(standings: Iterable[Standing]) -> Iterator[Kept]:
    for each in standings:
        kind = each.kind
        yield Kept(str(kind.title), str(kind.about), months_words(each.months), str(kind.who))
    yield Kept(
        _("Audit trail"),
        _("To prove who did what"),
        _("No end is set for what was done and when"),
        _("The administrators of the district; confidential entries who may see the matter"),
    )
    yield Kept(
        _("Files that were sent and not used"), _("Until the form is sent"), _("24 hours"),
        _("Who sent them"),
    )  # fmt: skip
    yield Kept(
        _("The archive of one's own data"), _("For you to fetch it"), _("7 days from then"),
        _("You alone"),
    )  # fmt: skip


def months_words(months: int | None) -> str:
    """Return after how long something is removed, in words."""
    if months is None:
        return _("No end is set")
    return ngettext("%(num)d month", "%(num)d months", months)
