"""Merging two entries of one person, and undoing it (``people.merges`` is what it leaves)."""
