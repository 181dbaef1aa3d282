"""Switching plugins on and off. The caller commits.

Off hides a plugin's rules and its pages in the navigation; its records stay facts, so that an
approved leave still excuses.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from tiesan.audit import Actor, Subject, record_entry
from tiesan.records.pending import await_districts
from tiesan.records.settings import PluginState


def switch_plugin(
    actor: Actor, session: Session, name: str, *, enabled: bool, at: datetime
) -> bool:
    """Switch an installed plugin on or off; returns whether that changed anything."""
    state = session.get(PluginState, name)
    if (state is None or state.enabled) == enabled:
        return False
    if state is None:
        state = PluginState(name=name)
        session.add(state)
    state.enabled, state.changed_at = enabled, at
    session.flush()
    verb = "switch plugin on" if enabled else "switch plugin off"
    record_entry(session, actor, verb, Subject("plugin", None, name), at=at)
    await_districts(actor, session, None, "plugin", at=at)
    return True
