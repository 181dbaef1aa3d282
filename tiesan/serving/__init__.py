"""Serving the application: one process or several, and what is watched while requests run."""
