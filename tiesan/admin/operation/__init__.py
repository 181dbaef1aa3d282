"""Operation: what the daily run did, does and will do."""
