"""Organizations, cadres and accounts."""
