"""The scalar engine beside micrograd."""
