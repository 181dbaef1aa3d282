"""User names and passwords as they are compared: without letters' case and width."""

import unicodedata


def folded(username: str) -> str:
    """Return a user name as it is compared: without what letters' case and width tell apart."""
    plain = unicodedata.normalize("NFKC", username).casefold()
    return unicodedata.normalize("NFKC", plain)
