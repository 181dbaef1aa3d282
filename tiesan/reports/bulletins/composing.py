"""What a bulletin says, put together as an official document: Chinese, whoever asks for it."""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.access.installation import installed
from tiesan.bulletins.models import Bulletin, BulletinDemand, BulletinName, BulletinState
from tiesan.i18n import CHINESE, _, use_language
from tiesan.reports.bulletins.frozen import FrozenNumbers, change, written
from tiesan.reports.bulletins.given import span_words
from tiesan.reports.documents.official import (
    Block,
    Heading,
    OfficialDocument,
    Paragraph,
    Table,
    ordinal,
    written_day,
)
from tiesan.reports.spans import Span
from tiesan.reviews.notice_course import NOTICE_COURSE


def title_of(bulletin: Bulletin) -> str:
    """Return what a bulletin is called, in the language of the moment."""
    period = span_words(Span.named(bulletin.period))
    if bulletin.corrects_id is None:
        return _("Bulletin on the work of the trade unions in %(period)s", period=period)
    return _("Correcting bulletin on the work of the trade unions in %(period)s", period=period)


def composed(session: Session, bulletin: Bulletin, day: date) -> OfficialDocument:
    """Return a bulletin as an official document, as it stands on a day."""
    with use_language(CHINESE):
        return OfficialDocument(
            issuer=bulletin.district.name,
            number=bulletin.reference,
            title=title_of(bulletin),
            addressee=_("All federations and direct enterprise unions"),
            blocks=tuple(_blocks(session, bulletin, day)),
            dated=bulletin.issued_on,
        )


def _blocks(session: Session, bulletin: Bulletin, day: date) -> Iterator[Block]:
    if bulletin.corrects is not None:
        yield Paragraph(
            _("This bulletin takes the place of %(number)s.", number=bulletin.corrects.reference)
        )
    yield Paragraph(bulletin.introduction)
    sections = (
        (_("The work in numbers"), [*_numbers(bulletin)]),
        (_("Comments"), [*_comments(bulletin)]),
        (_("Praise"), [*_praise(bulletin.names)]),
        (_("Matters found true"), [*_found_true(bulletin.names)]),
        (_("What was demanded last"), [*_demanded_before(session, bulletin, day)]),
        (_("Demands"), [*_demands(bulletin.demands)]),
    )
    shown = [each for each in sections if each[1]]
    for at, (heading, blocks) in enumerate(shown, start=1):
        yield Heading(1, f"{ordinal(at)}、{heading}")
        yield from blocks


def _numbers(bulletin: Bulletin) -> Iterator[Block]:
    frozen = FrozenNumbers(bulletin.numbers)
    titles = {plugin.name: str(plugin.title) for plugin in installed().plugins}
    tables = list(frozen.tables(bulletin.left_out))
    if not tables:
        return
    yield Paragraph(
        _("The numbers are as of %(day)s; behind a number stands its change against the period "
          "before.", day=written_day(bulletin.as_of))
    )  # fmt: skip
    for number, table in enumerate(tables, start=1):
        head = (_("Organization"), *(column.title for column in table.columns))
        rows = tuple(
            (
                place.name,
                *(_cell(frozen, place.id, column.key, column.unit) for column in table.columns),
            )
            for place in frozen.places
        )
        title = _("Table %(number)d %(title)s", number=number, title=table.titled(titles))
        yield Table(title, head, rows)


def _cell(frozen: FrozenNumbers, place_id: int, key: str, unit: str) -> str:
    cell = frozen.cell(place_id, key)
    changed = change(cell, unit)
    return f"{written(cell, unit)} ({changed})" if changed else written(cell, unit)


def _comments(bulletin: Bulletin) -> Iterator[Block]:
    places = FrozenNumbers(bulletin.numbers).places
    told = [each for each in places if bulletin.comments.get(str(each.id))]
    for at, place in enumerate(told, start=1):
        yield Heading(2, f"（{ordinal(at)}）{place.name}")
        yield Paragraph(bulletin.comments[str(place.id)])


def _praise(names: Sequence[BulletinName]) -> Iterator[Block]:
    for name in names:
        if name.praise is not None:
            place = name.cadre.organization.name
            yield Paragraph(f"{place}{name.cadre.name}：{name.praise}")


def _found_true(names: Sequence[BulletinName]) -> Iterator[Block]:
    for name in names:
        if name.flag is not None:
            place = name.cadre.organization.name
            yield Paragraph(f"{place}{name.cadre.name}：{name.flag.message_zh}")


def _demands(demands: Sequence[BulletinDemand]) -> Iterator[Block]:
    for number, demand in enumerate(demands, start=1):
        yield Paragraph(f"{number}．{demand_words(demand)}")


def demand_words(demand: BulletinDemand) -> str:
    """Return a demand in one line: of whom, what, by when."""
    whose = _("All") if demand.organization is None else demand.organization.name
    text = demand.text.rstrip("。.")
    if demand.due_on is None:
        return _("%(whose)s: %(text)s.", whose=whose, text=text)
    return _("%(whose)s: %(text)s; by %(day)s.", whose=whose, text=text,
             day=written_day(demand.due_on))  # fmt: skip


def _demanded_before(session: Session, bulletin: Bulletin, day: date) -> Iterator[Block]:
    last = last_before(session, bulletin)
    if last is None:
        return
    for number, demand in enumerate(last.demands, start=1):
        state = demand_state(demand, day)
        said = _("%(demand)s (%(number)s): %(state)s", demand=demand_words(demand).rstrip("。."),
                 number=last.reference, state=state)  # fmt: skip
        yield Paragraph(f"{number}．{said}。")


def last_before(session: Session, bulletin: Bulletin) -> Bulletin | None:
    """Return the last issued bulletin of the district about an earlier time; None for the first.

    Of one that was corrected the correction counts.
    """
    statement = (
        select(Bulletin)
        .where(
            Bulletin.district_id == bulletin.district_id,
            Bulletin.state == BulletinState.ISSUED.value,
            Bulletin.last_day < bulletin.last_day,
        )
        .order_by(Bulletin.last_day.desc(), Bulletin.year.desc(), Bulletin.number.desc())
        .limit(1)
    )
    return session.scalars(statement).first()


def demand_state(demand: BulletinDemand, day: date) -> str:
    """Return what became of a demand by a day, in words."""
    if demand.settled_on is not None:
        return _("met on %(day)s", day=written_day(demand.settled_on))
    if demand.notice is not None:
        word = NOTICE_COURSE.state(demand.notice.state).word
        return _("rectification notice %(number)s, %(state)s", number=demand.notice.reference,
                 state=str(word))  # fmt: skip
    if demand.due_on is not None and demand.due_on < day:
        return _("overdue")
    return _("not met yet")
