"""Courses: what goes through states, as data, and the one function that carries a verb out.

A course never evaluates: whoever carries a verb out evaluates, after the commit, what the answer
says that the row concerns.
"""
