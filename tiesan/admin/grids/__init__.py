"""Grids: one form for a record and its rows, filled in for many at once."""
