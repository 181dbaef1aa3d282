"""Flags that are raised and cleared: whom they concern is told, once, and of no confidential one."""
