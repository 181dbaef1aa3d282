"""Rules: the list and the page of each."""
