"""Form 1: a record is wrong. The record itself is the fact that is decided about."""

from datetime import date

from tiesan.facts.kinds import Fact
from tiesan.rules.judging.forms.derived import Derived, Setting, decision, related_evidence
from tiesan.rules.tree import When


def derive_when(form: When, setting: Setting) -> Derived:
    """The records of the anchor's kind; a rule counts from the day that its flag occurred on."""
    world = setting.world
    occurred = setting.binding.getter(setting.rule.occurred_on, setting.rule.shape)
    until = world.judged_until if form.next_day else world.as_of

    def counted_from(fact: Fact) -> date | None:
        day = occurred(fact)
        return day if day is not None and day <= until else None

    anchor = form.anchor
    return Derived(
        batch=anchor.kind,
        facts=world.of_kind(anchor.kind),
        decision=decision(setting, anchor.where, anchor.related, counted_from),
        counted_from=counted_from,
        evidence=related_evidence(setting, anchor.related),
    )
