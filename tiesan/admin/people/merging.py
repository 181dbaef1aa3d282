"""Merging two entries of one person, looking at a merge, and undoing it."""

from collections.abc import Iterable, Sequence

from flask import abort, flash, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import ColumnElement, func, select

from tiesan.access.criterion import AS_THEY_ARE
from tiesan.access.installation import installed, rule_problems
from tiesan.access.merging import bar_to_merging, bar_to_undoing, mergeable_cadres
from tiesan.access.of_people import visible_cadres
from tiesan.access.viewer import current_viewer
from tiesan.admin.core.sending import Asks, Sending, send
from tiesan.admin.core.view import REASON, CoreView
from tiesan.admin.forms.asking import asking
from tiesan.admin.forms.inputs import LookupField, Needed, RecordForm, made_form
from tiesan.admin.forms.sending import sent_once
from tiesan.admin.lists.lookups import Lookup
from tiesan.admin.people.announcing import Announcing
from tiesan.admin.records.forms import reason_input
from tiesan.admin.records.storing import refuse_stale, with_version
from tiesan.admin.shell.consequences import follow, refuse_own, watch_own_flags
from tiesan.admin.shell.pages import page, page_asked
from tiesan.clock import now
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.flags.models import Flag
from tiesan.i18n import _, _l
from tiesan.merging.flags import MERGED
from tiesan.merging.services import Merging, merge_cadres
from tiesan.merging.undoing import undo_merge
from tiesan.people.merges import CadreAlias, CadreMerge
from tiesan.people.models import Account, Cadre
from tiesan.records.kinds import table_of
from tiesan.words.merges import effect_of, state_of, what_went_along
from tiesan.words.rows import Block, Entry, link_to
from tiesan.words.values import moment

_OTHER = "merged"


class MergingPages(CoreView[Cadre]):
    """The pages of cadres on which entries are merged and separated again."""

    def lookup_of_merging(self) -> dict[str, Lookup]:
        """Return the look-up of the entry that goes."""
        return {_OTHER: Lookup(_OTHER, Cadre, mergeable_cadres)}

    def matching(self, word: str) -> Iterable[ColumnElement[bool]]:
        """Return the condition that a person is known by a code of a merged entry."""
        alias = table_of(CadreAlias)
        known = select(alias.c.cadre_id).where(alias.c.code.icontains(word, autoescape=True))
        return [Cadre.id.in_(known)]

    @page("/merge/", methods=("GET", "POST"))
    def merge_view(self) -> ResponseReturnValue:
        """Merge another entry of the same person into this one, after telling what it does."""
        kept = self.row_or_404()
        if not self.may_change(kept) or bar_to_merging(kept) is not None:
            abort(403)
        form = self._merge_form(kept)
        if form.validate_on_submit():
            stored = send(Sending(
                "cadre merge", form, lambda: self._merge(kept, form), lambda: _asks(kept, form)
            ))  # fmt: skip
            if stored is not None:
                if not stored.before:
                    flash(_("The entries were merged."), "success")
                return follow(stored.run_id, self.get_url(".details_view", id=kept.id))
        heading = _("Merge another entry into %(who)s", who=kept.name)
        return self.render("people/merge.html", form=form, row=kept, heading=heading)

    def _merge_form(self, kept: Cadre) -> RecordForm:
        other = LookupField(
            _l("The other entry, which goes"), self.lookups[_OTHER], validators=[Needed()]
        )
        inputs = {_OTHER: other, REASON: reason_input(_l("Reason"), Needed())}
        return with_version(asking(sent_once(made_form(inputs))), kept)()

    def _merge(self, kept: Cadre, form: RecordForm) -> CadreMerge:
        values = form.values()
        other: Cadre = values[_OTHER]
        refuse_stale(form, kept)
        bar = bar_to_merging(kept, other)
        if bar is not None:
            raise UserError(bar)
        watched = watch_own_flags()
        merging = Merging(kept, other, values[REASON] or "", installed().plugins.records)
        merge = merge_cadres(current_viewer().actor, db.session(), merging, at=now())
        refuse_own(watched)
        return merge

    @page("/merged/", methods=("GET", "POST"))
    def merged_view(self) -> ResponseReturnValue:
        """Show a merge; undo it, with a reason."""
        merge = _merge_or_404()
        bar = bar_to_undoing(merge)
        form = asking(sent_once(made_form({REASON: reason_input(_l("Reason"), Needed())})))()
        if form.validate_on_submit():
            if bar is not None:
                abort(403)
            stored = send(Sending("undo merge", form, lambda: self._undo(merge, form)))
            if stored is not None:
                if not stored.before:
                    flash(_("The merge was undone: %(code)s is an entry again.", code=merge.code),
                          "success")  # fmt: skip
                address = self.get_url(".details_view", id=merge.kept_id)
                return follow(stored.run_id, address)
        return self.render(
            "people/merged.html",
            form=form,
            merge=merge,
            bar=bar,
            blocks=[Block("", list(_facts(merge)))],
            heading=_("%(code)s was merged into %(kept)s", code=merge.code, kept=merge.kept.code),
        )

    def _undo(self, merge: CadreMerge, form: RecordForm) -> CadreMerge:
        watched = watch_own_flags()
        reason = form.values()[REASON] or ""
        records = installed().plugins.records
        undo_merge(
            current_viewer().actor, db.session(), merge, records=records, at=now(), reason=reason
        )
        back = db.session.get_one(Cadre, merge.merged_id)
        if (bar := bar_to_merging(back)) is not None:
            raise UserError(bar)
        refuse_own(watched)
        return merge

    def merges_of(self, row: Cadre) -> list[Block]:
        """Return the entries that were merged into one, with links for who administers it."""
        statement = select(CadreMerge).where(CadreMerge.kept_id == row.id).order_by(CadreMerge.id)
        entries = [self._entry(each) for each in db.session.scalars(statement)]
        return [Block(_("Merged entries"), entries)] if entries else []

    def _entry(self, merge: CadreMerge) -> Entry:
        url = self.get_url(".merged_view", id=merge.id)
        return Entry(f"{merge.code} {merge.name}", linked(state_of(merge), url))


