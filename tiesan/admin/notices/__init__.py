"""Rectification notices, and what followed a flag on its page, on that of a case, and at home."""
