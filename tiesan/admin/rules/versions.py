"""Versions of rules: writing a text, trying it, publishing it; and letting go what is halted."""

from flask import abort, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select, true

from tiesan.access.installation import installed
from tiesan.access.viewer import current_viewer
from tiesan.admin.courses.pages import CoursePages
from tiesan.admin.rules.form.changes import changed_text
from tiesan.admin.rules.form.page import shaped
from tiesan.admin.rules.making import asked_test
from tiesan.admin.rules.reading import reading_of, words_of_text
from tiesan.admin.rules.templates_of import (
    EXAMPLES,
    FORMS,
    example_text,
    free_id,
    template_text,
)
from tiesan.admin.rules.trial import carry_out_trial, trial_page
from tiesan.admin.rules.tried import tried_page
from tiesan.admin.shell.consequences import evaluate_saved
from tiesan.admin.shell.pages import Entry, Page, page
from tiesan.clock import now, today
from tiesan.courses.errors import Changed, CourseError, Wrong
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.flags.catalog import Catalog
from tiesan.flags.halts import RuleHalt, let_go
from tiesan.flags.versions import RuleVersion
from tiesan.i18n import _, _l, current_language
from tiesan.records.policy import ADMINISTRATORS
from tiesan.rulebook.course import RULE_COURSE
from tiesan.rulebook.texts import shipped_text, side_by_side, text_in_force
from tiesan.scheduler.models import OVER, JobRun

_WRITE, _EDIT = "write", "edit"


