"""Pages about what is kept of persons: one's own data, retention, and what is kept at all."""
