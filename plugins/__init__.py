"""The built-in plugins of tiesan, one folder per institution."""
