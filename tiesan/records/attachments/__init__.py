"""Attachments: files that people send with what they write.

``content`` tells by its bytes what a file is and makes of it what may be kept: ``pictures`` are
decoded and written anew, of ``documents`` the packages are looked into. ``store`` keeps contents
below the instance folder, ``models`` and ``services`` who sent them and what they hang on.
"""
