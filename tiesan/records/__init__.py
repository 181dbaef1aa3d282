"""Activity records: their base, their kinds, the exchange of files, and the services that write."""
