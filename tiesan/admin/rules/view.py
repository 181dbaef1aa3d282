"""Rules: the list by institution, and a page for each with its parameters over time."""

from typing import Any

from flask import abort, current_app, flash, redirect, request
from flask.typing import ResponseReturnValue

from tiesan.access.inquiring import INQUIRING
from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.admin.core.sending import Sending, Stored, send
from tiesan.admin.forms.inputs import RecordForm
from tiesan.admin.rules.book import rule_lines
from tiesan.admin.rules.effect import effect_failed, effect_of, effect_run
from tiesan.admin.rules.page import final_parameters, is_found, rule_page, unpublished
from tiesan.admin.rules.reminding import asks_for_something, days_sent, told_before
from tiesan.admin.rules.setting import ALSO, EFFECT, MORE, list_form, parameter_form
from tiesan.admin.shell.consequences import follow
from tiesan.admin.shell.navigation import switched_off
from tiesan.admin.shell.pages import Page, page
from tiesan.clock import now
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.flags.services import set_shared_parameter
from tiesan.i18n import _, _l, current_language
from tiesan.notifications.rule_days import set_days
from tiesan.records.policy import EVERYBODY
from tiesan.records.settings import RuleParameterValue
from tiesan.rulebook.effects import Proposal, ask_effect, proposal_of
from tiesan.rules import Rule
from tiesan.scheduler.runner import Runner


class RuleView(Page):
    """The rules of all institutions that are switched on."""

    roles = EVERYBODY
    place = "rules"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Rules"), endpoint="rule", url="/rules")

    @page("/")
    def index_view(self) -> ResponseReturnValue:
        """List the rules by institution."""
        catalog, off = installed(), switched_off()
        asked = request.args.get("search", "").strip()
        writes = current_viewer().administers_all
        lines_of = rule_lines(catalog, changes=writes)
        institutions = [
            (str(plugin.title), [lines_of(rule) for rule in _found(plugin.name, asked)])
            for plugin in catalog.plugins
            if plugin.name not in off
        ]
        found = [(title, lines) for title, lines in institutions if lines]
        return self.render(
            "rules/list.html",
            institutions=found,
            asked=asked,
            writes=writes,
            drafts=unpublished() if writes else [],
        )

    @page("/<rule_id>/")
    def details_view(self, rule_id: str) -> ResponseReturnValue:
        """Show a rule."""
        return self._shown(_rule_or_404(rule_id), None)

    @page("/<rule_id>/parameter", methods=("POST",))
    def parameter_view(self, rule_id: str) -> ResponseReturnValue:
        """Give a parameter a value from a day on, and evaluate every district anew."""
        rule = _rule_or_404(rule_id)
        if not may_set_parameters() or not rule.parameters:
            abort(403)
        form = _sent_form(rule)
        if MORE in request.form:
            return self._shown(rule, form)
        if EFFECT in request.form:
            return self._effect_asked(rule, form)
        stored = _set(rule, form) if form.validate_on_submit() else None
        if stored is None:
            return self._shown(rule, form)
        if not stored.before:
            flash(_("The value was set."), "success")
        return follow(stored.run_id, self.get_url(".details_view", rule_id=rule.id))

    def _effect_asked(self, rule: Rule, form: RecordForm) -> ResponseReturnValue:
        run_id = _ask(rule, form) if form.validate_on_submit() else None
        if run_id is None:
            return self._shown(rule, form)
        runner: Runner = current_app.extensions["runner"]
        runner.call_for(run_id, current_app.config["PATIENCE_SECONDS"])
        return redirect(self.get_url(".effect_view", rule_id=rule.id, run_id=run_id), code=303)

    @page("/<rule_id>/reminder", methods=("POST",))
    def reminder_view(self, rule_id: str) -> ResponseReturnValue:
        """Set how many working days before its due date it is told what a rule asks for."""
        rule = _rule_or_404(rule_id)
        if not may_set_parameters() or not asks_for_something(rule):
            abort(403)
        begin_storing(db.session())
        try:
            set_days(current_viewer().actor, db.session(), rule.id, days_sent(), at=now())
            db.session.commit()
            flash(_("The working days were set."), "success")
        except UserError as error:
            db.session.rollback()
            flash(str(error), "error")
        return redirect(self.get_url(".details_view", rule_id=rule.id), code=303)

    @page("/<rule_id>/effect/<int:run_id>")
    def effect_view(self, rule_id: str, run_id: int) -> ResponseReturnValue:
        """Show what a value would change, beside the form that sets it."""
        rule = _rule_or_404(rule_id)
        if not may_set_parameters():
            abort(403)
        run = effect_run(run_id, rule.id) or abort(404)
        proposal = proposal_of(run.given)
        parameter = final_parameters(rule).get(proposal.name) or abort(404)
        made = list_form(rule, parameter, installed()) if parameter.is_list else None
        form = (made or parameter_form(rule, installed()))(data=_values_of(proposal))
        return self.render(
            "rules/effect.html",
            rule=rule,
            title=rule.title.in_language(current_language()),
            parameter=parameter,
            proposal=proposal,
            form=form,
            run=run,
            failed=effect_failed(run),
            effect=effect_of(run, installed()),
        )

    def _shown(self, rule: Rule, sent: RecordForm | None) -> ResponseReturnValue:
        forms = _forms(rule, sent) if may_set_parameters() else {}
        return self.render(
            "rules/rule.html",
            form=forms.pop("", None),
            lists=forms,
            told_before=told_before(rule),
            sets_reminder=may_set_parameters(),
            writes=current_viewer().administers_all,
            inquires=current_viewer().has(INQUIRING),
            **rule_page(rule, installed()),
        )


