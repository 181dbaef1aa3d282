"""Ways out as administrators set them up, and what was sent by them."""
