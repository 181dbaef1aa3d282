"""The exchange of records in files: CSV folders and workbooks in, out, and an empty template."""
