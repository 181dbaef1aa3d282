"""The inbox: list and flag side by side, verbs at hand, one or many, and the next one by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.admin.courses.offers import drawn
from tiesan.admin.courses.pages import DrawsVerbs
from tiesan.admin.flags.page import flag_page
from tiesan.admin.inbox.address import GROUPED_BY, Address, inbox_url, read_address, read_query
from tiesan.admin.inbox.filters import FILTERS, chips, choices, group_title, looked_up
from tiesan.admin.inbox.lines import Line, arranged, headings, standings_of
from tiesan.admin.inbox.many import (
    Chosen,
    asked_for_many,
    chosen_for_many,
    verb_for_many,
    verbs_for_lines,
)
from tiesan.admin.inbox.phrases import REVIEWING, keep, own_phrases
from tiesan.admin.shell.answers import json_error, wants_json
from tiesan.admin.shell.pages import Page, page
from tiesan.clock import now, today
from tiesan.courses.many import MOST
from tiesan.database import begin_storing
from tiesan.extensions import db
from tiesan.i18n import _, _l, ngettext
from tiesan.reviews.flag_course import FLAG_COURSE
from tiesan.reviews.inbox import Item, items_of, waiting_for
from tiesan.reviews.phrases import drop_phrase

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is in the inbox: the filters, which flag comes next, and how many there are.

    ``before`` and ``behind`` are the addresses of the lines around the one that is open.
    """

    query: str
    after: int | None
    before: str | None
    behind: str | None
    number: int
    total: str


