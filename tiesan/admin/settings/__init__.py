"""What holds for the installation: calendar exceptions, the audit trail."""
