"""From records to flags: collect facts, have them decided, reconcile what is stored."""
