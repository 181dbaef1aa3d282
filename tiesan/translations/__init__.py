"""The catalogues of texts, and the tool that builds them.

`parts/*.po` are the Chinese texts as people write them, plain pairs of `msgid` and `msgstr`, one
file per area. `libraries/<package>.po` are texts of a library that brings none. The compiled
catalogues, one folder per language, are built from both by `python -m tiesan.translations.build`.
"""
