"""Working days, periods and deadlines: pure functions of dates, no database and no clock."""
