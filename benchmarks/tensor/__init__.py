"""What one tensor operation costs beside the array itself."""