class RuleVersionView(CoursePages, Page):
    """What administrators of the whole installation write and publish."""

    course = RULE_COURSE
    row_name = "rule_version"
    roles = ADMINISTRATORS
    place = "rules"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Versions of rules"), endpoint="rule_version", url="/rule-versions")

    def is_accessible(self) -> bool:
        """Whether the viewer administers the whole installation, for which rules hold."""
        return current_viewer().administers_all

    def entries(self) -> list[Entry]:
        """Return nothing: they are found at their rules."""
        return []

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the versions that the viewer may see: all."""
        return true()

    def heading(self, version: RuleVersion) -> str:
        """Return what a page about a version is headed by."""
        return f"{version.rule} · {_('Version %(number)d', number=version.number)}"

    @page("/")
    def index_view(self) -> ResponseReturnValue:
        """Lead to the book."""
        return redirect(self.get_url("rule.index_view"))

    @page("/new", methods=("GET", "POST"))
    def new_view(self) -> ResponseReturnValue:
        """Show an editor with the text to start from, or store a draft."""
        if request.method == "POST":
            return self._verb(_WRITE, None)
        catalog, like = installed(), request.args.get("like", "")
        if like in catalog.rules:
            rule_id = free_id(_taken(catalog), catalog.rules[like].plugin)
            worked_out = text_in_force(db.session(), catalog, like) or ""
            return self._editor(rule_id, example_text(worked_out, rule_id), None)
        rule_id = request.args.get("rule", "").strip() or free_id(_taken(catalog))
        text = text_in_force(db.session(), catalog, rule_id)
        form = request.args.get("form", "when")
        return self._editor(rule_id, text or template_text(form, rule_id), None)

    @page("/test")
    def test_view(self) -> ResponseReturnValue:
        """Show an editor with one more test in the text, made of a flag or of an answer."""
        asked = asked_test()
        if asked.refused:
            flash(asked.refused, "error")
            return redirect(asked.back, code=303)
        return self._editor(asked.rule_id, asked.text, asked.draft)

    @page("/<int:id>")
    def details_view(self, id: int) -> ResponseReturnValue:
        """Show a version: what it says, what is wrong, what it would do, what can be done."""
        version = self._version(id)
        catalog = installed()
        base = base_of(version)
        return self.render(
            "rules/version.html",
            version=version,
            heading=self.heading(version),
            reading=reading_of(catalog, version.rule, version.text),
            drawn=self.drawn(version),
            base_words=words_of_text(catalog, version.rule, base) if base else [],
            compared=side_by_side(base, version.text) if base else [],
            run=run_of(version),
            trial=trial_page(version),
            known_rules=catalog.rules,
        )

    @page("/<int:id>/text")
    def text_view(self, id: int) -> ResponseReturnValue:
        """Show the editor of a draft."""
        version = self._version(id)
        return self._editor(version.rule, version.text, version)

    @page("/<int:id>/record")
    def record_view(self, id: int) -> ResponseReturnValue:
        """Try a version on a record that is picked, and show what it says of its tests."""
        version = self._version(id)
        back = self.get_url(".details_view", id=id)
        return self.render(
            "rules/tried.html", heading=self.heading(version), back=back, **tried_page(version)
        )

    @page("/read", methods=("POST",))
    def read_view(self) -> ResponseReturnValue:
        """Say what a text says and what is wrong with it, while it is being written."""
        rule_id, text = request.form.get("rule", ""), request.form.get("yaml", "")
        reading = reading_of(installed(), rule_id, text.replace("\r\n", "\n"))
        return jsonify({"html": self.render("rules/reading.html", reading=reading)})

    @page("/shape", methods=("POST",))
    def shape_view(self) -> ResponseReturnValue:
        """Change a text as an input of its form says; answer with the text, its form and words."""
        catalog, rule_id = installed(), request.form.get("rule", "")
        text, wrong = changed_text(request.form, catalog.kinds)
        reading = reading_of(catalog, rule_id, text)
        form = shaped(text, catalog.kinds, reading, today().isoformat())
        shown = self.render("rules/form.html", form=form, wrong=wrong)
        said = self.render("rules/reading.html", reading=reading)
        return jsonify({"yaml": text, "form": shown, "html": said})

    @page("/<int:id>/trial", methods=("POST",))
    def trial_view(self, id: int) -> ResponseReturnValue:
        """Begin a trial, or stop the one that runs."""
        typed = carry_out_trial(self._version(id))
        return redirect(self.get_url(".details_view", id=id, **typed), code=303)

    @page("/halts/<int:id>", methods=("POST",))
    def halt_view(self, id: int) -> ResponseReturnValue:
        """Let a halted rule judge again."""
        begin_storing(db.session())
        halt = db.session.get(RuleHalt, id)
        if halt is None:
            abort(404)
        rule_id = halt.rule
        try:
            let_go(current_viewer().actor, db.session(), halt, at=now())
            db.session.commit()
        except UserError as error:
            db.session.rollback()
            flash(error.lines[0], "error")
        else:
            evaluate_saved()
        return redirect(self.get_url("rule.details_view", rule_id=rule_id), code=303)

    def _version(self, version_id: int) -> RuleVersion:
        return db.session.get(RuleVersion, version_id) or abort(404)

    def _editor(
        self,
        rule_id: str,
        text: str,
        version: RuleVersion | None,
        *,
        wrong: CourseError | None = None,
        stored: str | None = None,
    ) -> ResponseReturnValue:
        """The editor; ``stored`` is what somebody else has stored meanwhile."""
        reading = reading_of(installed(), rule_id, text)
        shown = self.render(
            "rules/editor.html",
            rule_id=rule_id,
            text=text,
            version=version,
            seen=None
            if version is None
            else self._standings([version.id])[version.id].seen(self.course),
            wrong=wrong,
            reading=reading,
            form=shaped(text, installed().kinds, reading, today().isoformat()),
            compared=side_by_side(stored, text) if stored is not None else [],
            is_new=rule_id not in installed().rules,
            starts=_starts(),
        )
        return shown, 200 if wrong is None else wrong.status

    def _answer_refused(
        self, error: UserError, verb: str, row_id: int | None
    ) -> ResponseReturnValue:
        """Answer as every course does; what was written comes back with what is wrong with it."""
        if isinstance(error, Wrong | Changed) and verb in {_WRITE, _EDIT}:
            db.session.rollback()
            version = None if row_id is None else self._version(row_id)
            rule_id = request.form.get("rule", "") if version is None else version.rule
            changed = isinstance(error, Changed) and version is not None
            return self._editor(
                rule_id,
                request.form.get("yaml", "").replace("\r\n", "\n"),
                version,
                wrong=error,
                stored=version.text if changed and version is not None else None,
            )
        return super()._answer_refused(error, verb, row_id)


def base_of(version: RuleVersion) -> str:
    """The text that a version would take the place of, or took: the version before, or as shipped.

    Blank for the first text of a rule of the house.
    """
    statement = (
        select(RuleVersion.text)
        .where(RuleVersion.rule == version.rule, RuleVersion.number < version.number)
        .where(RuleVersion.state == "published")
        .order_by(RuleVersion.number.desc())
        .limit(1)
    )
    return db.session.scalar(statement) or shipped_text(installed(), version.rule) or ""


def run_of(version: RuleVersion) -> JobRun | None:
    """The trial of a version that is not over, if there is one."""
    if version.try_token is None:
        return None
    statement = select(JobRun).where(JobRun.asked == version.try_token)
    run = db.session.scalars(statement).one_or_none()
    return None if run is None or run.state in OVER else run


def _starts() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """What a new rule may start from: each form with its word, and its examples with titles."""
    known, language = installed().rules, current_language()
    return [
        (
            form,
            str(word),
            [
                (each, known[each].title.in_language(language))
                for each in EXAMPLES[form]
                if each in known
            ],
        )
        for form, (word, _said) in FORMS.items()
    ]


def _taken(catalog: Catalog) -> set[str]:
    """The ids of all rules, and of those of which there are drafts alone."""
    return {*catalog.rules, *db.session.scalars(select(RuleVersion.rule).distinct())}
