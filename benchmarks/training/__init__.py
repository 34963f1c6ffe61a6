"""A whole training step, beside hand-written NumPy and PyTorch."""
