"""Retention: kinds of what is removed after some months, as data, and the job that removes it.

Records and flags are never removed: a missing row of attendance is an absence.
"""
