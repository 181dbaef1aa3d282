"""The views that a plugin names, loaded and checked when the pages are made."""

from typing import Any

from tiesan.admin.records.view import RecordView
from tiesan.contract import POLICY_ALONE
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.plugin import Plugin, load_named


def views_of(plugin: Plugin) -> tuple[type[RecordView[Any]], ...]:
    """The views of a plugin in navigation order, each of one of its own records.

    Raises UserError with one line when they cannot be loaded or are something else.
    """
    offered = load_named(plugin, "views")
    if offered is None:
        return ()
    if not isinstance(offered, tuple) or not all(map(_is_view, offered)):
        raise UserError(_refusal(plugin, _("they are no tuple of subclasses of RecordView")))
    shown = [view.record for view in offered]
    for record in shown:
        if record not in plugin.records:
            text = _("“%(kind)s” is no kind of its own records")
            raise UserError(_refusal(plugin, text % {"kind": record.record_kind.name}))
        if shown.count(record) > 1:
            text = _("“%(kind)s” has more than one")
            raise UserError(_refusal(plugin, text % {"kind": record.record_kind.name}))
    for view in offered:
        _refuse_second_policy(plugin, view)
    return offered


def _refuse_second_policy(plugin: Plugin, view: type[RecordView[Any]]) -> None:
    """Refuse a view that states who may do what: its record does, and a second place forgets."""
    own = view.__mro__[: view.__mro__.index(RecordView)]
    stated = {name for each in own for name in vars(each)}
    for name in sorted(stated & (POLICY_ALONE | {"policy"})):
        text = _("that of “%(kind)s” states “%(field)s”, which the policy of the record says")
        named = {"kind": view.record.record_kind.name, "field": name}
        raise UserError(_refusal(plugin, text % named))


def _is_view(offered: object) -> bool:
    return (
        isinstance(offered, type)
        and issubclass(offered, RecordView)
        # The class of what is still to be subclassed is of no kind of record.
        and hasattr(offered, "record")
    )


def _refusal(plugin: Plugin, problem: str) -> str:
    text = _("Plugin %(name)s: its views (%(where)s): %(problem)s")
    return text % {"name": plugin.name, "where": plugin.views, "problem": problem}
