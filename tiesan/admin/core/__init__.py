"""Rows of the core: what organizations, cadres and settings have in common."""
