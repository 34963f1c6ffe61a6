"""Looking into a network and its training: the table of its layers (summary.py), how signals and gradients come
through it (signals.py), how a learning curve runs (trend.py), and what to try first (diagnose.py).
"""
