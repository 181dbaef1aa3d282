"""What falls due with the days and nobody does: told once, whoever asks how often for it.

Each module says of one sort of thing what is to be told in a district on a day (``Telling``), from
what is stored and by the day alone; ``tiesan.notifications.daily`` writes it down. What was told
has a key, so that a second run on the same day, or the first after days on which nothing ran, tells
what was not told yet and nothing else.
"""
