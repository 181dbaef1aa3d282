"""Ways out of the house: which there are, whom they reach, what is to be sent, and what came of it.

``schemes`` is the closed list of ways; ``ways`` and ``addresses`` keep what administrators and
persons entered, with what is secret sealed (``sealing``); ``queue`` writes a row for each sending;
``taking`` gives each to one process at a time; ``working`` sends them, in a child process of the
scheduler. Only what is below ``speaking`` imports the library that speaks to servers.

Source: the page on what leaves the house, "Notices".
"""
