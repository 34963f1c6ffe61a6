"""Data on its way to a network: mini-batches, a split into train / dev / test, and scaling.

Randomness comes only from `rng=` (a seed or a NumPy Generator), never from NumPy's global state.
"""

from .loader import DataLoader
from .scale import MinMax, Scaler, Standardiser
from .split import k_fold, train_dev_test_split

__all__ = ["DataLoader", "MinMax", "Scaler", "Standardiser", "k_fold", "train_dev_test_split"]
