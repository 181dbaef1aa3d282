"""Waivers: the list of both kinds, the page of a standing one, granting it, its end."""
