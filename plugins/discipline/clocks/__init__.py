"""Attendance from clocks: what their files look like, what is read of them, what rows follow."""
