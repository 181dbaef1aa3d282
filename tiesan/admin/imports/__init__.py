"""Pages on which files are brought in: sent, previewed, stored, undone, and listed."""
