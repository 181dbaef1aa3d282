"""What somebody was told: the bell of every page, the page of notifications, the choices."""
