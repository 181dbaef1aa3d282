"""Things in words: values, rows, flags, evidence, history, in the language of the reader."""
