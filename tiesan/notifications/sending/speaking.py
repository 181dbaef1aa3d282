"""Speaking: a text goes out by a way, once, and what is known of it comes back.

This module and what it imports are loaded by the process that sends, and by nobody else.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tiesan.notifications.sending.letters import speak_by_mail
from tiesan.notifications.sending.outcome import Outcome
from tiesan.notifications.sending.reach import Reach
from tiesan.notifications.sending.robots import ROBOTS
from tiesan.notifications.sending.saying import Text, shortened
from tiesan.notifications.sending.schemes import SCHEMES, Fields

# These write addresses into their logs, and addresses hold keys.
_TALKATIVE = ("apprise", "urllib3", "requests")


@dataclass(frozen=True, slots=True)
class Route:
    """Where a text goes: the scheme, all fields of the way, and the person's address if any.

    What of it is secret never shows, not even where an error shows its values.
    """

    scheme: str
    fields: Mapping[str, str]
    address: str = ""

    def __repr__(self) -> str:
        """Return the scheme."""
        return f"Route({self.scheme})"

    def hidden(self) -> list[str]:
        """Return what must be in no answer that is kept."""
        secret = {field.name for field in SCHEMES[self.scheme].fields if field.secret}
        return [self.address, *(value for name, value in self.fields.items() if name in secret)]


class Speaker:
    """Speaks to what it may reach."""

    def __init__(self, reach: Reach) -> None:
        """Take what may be reached; what the libraries say of it is silenced."""
        self._reach = reach
        for name in _TALKATIVE:
            logging.getLogger(name).disabled = True
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)

    def speak(self, route: Route, text: Text) -> Outcome:
        """Send a text once; raises nothing for whatever the other side does."""
        short = shortened(text)
        return self._spoken(route, short).without(route.hidden())

    def _spoken(self, route: Route, text: Text) -> Outcome:
        reach = self._reach_of(route)
        robot = ROBOTS.get(route.scheme)
        if robot is None:
            return speak_by_mail(route.fields, route.address, text, reach)
        return robot.speak(route.fields, route.address, text, reach)

    def _reach_of(self, route: Route) -> Reach:
        """What may be reached for this way: its own hosts, and of these what is allowed."""
        hosts: Fields = route.fields
        own = {host.partition(":")[0] for host in SCHEMES[route.scheme].hosts(hosts)}
        only = self._reach.only
        return replace(self._reach, only=own if only is None else own & set(only))
