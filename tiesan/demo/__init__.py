"""Fictitious districts with believable records, for trying the application and for measuring it."""
