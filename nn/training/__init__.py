"""Training: fit, its loop, and what goes with it.

Where what is:

| question | file |
|---|---|
| what `fit` and `evaluate` take, and in which order things happen | fit.py |
| an epoch, a batch, a step of the optimiser | loop.py |
| what a training under way consists of, and how it is written down and taken up again | training.py |
| what is refused before the first step | checks.py; what only the first batch can tell: first.py |
| loss, accuracy, metrics and gradient norms of an epoch | measure.py |
| the numbers of all epochs, as lists, as a table and as a picture | history.py, plot.py |
| what is called between the steps, early stopping | callbacks.py |
| a price on large weights, shorter weights; bounded gradients | regularise.py; clip.py |
| checkpoints: when one is written, and which stay | saving.py (how one is written: nn/checkpoint) |
| what a resumed training is told of its settings | settings.py |
| the random generators that a checkpoint keeps | generators.py |
| Ctrl-C; the progress bar | interrupt.py; progress.py |
"""
