"""Requests: what the viewer has asked for, what waits for them, and whom they have named deputy."""