class InboxView(DrawsVerbs, Page):
    """What waits for a reviewer."""

    roles = REVIEWING
    place = "inbox"
    menu_name = _l("Flags to review")
    course = FLAG_COURSE
    verb_page = "flag.verb_view"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Inbox"), endpoint="inbox", url="/inbox")

    @page("/")
    @page("")
    def index_view(self) -> ResponseReturnValue:
        """Show what waits, narrowed as the address says, and the flag that is open beside it."""
        seen_at = now()
        address = read_address(request.args)
        if wants_json():
            return self._as_json(address, seen_at.isoformat())
        for name in address.wrong:
            said = {"name": str(FILTERS[name]), "value": request.args[name]}
            flash(
                _("The filter “%(name)s” was left out: %(value)s does not fit.") % said, "warning"
            )
        account_id = current_viewer().account_id or 0
        found = waiting_for(db.session(), account_id, today(), address.wanted, MOST + 1)
        whole = address.group != "cadre" and not address.wanted.is_group
        items = items_of(db.session(), found[:MOST], grouped=whole)
        items, numbers = arranged(items, address.group)
        total = f"{MOST}+" if len(found) > MOST else str(len(found))
        return self._show(address, items, numbers, total)

    def _as_json(self, address: Address, seen_at: str) -> ResponseReturnValue:
        if address.wrong:
            name = address.wrong[0]
            return json_error(_("The filter “%(name)s” means nothing.", name=name), 422, field=name)
        account_id = current_viewer().account_id or 0
        found = waiting_for(db.session(), account_id, today(), address.wanted)
        flags = [{"flag": each.id, "why": each.why.why} for each in found]
        return jsonify({"flags": flags, "seen_at": seen_at})

    def _show(
        self, address: Address, items: Sequence[Item], numbers: Mapping[Any, int], total: str
    ) -> str:
        position = _position(items, address.flag)
        is_open = position is not None
        at = address.page if position is None else position // PAGE_SIZE
        shown = items[at * PAGE_SIZE : (at + 1) * PAGE_SIZE]
        under = headings(shown, address.group, numbers)
        lines = [line for each in under for line in each.lines]
        if position is None:
            singles = (each for each, item in enumerate(shown) if not item.in_group)
            position = next((at * PAGE_SIZE + each for each in singles), None)
        flag_id = None if position is None else items[position].ids[0]
        named = looked_up(address)
        return self.render(
            "inbox/inbox.html",
            address=address,
            list_url=inbox_url(address),
            headings=under,
            has_lines=bool(lines),
            total=total,
            is_open=is_open,
            flag_id=flag_id,
            inbox=self._place(address, items, lines, position, total),
            url_of=lambda line: url_of_line(address, line),
            previous_page=inbox_url(address, page=at - 1) if at else None,
            next_page=inbox_url(address, page=at + 1) if items[(at + 1) * PAGE_SIZE :] else None,
            filters=choices(),
            filter_names=FILTERS,
            looked_up=named,
            chips=list(chips(address, named)),
            grouped_by=GROUPED_BY,
            verbs=verbs_for_lines(lines),
            group_title=group_title(address, len(items)),
            **own_phrases(),
            **self._flag(flag_id),
        )

    def _place(
        self,
        address: Address,
        items: Sequence[Item],
        lines: Sequence[Line],
        position: int | None,
        total: str,
    ) -> Place:
        singles = [item.ids[0] for item in items if not item.in_group]
        if position is None:
            return Place(address.query, None, None, None, 0, total)
        at = singles.index(items[position].ids[0])
        after = singles[at + 1] if at + 1 < len(singles) else None
        urls = [url_of_line(address, line) for line in lines]
        shown = [line.item.ids[0] for line in lines]
        own = shown.index(items[position].ids[0])
        return Place(
            address.query,
            after,
            urls[own - 1] if own > 0 else None,
            urls[own + 1] if own + 1 < len(urls) else _url_of_next(address, after),
            at + 1,
            total,
        )

    def _flag(self, flag_id: int | None) -> dict[str, Any]:
        """What the parts of a flag's page are given."""
        if flag_id is None:
            return {"flag": None}
        standing = standings_of([flag_id])[flag_id]
        shown = flag_page(standing.row, installed(), standing)
        return {"drawn": drawn(FLAG_COURSE, standing), **shown}

    # --- many -------------------------------------------------------------------------------------

    @page("/chosen/<verb>", methods=("POST",))
    def chosen_view(self, verb: str) -> ResponseReturnValue:
        """Ask once for what a verb on many flags must be given, naming them as they were seen."""
        found = verb_for_many(verb) or abort(404)
        address = read_query(request.form.get("inbox", ""))
        chosen: list[Chosen] = chosen_for_many(request.form, address)
        if not chosen:
            flash(_("No flag was chosen."), "warning")
            return redirect(inbox_url(address), code=303)
        return self.render(
            "inbox/many.html",
            heading=ngettext(
                "%(word)s: %(num)d flag", "%(word)s: %(num)d flags", len(chosen), word=found.word
            ),
            verb=found,
            chosen=chosen,
            asks=asked_for_many(found),
            address=address,
            back=inbox_url(address),
            **own_phrases(),
        )

    # --- own phrases ------------------------------------------------------------------------------

    @page("/phrases")
    def phrases_view(self) -> ResponseReturnValue:
        """Show the viewer's phrases."""
        return self.render("inbox/phrases.html", **own_phrases())

    @page("/phrases/keep", methods=("POST",))
    def keep_view(self) -> ResponseReturnValue:
        """Keep a phrase."""
        keep(request.form.get("text", ""))
        return redirect(self.get_url(".phrases_view"), code=303)

    @page("/phrases/<int:phrase_id>/drop", methods=("POST",))
    def drop_view(self, phrase_id: int) -> ResponseReturnValue:
        """Drop a phrase."""
        begin_storing(db.session())
        if not drop_phrase(current_viewer().actor, db.session(), phrase_id, at=now()):
            db.session.rollback()
            abort(404)
        db.session.commit()
        return redirect(self.get_url(".phrases_view"), code=303)


def _position(items: Sequence[Item], flag_id: int | None) -> int | None:
    found = (at for at, item in enumerate(items) if not item.in_group and item.ids[0] == flag_id)
    return next(found, None)


def url_of_line(address: Address, line: Line) -> str:
    """Return the address of a line: the flag beside the list, or the flags of a group."""
    if line.group is None:
        return inbox_url(address, line.flag_id)
    key = line.item.key
    of_group = {"rule": key.rule, "place": line.group, "day": key.day.isoformat()}
    return inbox_url(Address({**address.filters, **of_group}))


def _url_of_next(address: Address, after: int | None) -> str | None:
    return None if after is None else inbox_url(address, after)
