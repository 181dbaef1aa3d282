"""What keeps an installation alive: backups, their restoring, and what a doctor looks at."""
