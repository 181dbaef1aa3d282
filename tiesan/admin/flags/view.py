"""Flags: the list, and a page for each. Evaluations and reviews write them, nobody edits them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import abort, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import selectinload
from werkzeug.datastructures import MultiDict

from tiesan.access.criterion import flags_in_scope, readable_rows
from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.admin.courses.filters import StateFilter
from tiesan.admin.courses.offers import drawn
from tiesan.admin.courses.pages import CoursePages
from tiesan.admin.documents.sheets import Sheet
from tiesan.admin.flags.answer import flag_as_json
from tiesan.admin.flags.lines import GRAVEST
from tiesan.admin.flags.own import AT_HOME
from tiesan.admin.flags.page import flag_page
from tiesan.admin.inbox.address import back_in_inbox, chosen_by_filter, next_in_inbox
from tiesan.admin.inbox.phrases import keep_sent_phrase, own_phrases
from tiesan.admin.lists.columns import Column
from tiesan.admin.lists.filters import (
    PREFIX,
    ChoiceFilter,
    DateFilter,
    Filter,
    LookupFilter,
    with_below,
)
from tiesan.admin.lists.lookups import CodeLookup, Lookup
from tiesan.admin.lists.view import ListView
from tiesan.admin.shell.answers import wants_json
from tiesan.admin.shell.pages import page
from tiesan.clock import today
from tiesan.courses.many import Named, Results
from tiesan.courses.values import Done
from tiesan.flags.models import Flag
from tiesan.i18n import LANGUAGES, _, _l, current_language
from tiesan.people.models import Cadre, Organization
from tiesan.records.kinds import table_of
from tiesan.records.policy import EVERYBODY
from tiesan.reviews.flag_course import FLAG_COURSE
from tiesan.reviews.lapsed import as_it_stands
from tiesan.rules import FLAG, REVIEW_LABELS, SEVERITY_LABELS
from tiesan.words.flags import (
    message_of,
    organization_name,
    rule_title,
    severity_badge,
    standing_badges,
    subject_name,
)
from tiesan.words.values import day

_CADRE = table_of(Cadre)
_CLEARED, _ALL = "cleared", "all"


class FlagView(CoursePages, ListView):
    """The flags that the viewer may see: active ones unless others are asked for."""

    course = FLAG_COURSE
    row_name = FLAG.name
    model_class = Flag
    roles = EVERYBODY
    place = "all flags"
    list_template = "flags/list.html"
    details_template = "flags/flag.html"
    searched = ("key", "message_zh", "message_en", "cadre.name", "organization.name")
    file_name = "flags"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Flags"), "flag", "/flags")

    def make_columns(self) -> Iterable[Column]:
        """Return the columns of the list."""
        severity, message, subject, organization, occurred_on, review, *_others = _COLUMNS
        return (severity, message, subject, organization, occurred_on, review)

    def exported_columns(self) -> Sequence[Column]:
        """Return the columns of an export: further ones as well."""
        return _COLUMNS

    def make_lookups(self) -> dict[str, Lookup]:
        """Return the look-ups of the filters."""
        return {
            "cadre": Lookup("cadre", Cadre, lambda: readable_rows(Cadre)),
            "organization": Lookup(
                "organization", Organization, lambda: readable_rows(Organization)
            ),
            # The inbox names them by their codes, which an address can be read by.
            "cadre_code": CodeLookup("cadre_code", Cadre, lambda: readable_rows(Cadre)),
            "organization_code": CodeLookup(
                "organization_code", Organization, lambda: readable_rows(Organization)
            ),
        }

    def make_filters(self) -> Iterable[Filter]:
        """Return the filters of the list."""
        return (
            ChoiceFilter("state", _l("State"), _states, _in_state),
            ChoiceFilter("severity", _l("Severity"), lambda: _words(SEVERITY_LABELS),
                         lambda value: Flag.severity == value),
            StateFilter(FLAG_COURSE, "review", _l("Review")),
            ChoiceFilter("institution", _l("Institution"), _institutions,
                         lambda value: Flag.rule.startswith(f"{value}.", autoescape=True)),
            ChoiceFilter("rule", _l("Rule"), _rules, lambda value: Flag.rule == value),
            LookupFilter("organization", _l("Organization and below"),
                         self.lookups["organization"], _of_organization),
            LookupFilter("cadre", _l("Cadre"), self.lookups["cadre"],
                         lambda value: Flag.cadre_id == value),
            DateFilter("occurred_on_from", _l("Occurred from"), "date",
                       lambda value: Flag.occurred_on >= value),
            DateFilter("occurred_on_to", _l("Occurred until"), "date",
                       lambda value: Flag.occurred_on <= value),
        )  # fmt: skip

    @property
    def linked_column(self) -> str:
        """The column whose cells lead to the flag's page."""
        return "message"

    def default_choice(self, filter: Filter) -> str:
        """Return what a filter of choices says while it is not set: of states, active ones."""
        return _("Active") if filter.key == "state" else super().default_choice(filter)

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the flags that the viewer may see."""
        return flags_in_scope(current_viewer())

    def shown(self) -> ColumnElement[bool] | None:
        """Show active flags, unless the address says which."""
        return None if request.args.get(f"{PREFIX}state") else Flag.active.is_(True)

    def get_query(self) -> Any:
        """Return the query of the list, with whom the flags speak of."""
        cadre = selectinload(Flag.cadre).selectinload(Cadre.organization)
        return super().get_query().options(cadre, selectinload(Flag.organization))

    def matching(self, word: str) -> Iterable[ColumnElement[bool]]:
        """Find flags by the title of their rule as well, in whichever language."""
        wanted = word.casefold()
        found = [
            rule.id
            for rule in installed().rules.values()
            if any(wanted in rule.title.in_language(each).casefold() for each in LANGUAGES)
        ]
        return (Flag.rule.in_(found),)

    def _apply_sorting(self, query: Any, joins: Any, sort_column: Any, sort_desc: Any) -> Any:
        """Sort by gravity, not by the spelling of the severity; gravest and newest first."""
        if sort_column is None:
            query = query.order_by(GRAVEST.desc(), Flag.occurred_on.desc(), Flag.id.desc())
        elif sort_column == "severity":
            gravest = GRAVEST.desc() if sort_desc else GRAVEST
            query = query.order_by(gravest, Flag.occurred_on.desc(), Flag.id.desc())
        else:
            return super()._apply_sorting(query, joins, sort_column, sort_desc)
        return query, joins

    def heading(self, flag: Flag) -> str:
        """Return what a page about a flag is headed by."""
        return message_of(flag)

    @page("/<int:id>")
    @page("/details/")
    def details_view(self, id: int | None = None) -> ResponseReturnValue:
        """Show a flag: what it says, why, since when, where it stands, and what can be done."""
        flag = self.row_or_404() if id is None else self.get_one(id) or abort(404)
        if wants_json():
            return jsonify(flag_as_json(flag, self._standings([flag.id])[flag.id]))
        standing = self._standings([flag.id])[flag.id]
        shown = flag_page(flag, installed(), standing)
        phrases = own_phrases()
        return self.render(
            self.details_template, drawn=drawn(self.course, standing), **phrases, **shown
        )

    @page("/<int:id>/sheet")
    def sheet_view(self, id: int) -> ResponseReturnValue:
        """Show a flag as the sheet for a talk (谈话), to be printed."""
        flag = self.get_one(id) or abort(404)
        shown = flag_page(flag, installed(), self._standings([flag.id])[flag.id])
        sheet = Sheet(_("Case sheet for a talk"), shown["organization"], today())
        return self.render("documents/flag_sheet.html", sheet=sheet, **shown)

    # --- verbs, from here and from the inbox ------------------------------------------------------

    def named(self, form: MultiDict[str, str]) -> list[Named]:
        """Return the flags that a form names one by one, or by a filter of the inbox."""
        if "filter" not in form:
            return super().named(form)
        return chosen_by_filter(form["filter"], form.get("seen_at"))

    def _answer_many(self, verb: str, results: Results) -> ResponseReturnValue:
        answer = super()._answer_many(verb, results)
        keep_sent_phrase()
        return answer

    def _answer_done(self, done: Done, row_id: int) -> ResponseReturnValue:
        answer = super()._answer_done(done, row_id)
        keep_sent_phrase()
        return answer

    def way_on(self, row_id: int) -> str:
        """Go on to the next flag who came from the inbox, and back who came from their own."""
        if "own" in request.values:
            at_home = request.values["own"] == AT_HOME
            return url_for("admin.index" if at_home else "own_flags.index_view")
        return next_in_inbox() or super().way_on(row_id)

    def way_back(self, row_id: int | None) -> str:
        """Return to the inbox who came from there."""
        return back_in_inbox(row_id) or super().way_back(row_id)


def _title(flag: Flag) -> str:
    return rule_title(installed(), flag.rule)


def _severity(flag: Flag) -> str:
    return severity_badge(flag.severity)


def _severity_word(flag: Flag) -> str:
    return str(SEVERITY_LABELS[flag.severity])


def _review_word(flag: Flag) -> str:
    return str(REVIEW_LABELS[as_it_stands(flag, today()).review])


def _badges(flag: Flag) -> str:
    return standing_badges(as_it_stands(flag, today()))


def _state_word(flag: Flag) -> str:
    return _("Active") if flag.active else _("Cleared")


def _occurred(flag: Flag) -> str:
    return day(flag.occurred_on)


def _occurred_on(flag: Flag) -> date:
    return flag.occurred_on


def _key(flag: Flag) -> str:
    return flag.key


_COLUMNS = (
    Column("severity", _l("Severity"), _severity, _severity_word, "severity", "state"),
    Column("message", _l("Finding"), message_of, message_of, style="long", under=_title),
    Column("subject", _l("Subject"), subject_name, subject_name, style="name"),
    Column("organization", _l("Organization"), organization_name, organization_name, style="place"),
    Column("occurred_on", _l("Occurred on"), _occurred, _occurred_on, "occurred_on", "date"),
    Column("review", _l("Review"), _badges, _review_word, "review", "state"),
    Column("state", _l("State"), _state_word, _state_word),
    Column("rule", _l("Rule"), _title, _title, "rule"),
    Column("key", _l("Key"), _key, _key),
)


def _words(labels: Mapping[str, str]) -> dict[str, str]:
    return {str(value): str(label) for value, label in labels.items()}


def _states() -> dict[str, str]:
    return {_CLEARED: _("Cleared"), _ALL: _("All")}


def _in_state(value: str) -> ColumnElement[bool]:
    return Flag.active.in_([False] if value == _CLEARED else [True, False])


def _institutions() -> dict[str, str]:
    return {plugin.name: str(plugin.title) for plugin in installed().plugins}


def _rules() -> dict[str, str]:
    language = current_language()
    return {rule.id: rule.title.in_language(language) for rule in installed().rules.values()}


def _of_organization(organization_id: int) -> ColumnElement[bool]:
    inside = with_below(organization_id)
    cadres = select(_CADRE.c.id).where(_CADRE.c.organization_id.in_(inside))
    return or_(Flag.organization_id.in_(inside), Flag.cadre_id.in_(cadres))
