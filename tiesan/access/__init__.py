"""Who may do what with which rows; asked below the pages, never in one."""
