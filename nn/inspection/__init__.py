"""Looking into a network and its training: the table of layers, signals, what a history says."""
