"""Fact kinds and their fields: what a rule may look at. Pure: no Flask, no SQLAlchemy, no clock."""
