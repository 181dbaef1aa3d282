"""The forms of a request: what a record should say, filled with what it says, or with the wish."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

from flask import request
from wtforms import BooleanField

from tiesan.admin.forms.inputs import Needed, RecordForm, form_class
from tiesan.admin.records.forms import reason_input
from tiesan.admin.records.with_files import offer_files
from tiesan.errors import UserError
from tiesan.facts.kinds import Field
from tiesan.i18n import _, _l
from tiesan.records.base import Record
from tiesan.records.corrections import CorrectionRequest
from tiesan.records.kinds import fact_kind
from tiesan.reviews.correcting import correctable, typed, wished_of
from tiesan.words.audit import kept_words

# Before the name of a record's field, so that none is taken for what a request itself is given.
BEFORE = "to_"


@dataclass(frozen=True, slots=True)
class Wish:
    """A field that should say something else, in words."""

    label: str
    before: str
    after: str


def wishes_in_words(asked: CorrectionRequest, model: type[Record] | None) -> list[Wish]:
    """Return what is wished, with what the record said when it was asked for."""
    fields = {} if model is None else fact_kind(model).by_name
    return [
        Wish(
            str(fields[name].label) if name in fields else name,
            kept_words(fields.get(name), before),
            kept_words(fields.get(name), after),
        )
        for name, (before, after) in asked.wished.items()
    ]


def asking_form(record: Record) -> RecordForm:
    """Return the form of a request about a record, filled with what it says now."""
    form = _of_fields(correctable(type(record)))
    form.text = reason_input(_l("What is wrong, and how you know"), Needed())
    form.voids = BooleanField(_l("This record should not be there at all"))
    offer_files(form)
    said = {BEFORE + each.name: getattr(record, each.name) for each in correctable(type(record))}
    return form(data=said)


def granting_form(asked: CorrectionRequest, record: Record) -> RecordForm:
    """Return the form of the edit: the wished values and the reason are filled in."""
    wished = typed(type(record), wished_of(asked))
    form = _of_fields([each for each in correctable(type(record)) if each.name in wished])
    form.reason = reason_input(_l("Reason for the change"))
    values = {BEFORE + name: value for name, value in wished.items()}
    return form(data=values | {"reason": asked.text})


def _of_fields(fields: Sequence[Field]) -> type[RecordForm]:
    return form_class([replace(each, name=BEFORE + each.name) for each in fields], {})


def plain_wishes(form: RecordForm) -> dict[str, Any]:
    """Return the plain values that a form sends, by the names of the record's fields."""
    sent = {
        name: value for name, value in typed_values(form).items() if BEFORE + name in request.form
    }
    return {name: _plain(value) for name, value in sent.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | time) else value


def typed_values(form: RecordForm) -> dict[str, Any]:
    """Return the values of a form as the services take them, by the record's fields."""
    return {
        name.removeprefix(BEFORE): each.data
        for name, each in form._fields.items()
        if name.startswith(BEFORE)
    }


def problems_of(form: RecordForm) -> dict[str, UserError]:
    """Return what is wrong with the values of a form, by the names of the record's fields."""
    return {
        name.removeprefix(BEFORE): UserError(str(texts[0]))
        for name, texts in form.errors.items()
        if name and name.startswith(BEFORE)
    }


def now_said(record: Record, name: str) -> str:
    """Return what is said below an input of the edit: what the record says now."""
    field = fact_kind(type(record)).by_name[name.removeprefix(BEFORE)]
    value = kept_words(field, _plain(getattr(record, field.name)))
    return _("Now: %(value)s", value=value)
