"""Pages of figures: the overview, and the year of a cadre as a table."""
