"""Forms: inputs made from the fields of a class."""
