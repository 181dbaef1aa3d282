"""Activity records become facts, rules look at facts, hits become flags, people review them."""
