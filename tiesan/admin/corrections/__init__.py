"""Requests to correct a record about oneself: asking, and deciding."""
