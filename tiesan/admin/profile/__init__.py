"""What somebody may see and change of their own account."""
