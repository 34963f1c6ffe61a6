"""Search for the hyperparameters of a network that reads handwritten digits: the learning rate first.

    python examples/search_digits.py --jobs 2

Each finished trial is written to out/search.jsonl: stop the program at any moment, start it again, and it goes on. The
pictures go to out/, too. Needs scikit-learn for the digits, joblib for several trials at a time, and Matplotlib.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import matplotlib as mpl

import nn

OUT = Path(__file__).resolve().parents[1] / "out"


def main() -> None:
    """Search on train and dev, then judge the best network, once, on test."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--jobs", type=int, default=1, help="how many trials at a time; -1 is one for each core"
    )
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args()
    mpl.use("agg")
    X, y = nn.load_digits()
    train, dev, test = nn.train_dev_test_split(X, y, rng=0)
    start = time.perf_counter()
    result = nn.search.mlp_search(
        train,
        dev,
        trials=(10, 15, 10),
        epochs=options.epochs,
        rng=0,
        n_jobs=options.jobs,
        resume=OUT / "search.jsonl",
        progress=True,
    )
    print(result.table(top=10))
    print(f"{len(result)} trials in {time.perf_counter() - start:.1f} s")
    if result.interrupted:
        print("Start the program again to go on.")
        return
    result.plot(OUT / "search.png")
    result.plot_curves(OUT / "search_curves.png")
    nn.search.plot_draws(
        {
            "drawn uniformly": nn.search.uniform(1e-4, 1),
            "drawn on a log scale": nn.search.log_uniform(1e-4, 1),
        },
        OUT / "search_scales.png",
    )
    model, _ = nn.search.train_mlp(
        result.best.params, train, dev, epochs=options.epochs, rng=result.best.seed
    )
    accuracy = nn.accuracy(nn.predict(model, test[0]), test[1])
    print(f"the best network: test accuracy {100 * accuracy:.2f} %; pictures in {OUT}")


if __name__ == "__main__":
    main()