def may_set_parameters() -> bool:
    """Whether the viewer administers the whole installation, for which parameters hold."""
    return current_viewer().administers_all


def _forms(rule: Rule, sent: RecordForm | None) -> dict[str, RecordForm]:
    """The forms of a rule's lists by name, and under "" that of its other parameters.

    The one that was ``sent`` and comes back is among them.
    """
    final = final_parameters(rule)
    forms = {
        name: list_form(rule, each, installed())() for name, each in final.items() if each.is_list
    }
    if len(forms) < len(final):
        forms[""] = parameter_form(rule, installed())()
    if sent is not None:
        name = sent["name"].data
        forms[name if name in forms else ""] = sent
    return forms


def _sent_form(rule: Rule) -> RecordForm:
    """The form that was sent: that of a list, or that of all other parameters."""
    parameter = final_parameters(rule).get(request.form.get("name", ""))
    if parameter is None or not parameter.is_list:
        return parameter_form(rule, installed())()
    form = list_form(rule, parameter, installed())()
    if MORE in request.form:
        form["value"].free *= 4
    return form


def _set(rule: Rule, form: RecordForm) -> Stored | None:
    """Set a value; None, with the reason in the form, if it was refused."""

    def write() -> RuleParameterValue:
        return set_shared_parameter(
            current_viewer().actor,
            db.session(),
            installed(),
            rule=rule.id,
            now=now(),
            **_given(form),
        )

    return send(Sending("parameter", form, write, refused=_refused))


def _ask(rule: Rule, form: RecordForm) -> int | None:
    """Ask what a value would change; None, with the reason in the form, if it was refused."""
    session, proposal = db.session(), Proposal(rule.id, **_given(form))
    begin_storing(session)
    try:
        run = ask_effect(current_viewer().actor, session, installed(), proposal, now=now())
    except UserError as error:
        _refused(form, error)
        return None
    run_id = run.id
    session.commit()
    return run_id


def _given(form: RecordForm) -> dict[str, Any]:
    """What a form was given, by the names of services."""
    values = form.values()
    return {**values, ALSO: tuple(values.get(ALSO) or ())}


def _values_of(proposal: Proposal) -> dict[str, Any]:
    """What a form is filled with, to set what was proposed."""
    named = ("name", "value", "valid_from", "reason")
    return {ALSO: list(proposal.also), **{name: getattr(proposal, name) for name in named}}


def _refused(form: RecordForm, error: UserError) -> None:
    db.session.rollback()
    form["value"].errors = [*form["value"].errors, *error.lines]


def _rule_or_404(rule_id: str) -> Rule:
    rule = installed().rules.get(rule_id)
    return abort(404) if rule is None or rule.plugin in switched_off() else rule


def _found(plugin: str, asked: str) -> list[Rule]:
    """The rules of an institution in which a text is found, if one is asked for."""
    catalog = installed()
    of_plugin = [rule for rule in catalog.rules.values() if rule.plugin == plugin]
    return [rule for rule in of_plugin if not asked or is_found(rule, catalog, asked)]
