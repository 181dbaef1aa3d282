"""Activity records: lists, forms and pages of each kind."""
