"""What somebody owes, as a list with one button each: on the first page and on its own."""
