"""The daily run: what is due stands in rows, and whoever runs it has claimed it first.

``jobs`` declares what there is to do and when; ``planning`` writes a row for what is due, one per
job, place and day; ``claims`` gives each row to one process at a time; ``runner`` runs what was
claimed in a child process (``child``), watched over by ``watching``. ``asking`` is how a person
has something done now. No function here asks the clock: the moment is an argument.
"""
