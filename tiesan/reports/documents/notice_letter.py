"""A rectification notice (督办单) as an official document: Chinese, whoever asks for it."""

from collections.abc import Iterator

from tiesan.flags.follow_up import Notice, NoticeFinding
from tiesan.i18n import CHINESE, _, ngettext, use_language
from tiesan.reports.documents.official import (
    Block,
    Heading,
    OfficialDocument,
    Paragraph,
    written_day,
)
from tiesan.words.notices import became_of, clause_of, found_in


def notice_letter(notice: Notice) -> OfficialDocument:
    """Return a notice as it is printed: what was found, what is to be done, by when."""
    with use_language(CHINESE):
        return OfficialDocument(
            issuer=notice.district.name,
            number=notice.reference,
            title=_("Rectification notice"),
            addressee=_addressee(notice),
            blocks=tuple(_blocks(notice)),
            dated=notice.issued_on,
            marked=_("Confidential") if notice.confidential else "",
        )


def _addressee(notice: Notice) -> str:
    if notice.cadre is not None:
        return f"{notice.cadre.organization.name}{notice.cadre.name}"
    return "" if notice.organization is None else notice.organization.name


def _blocks(notice: Notice) -> Iterator[Block]:
    yield Paragraph(
        ngettext(
            "The following matter was found and confirmed; you are notified to put it right.",
            "The following %(num)d matters were found and confirmed; you are notified to put "
            "them right.",
            len(notice.findings),
        )
    )
    yield Heading(1, _("I. What was found"))
    for number, finding in enumerate(notice.findings, start=1):
        yield from _finding(number, finding)
    yield Heading(1, _("II. What is to be done"))
    yield Paragraph(notice.text)
    yield Heading(1, _("III. Deadline"))
    yield Paragraph(
        _("Sign for this notice, put right what was found and answer in writing by %(day)s.",
          day=written_day(notice.due_on))
    )  # fmt: skip


def _finding(number: int, finding: NoticeFinding) -> Iterator[Block]:
    when = _(" (%(day)s)", day=written_day(finding.occurred_on))
    yield Paragraph(f"{number}．{found_in(finding)}{when}")
    clause = clause_of(finding)
    if clause:
        yield Paragraph(_("According to: %(clause)s", clause=clause))
    became = became_of(finding)
    if became and finding.left_on is not None:
        day = written_day(finding.left_on)
        yield Paragraph(_("Since %(day)s: %(why)s", day=day, why=became))
