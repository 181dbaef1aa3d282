"""Imports of everything that travels in files: read, previewed, tried, stored, undone, in a child.

What is read and planned, and every word of what is wrong, is that of `tiesan import`.
"""
