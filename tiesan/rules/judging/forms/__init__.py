"""The four forms: from the facts of a world to the facts that a rule decides about."""
