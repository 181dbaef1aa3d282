"""The engine: checked conditions, decided by durable_rules in a child process and checked.

    deciding    Engine.decide: puts batches before the child, compares, isolates what fails
    segments    facts of one batch, made ready for the wire, and the plain evaluator's answers
    related     facts of another kind that a rule joins, by key
    ruleset     rulesets of durable_rules with their limits, names and digests
    lower       a condition as constant terms over slots
    formulas    those terms and what they are joined by
    slots       what a fact carries on the wire
    names       names that the engine's 32-bit hash tells apart
    process     the parent's side of the child process; pipes: bytes through its pipes
    child       the child itself, the only module that imports durable_rules_engine

The engine is not trusted: what it answers is compared with the plain evaluator of `tiesan.rules`,
and a rule about which they disagree is not evaluated.
"""
