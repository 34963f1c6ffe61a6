"""Training: fit, its loop, and what goes with it."""
