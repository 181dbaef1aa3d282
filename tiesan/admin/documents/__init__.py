"""Sheets that are printed, and documents that are downloaded."""
