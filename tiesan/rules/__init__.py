"""The rules language: reading, checking, evaluating in plain Python, explaining, testing.

Pure: no Flask, no SQLAlchemy, no clock. Source: the rules language as described in docs/.
"""
