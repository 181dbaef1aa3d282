"""Lists of rows: columns, filters, look-ups, exports."""
