"""Invitations: made for an account, and opened by whoever it is for."""
