"""The `tiesan` command."""

def main() -> None:
    """Run the command."""
