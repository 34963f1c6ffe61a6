"""The operations, one family per file."""