def linked(text: str, url: str) -> str:
    """Return a text that leads to an address."""
    return Markup('<a href="{}">{}</a>').format(url, text)


def _merge_or_404() -> CadreMerge:
    """The merge that the address names, of a cadre whom the viewer may see and administer."""
    text = request.args.get("id", "")
    number = page_asked(text)
    statement = (
        select(CadreMerge)
        .join(Cadre, Cadre.id == CadreMerge.kept_id)
        .where(CadreMerge.id == number, visible_cadres(current_viewer()), mergeable_cadres())
    )
    return db.session.scalars(statement).one_or_none() or abort(404)


def _asks(kept: Cadre, form: RecordForm) -> Asks[CadreMerge]:
    """Return what says what a merge does, once it is done in the transaction."""
    other: Cadre = form[_OTHER].data
    announcing = None
    if not rule_problems():
        places = [kept.organization, other.organization]
        announcing = Announcing(kept, places, [other], tells_duties=True)

    def asks(merge: CadreMerge) -> Sequence[str]:
        found = select(Account).where(Account.cadre_id == kept.id)
        account = db.session.scalars(found, execution_options=AS_THEY_ARE).one_or_none()
        given_up = db.session.get(Account, merge.given_up_id) if merge.given_up_id else None
        lines = effect_of(merge, kept, account, given_up, _twins(merge))
        return [*lines, *([] if announcing is None else announcing(kept))]

    return asks


def _twins(merge: CadreMerge) -> int:
    """How many flags that the viewer may see were cleared because both entries had them."""
    cleared = (
        select(func.count())
        .select_from(Flag)
        .where(
            Flag.cadre_id == merge.kept_id,
            Flag.cleared_reason == MERGED,
            Flag.cleared_at == merge.at,
        )
    )
    return db.session.scalar(cleared) or 0


def _facts(merge: CadreMerge) -> list[Entry]:
    return [
        Entry(_("Entry that went"), f"{merge.name} ({merge.code})"),
        Entry(_("Entry kept"), link_to(merge.kept)),
        Entry(_("What went along"), what_went_along(merge.counts), wide=True),
        Entry(_("Reason"), merge.reason, wide=True),
        Entry(_("When"), moment(merge.at)),
        Entry(_("Who"), merge.actor_name),
        Entry(_("State"), state_of(merge), wide=True),
    ]
