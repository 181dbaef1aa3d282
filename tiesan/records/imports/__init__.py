"""Imports in the browser: what was brought in, by whom, what it wrote, and how it is undone."""
