"""The inbox: the flags that wait for a reviewer, and what can be done with them."""
