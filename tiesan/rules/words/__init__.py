"""A rule in plain words, in the language of the reader."""
