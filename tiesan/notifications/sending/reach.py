"""Which hosts may be spoken to, and how their certificates are checked."""

import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be spoken to: ``only`` these hosts; None: whatever host a way names.

    ``instead`` and ``trusted`` are for whoever tries ways out without leaving the machine: another
    address for a host, and a certificate to be trusted. The product gives neither.
    """

    only: Collection[str] | None = None
    instead: Mapping[str, str] = field(default_factory=dict)
    trusted: str | None = None
    seconds: float = 10.0

    def may_reach(self, host: str) -> bool:
        """Whether a host may be spoken to."""
        return self.only is None or host.partition(":")[0].lower() in self.only

    def context(self) -> ssl.SSLContext:
        """Return how certificates are checked: always, by whom the machine trusts."""
        return ssl.create_default_context(cafile=self.trusted)
