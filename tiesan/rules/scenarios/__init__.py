"""The scenario tests of rule files: a small world, a fixed day, the flags expected."""
